import type { AuthError, AuthErrorCode } from '../base/errors.js'

/** What the button says, each by the name of the slot that says it in other words. */
export const texts = {
  'log-in': 'Log in',
  'log-out': 'Log out',
  'show-window': 'Show window',
  cancel: 'Cancel',
  opening: 'Opening the login page',
  waiting: 'Waiting for you in the login window',
  redeeming: 'Logging you in',
  'logged-in': 'Logged in',
  'logged-out': 'Logged out',
  'session-lost': 'Your session has ended',
} as const

/** The name of a slot for a text. */
export type TextName = keyof typeof texts

/** What users can do something about, in their words; the messages of errors are for developers. */
const errorTexts: Partial<Record<AuthErrorCode, string>> = {
  access_denied: 'The login was declined.',
  popup_blocked: 'The browser blocked the login window. Allow it, and try again.',
  popup_closed: 'The login window was closed too early.',
  network_error: 'The login server cannot be reached. Try again.',
  timeout: 'The login took too long. Try again.',
}

/** Says what failed: in a sentence, with the code where there is no better one; `name` is that of its slot. */
export function describeError(error: Error | AuthError): { name: string; text: string } {
  const { code, message, retryable } = error as AuthError
  const text = code && errorTexts[code]
  return {
    name: `error-${code}`,
    text: text ?? `The login failed (${code ?? message}).${retryable ? ' Try again.' : ''}`,
  }
}
