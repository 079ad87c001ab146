import type { LoggedRequest } from './request-log.js'

/** Tells whether a request sends a refresh token to the token endpoint. */
export const isRefresh = ({ params }: LoggedRequest): boolean => params['grant_type'] === 'refresh_token'

/** Tells whether an authorization request may show nothing to the user. */
export const isSilent = ({ params }: LoggedRequest): boolean => params['prompt'] === 'none'
