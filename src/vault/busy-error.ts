import { AuthError } from '../base/errors.js'

/** Builds the error of a call that would have to wait for another tab. */
export function buildBusyError(): AuthError {
  return new AuthError('busy', 'another tab is still renewing the token: try again')
}
