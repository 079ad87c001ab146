import { AuthError, type AuthErrorDetails } from './errors.js'

/** Builds the error for a clock that is this many seconds ahead of the server's; a negative number means that it is behind. */
export function buildClockError(seconds: number, advice: string, details?: AuthErrorDetails): AuthError {
  const direction = seconds > 0 ? 'ahead of' : 'behind'
  return new AuthError(
    'clock_skew',
    `this clock is ${Math.abs(seconds)} s ${direction} the server's: ${advice}`,
    details,
  )
}
