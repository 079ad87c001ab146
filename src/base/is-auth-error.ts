import { AuthError, authErrorMark, type AuthErrorCause } from './errors.js'

/**
 * Tells whether a value is an `AuthError`, including one from another window or from a second copy of latchkey.
 *
 * Structured clones count too (`structuredClone`, `postMessage` to a worker or window). Browsers keep only the message, stack
 * and cause of a cloned error; this call restores the other fields.
 *
 * @example
 * import { isAuthError } from 'latchkey'
 * if (isAuthError(error) && error.code === 'popup_blocked') show('Please allow the window')
 */
export function isAuthError(value: unknown): value is AuthError {
  const error = value as { [authErrorMark]?: true; cause?: AuthErrorCause } | null | undefined
  if (error?.[authErrorMark] === true) return true
  const fields = error instanceof Error && error.cause?.authError
  // A frozen error cannot be restored.
  if (!fields || !Reflect.setPrototypeOf(error, AuthError.prototype)) return false
  Object.assign(error, { name: 'AuthError' }, fields)
  return true
}
