import { AuthError } from '../base/errors.js'

/** Builds the error of a login without a response in time. A server that does not know the redirect URI only tells the user. */
export function buildTimeout(redirectUri: string): AuthError {
  return new AuthError(
    'timeout',
    `no response in time: check that "clientId" and "redirectUri" (${redirectUri}) are registered and the callback page is served there`,
  )
}
