import { AuthError } from '../base/errors.js'

/** Builds the error of a login that got no answer in time. A server that does not know the redirect URI shows that to the user alone. */
export function buildTimeout(redirectUri: string): AuthError {
  return new AuthError(
    'timeout',
    `no answer in time: are "clientId" and "redirectUri" (${redirectUri}) registered, and is the callback page served there?`,
  )
}
