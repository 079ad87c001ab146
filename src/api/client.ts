import type { Claims } from './claims.js'
import type { LoginOptions } from './login-options.js'
import type { LogoutOptions } from './logout-options.js'
import type { State } from './state.js'
import type { TokenOptions } from './token-options.js'
import type { TokenSet } from './token-set.js'

/** The client of one app at one authorization server. */
export interface Client {
  /**
   * Resolves with the first state after `loading`, within 3 s where no redirect login came back; that one is finished by
   * then, and its failure is in `state.error`, as `login` names it, or `unknown_transaction`: an answer that this tab does not
   * know, or too late. Stays pending without a page (SSR). Rejects with `client_closed`.
   *
   * @example
   * const state = await auth.ready()
   * if (state.status === 'logged-out' && state.error) console.warn(state.error.message)
   */
  ready(): Promise<State>
  /**
   * Logs the user in. Call it from a click or key handler, before any `await`: browsers allow a window only then. Always
   * settles: with the state, with one `AuthError`, or with `signal.reason`.
   *
   * Rejects with what happens on the way: `popup_blocked`, `popup_closed`, `popup_cut_off`, `redirect_not_left`,
   * `storage_unavailable`, `frame_silent`, `timeout`, `network_error`, `discovery_failed`; with what the server says:
   * `access_denied`, `login_required`, `interaction_required`, `consent_required`, `account_selection_required`,
   * `unmet_authentication_requirements`, `invalid_request`, `invalid_scope`, `invalid_target`, `invalid_authorization_details`,
   * `invalid_client`, `invalid_grant`, `unauthorized_client`, `unsupported_response_type`, `unsupported_grant_type`,
   * `server_error`, `temporarily_unavailable`, or `authorization_failed` for an error that is registered nowhere; with what did
   * not pass a check: `invalid_response`, `invalid_id_token`, `invalid_token_response`, `clock_skew`; with `insecure_context`,
   * `no_window`, `client_closed`; with a `TypeError` for a wrong option.
   *
   * @example
   * button.onclick = () => auth.login().catch((error) => show(error.message))
   * @see RFC 6749 section 4.1, RFC 7636 section 4, OpenID Connect Core section 3.1
   */
  login(options?: LoginOptions): Promise<State>
  /**
   * Gets an access token that is good for `minValidity` seconds: from memory, from another tab, by refresh token or by
   * hidden iframe. Renews a session and never starts one; never navigates, never opens a window.
   *
   * Rejects with `login_required` (or `interaction_required`, `consent_required`: the server wants the user), `session_lost`,
   * `insufficient_scope`, `resource_not_requested`, `user_changed`, `clock_skew`; with one that is `retryable`, such as `busy`,
   * `timeout`, `network_error`, `frame_silent` or `temporarily_unavailable`, after which the session is as it was; with another
   * error of the server by its own name; with `insecure_context`, `no_window`, `client_closed`.
   *
   * @example
   * const token = await auth.getToken()
   * @see RFC 6749 section 6, RFC 8707 section 2.2
   */
  getToken(options?: TokenOptions): Promise<string>
  /**
   * Gets an access token as `getToken` does, with its type, end, scope and resource. Rejects as `getToken` does.
   *
   * @example
   * const { accessToken, expiresAt } = await auth.getTokenSet({ scope: 'orders:read' })
   * @see RFC 6749 section 5.1, RFC 9396 section 7
   */
  getTokenSet(options?: TokenOptions): Promise<TokenSet>
  /**
   * Returns the claims of the ID token, or null: nobody is logged in, or the login had no `openid`.
   *
   * @example
   * const name = auth.getUser()?.name ?? 'guest'
   * @see OpenID Connect Core section 2
   */
  getUser(): Claims | null
  /**
   * Returns the state, the same object as long as nothing changed.
   *
   * @example
   * const isLoggedIn = auth.getState().status === 'logged-in'
   */
  getState(): State
  /**
   * Calls back with each new state, not with the present one. Returns the function that ends it.
   *
   * @example
   * const stop = auth.subscribe((state) => show(state.status))
   */
  subscribe(listener: (state: State) => void): () => void
  /**
   * Fetches from one of the `apis`, with its token; after a 401 `invalid_token` once more with a fresh one (RFC 6750 section
   * 3.1; the API must expose `WWW-Authenticate`). Other answers come back untouched. Follows no redirect. Nothing is sent as
   * another user than the one who was logged in when it was called: `user_changed`.
   *
   * Rejects with `origin_not_allowed`, `redirect_refused`, whatever `getToken` rejects with, and whatever the browser's `fetch`
   * does; with `dpop()` also with `body_not_replayable`, with `stepUp` also with whatever `login` rejects with.
   *
   * @example
   * const response = await auth.fetch('https://api.example.com/orders')
   * @see RFC 6750 section 2.1, RFC 9449 section 7, RFC 9470 section 4
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>
  /**
   * Logs out: here and in every tab at once; then the refresh token is revoked, for 2 s at most; then the page goes to the
   * server's end-session endpoint, where it has one. What could not be done at the server is an event, `logout_incomplete`, no
   * rejection. Rejects with `insecure_context`, `no_window`, `client_closed`.
   *
   * @example
   * await auth.logout({ returnTo: '/goodbye' })
   * @see RFC 7009 section 2.1, OpenID Connect RP-Initiated Logout section 2
   */
  logout(options?: LogoutOptions): Promise<void>
  /**
   * Gets metadata, keys and PKCE ready, so that the next popup opens straight at the server. Good for one login.
   *
   * Rejects with `network_error`, `timeout`, `discovery_failed`, `server_error`, `temporarily_unavailable`, `insecure_context`,
   * `no_window` or `client_closed`.
   *
   * @example
   * button.onpointerenter = () => auth.prepare().catch(() => {})
   * @see RFC 8414 section 3, RFC 7636 section 4.1
   */
  prepare(): Promise<void>
  /**
   * Brings the window of a login under way back to the front, from a click or key handler; returns whether there is one. To
   * cancel the login instead, abort the `signal` that it was given.
   *
   * @example
   * button.onclick = () => auth.focusWindow() || auth.login()
   */
  focusWindow(): boolean
  /**
   * Removes every listener, timer, channel and frame and closes the store; pending and later calls reject with
   * `client_closed`. The session stays. A logout that has begun is finished first, the way to the server's page included.
   *
   * @example
   * auth.close()
   */
  close(): void
}
