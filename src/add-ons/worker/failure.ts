import { AuthError } from '../../base/errors.js'
import { isAuthError } from '../../base/is-auth-error.js'
import type { Failure } from './messages.js'

/** Turns what a call rejected with into plain data. The stack stays in the worker. */
export function encodeFailure(error: unknown): Failure {
  if (!isAuthError(error)) return { message: `${error}` }
  const { message, code, error: sent, error_description, status, retryAfter, cause } = error
  const { authError: _, ...fields } = cause ?? {}
  return { message, code, details: { error: sent, error_description, status, retryAfter, cause: fields } }
}

/** Restores the error of a call. */
export function decodeFailure({ message, code, details }: Failure): Error {
  return code ? new AuthError(code, message, details) : new Error(message)
}
