import { AuthError, type AuthErrorCode } from '../base/errors.js'

/** Builds the error for what is wrong with one claim, parameter or field, by default that it is not what was asked for. */
export function refuse(
  code: AuthErrorCode,
  claim: string,
  message = `the response of the server ${code === 'user_changed' ? 'is about another user: unexpected' : 'has an unexpected'} "${claim}"`,
): AuthError {
  return new AuthError(code, message, { cause: { claim } })
}
