import { AuthError } from '../base/errors.js'

/** Builds the error of a call that needs the refresh token while the store fails or does not respond. */
export function buildStoreError(): AuthError {
  return new AuthError(
    'vault_unavailable',
    'the store that holds the refresh token does not respond: try again',
  )
}
