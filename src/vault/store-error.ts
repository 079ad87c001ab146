import { AuthError } from '../base/errors.js'

/** Builds the error of a call that needs the refresh token while the store fails or does not respond. */
export function buildStoreError(): AuthError {
  return new AuthError(
    'vault_unavailable',
    'the store of the refresh token does not work at the moment: try again',
  )
}
