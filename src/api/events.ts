import type { AuthError } from '../base/errors.js'

/** An event for logs or a devtools panel. Events never contain a token, code, verifier or key. */
export type AuthEvent =
  /** A token was renewed with the refresh token or a hidden iframe, or adopted from another tab. */
  | { type: 'renewed'; via: 'refresh' | 'iframe' | 'tab' }
  /** A renewal failed. `retryable` errors leave the session unchanged. */
  | { type: 'renewal_failed'; error: AuthError }
  /**
   * The store failed or did not respond, and memory replaces it until it works again. A reload before that loses the changes. Sent
   * once until the store has accepted a change.
   */
  | { type: 'store_failed'; message: string }
  /** COOP severed the popup of a login from this page. From now on the callback page is used. */
  | { type: 'popup_cut_off' }
  /**
   * A login failed after its response had arrived, in any mode. This is the error that `login()` rejects with, if the caller is
   * still waiting for it.
   */
  | { type: 'login_failed'; error: AuthError }
  /**
   * A logout could not be completed: the token was not revoked or the session at the server was not ended. With
   * `storage_unavailable`, the session stored here could be neither ended nor removed.
   */
  | { type: 'logout_incomplete'; error: AuthError }
