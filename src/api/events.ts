import type { AuthError } from '../base/errors.js'

/** Things worth a line in a log or a devtools panel. No event carries a token, code, verifier or key. */
export type AuthEvent =
  /** A token was renewed: with the refresh token, by hidden iframe, or taken over from another tab. */
  | { type: 'renewed'; via: 'refresh' | 'iframe' | 'tab' }
  /** A renewal failed; `retryable` errors leave the session as it was. */
  | { type: 'renewal_failed'; error: AuthError }
  /** The store failed or hung and memory took its place: a reload will not find the session. */
  | { type: 'store_failed'; message: string }
  /** The window of a login was cut off from this page (COOP); the callback page is used from now on. */
  | { type: 'popup_cut_off' }
  /** A login failed after its answer came: the same error that `login()` rejects with, or that nobody waits for any more. */
  | { type: 'login_failed'; error: AuthError }
  /** What a logout left undone at the server: revocation or the end of the session there. */
  | { type: 'logout_incomplete'; error: AuthError }
