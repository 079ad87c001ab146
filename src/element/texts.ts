import type { AuthError, AuthErrorCode } from '../base/errors.js'

/** The texts of the button, by the name of the slot that overrides them. */
export const texts = {
  'log-in': 'Log in',
  'log-out': 'Log out',
  'show-window': 'Show window',
  cancel: 'Cancel',
  opening: 'Opening the login page',
  waiting: 'Continue in the login window',
  redeeming: 'Logging you in',
  'logged-in': 'Logged in',
  'logged-out': 'Logged out',
  'session-lost': 'Your session has ended',
} as const

/** The name of a text and of its slot. */
export type TextName = keyof typeof texts

/** Texts for errors that users can act on. The messages of the errors themselves are for developers. */
const errorTexts: Partial<Record<AuthErrorCode, string>> = {
  access_denied: 'Login was declined.',
  popup_blocked: 'Your browser blocked the login window. Allow pop-ups and try again.',
  popup_closed: 'The login window was closed before login finished.',
  network_error: 'Could not reach the login server. Try again.',
  timeout: 'Login took too long. Try again.',
}

/** Describes an error for the user; `name` is the name of its slot. Without a text of its own, an error is shown with its code. */
export function describeError(error: Error | AuthError): { name: string; text: string } {
  const { code, message, retryable } = error as AuthError
  const text = code && errorTexts[code]
  return {
    name: `error-${code}`,
    text: text ?? `Login failed (${code ?? message}).${retryable ? ' Try again.' : ''}`,
  }
}
