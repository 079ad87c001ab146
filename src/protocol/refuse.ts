import { AuthError, type AuthErrorCode } from '../base/errors.js'

/** Builds the error about one claim, parameter or field. By default, its value is not the expected one. */
export function refuse(
  code: AuthErrorCode,
  claim: string,
  message = `the response of the server ${code === 'user_changed' ? 'is about another user: unexpected' : 'has an unexpected'} "${claim}"`,
): AuthError {
  return new AuthError(code, message, { cause: { claim } })
}
