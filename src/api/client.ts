import type { Claims } from './claims.js'
import type { LoginOptions } from './login-options.js'
import type { LogoutOptions } from './logout-options.js'
import type { State } from './state.js'
import type { TokenOptions } from './token-options.js'
import type { TokenSet } from './token-set.js'

/** A client of one authorization server. */
export interface Client {
  /**
   * Resolves with the first state after `loading`. This takes at most 3 s, unless the page was loaded by a returning redirect login.
   * That login is then complete. If it failed, `state.error` has the error, with the codes of `login`, or `unknown_transaction` if
   * this tab does not know the response or it came too late.
   *
   * Stays pending if there is no page (SSR, or a worker without `external()`). Rejects with `client_closed`.
   *
   * @example
   * const state = await auth.ready()
   * if (state.status === 'logged-out' && state.error) console.warn(state.error.message)
   */
  ready(): Promise<State>
  /**
   * Logs the user in. Call it in a click or key handler, before any `await`: browsers only open a popup then. The promise always
   * settles: it resolves with the state, or rejects with an `AuthError`, with `signal.reason`, or with a `TypeError` for an invalid
   * option.
   *
   * Rejects with `popup_blocked`, `popup_closed`, `popup_cut_off`, `external_failed`, `redirect_not_left`, `storage_unavailable`,
   * `frame_silent`, `timeout`, `network_error`, `discovery_failed` or `redirect_uri_shared` if the server cannot be reached or does not respond.
   *
   * Rejects with the error of the server: `access_denied`, `login_required`, `interaction_required`, `consent_required`,
   * `account_selection_required`, `unmet_authentication_requirements`, `invalid_request`, `invalid_scope`, `invalid_target`,
   * `invalid_authorization_details`, `invalid_client`, `invalid_grant`, `unauthorized_client`, `unsupported_response_type`,
   * `unsupported_grant_type`, `server_error`, `temporarily_unavailable`, or `authorization_failed` for any other.
   *
   * Rejects with `invalid_response`, `invalid_id_token`, `invalid_token_response` or `clock_skew` if a response fails a check, and
   * with `insecure_context`, `no_window` or `client_closed` if there is no usable page.
   *
   * @example
   * button.onclick = () => auth.login().catch((error) => show(error.message))
   * @see RFC 6749 section 4.1, RFC 7636 section 4, OpenID Connect Core section 3.1
   */
  login(options?: LoginOptions): Promise<State>
  /**
   * Returns an access token that is valid for at least `minValidity` seconds. Takes it from memory or from another tab if possible, and
   * otherwise renews it with the refresh token or a hidden iframe. Never starts a session, navigates or opens a window.
   *
   * Rejects with `login_required`, `interaction_required` or `consent_required` if the user has to log in again; with `session_lost`,
   * `insufficient_scope`, `resource_not_requested`, `user_changed` or `clock_skew`; with any other error of the server under its own
   * code; and with `insecure_context`, `no_window` or `client_closed`.
   *
   * Errors that are `retryable`, such as `busy`, `timeout`, `network_error`, `frame_silent`, `temporarily_unavailable` or
   * `vault_unavailable`, leave the session unchanged.
   *
   * @example
   * const token = await auth.getToken()
   * @see RFC 6749 section 6, RFC 8707 section 2.2
   */
  getToken(options?: TokenOptions): Promise<string>
  /**
   * Returns an access token like `getToken`, together with its type, expiry, scope and resource. Rejects like `getToken`.
   *
   * @example
   * const { accessToken, expiresAt } = await auth.getTokenSet({ scope: 'orders:read' })
   * @see RFC 6749 section 5.1, RFC 9396 section 7
   */
  getTokenSet(options?: TokenOptions): Promise<TokenSet>
  /**
   * Returns the claims of the ID token, or null if nobody is logged in or the login had no scope `openid`.
   *
   * @example
   * const name = auth.getUser()?.name ?? 'guest'
   * @see OpenID Connect Core section 2
   */
  getUser(): Claims | null
  /**
   * Returns the current state. The object stays the same until something changes.
   *
   * @example
   * const isLoggedIn = auth.getState().status === 'logged-in'
   */
  getState(): State
  /**
   * Calls the listener with every new state, but not with the current one. Returns a function that unsubscribes.
   *
   * @example
   * const stop = auth.subscribe((state) => show(state.status))
   */
  subscribe(listener: (state: State) => void): () => void
  /**
   * Fetches from one of the `apis` with an access token. Responses are returned as is, regardless of their status. Redirects are
   * not followed.
   *
   * If the API answers 401 with `invalid_token`, the request is sent once more with a new token (RFC 6750 section 3.1), unless the
   * rejected token was issued less than 10 s ago. For this the API must expose the `WWW-Authenticate` header.
   *
   * Rejects with `origin_not_allowed`, with `redirect_refused`, with the errors of `getToken` and of the browser's `fetch`, and with
   * `user_changed` if another user logs in before the request is sent. With `dpop()` it also rejects with `body_not_replayable`,
   * and with `stepUp` with the errors of `login`.
   *
   * @example
   * const response = await auth.fetch('https://api.example.com/orders')
   * @see RFC 6750 section 2.1, RFC 9449 section 7, RFC 9470 section 4
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>
  /**
   * Logs the user out in this tab and all others. Then revokes the refresh token, waiting at most 2 s, and navigates to the
   * end-session endpoint of the server if it has one. With a `redirectUri` of another origin, and in a worker, the function passed to
   * `external()` opens that endpoint instead.
   *
   * If a step at the server fails, the call does not reject: `onEvent` receives `logout_incomplete`. Rejects with
   * `storage_unavailable`, after all these steps, if the stored session could be neither ended nor removed, so that a reload would
   * restore it; and with `insecure_context`, `no_window` or `client_closed`.
   *
   * @example
   * await auth.logout({ returnTo: '/goodbye' })
   * @see RFC 7009 section 2.1, OpenID Connect RP-Initiated Logout section 2
   */
  logout(options?: LogoutOptions): Promise<void>
  /**
   * Prepares metadata, keys and PKCE, so that the next popup opens directly at the server. Call it before each login, for example
   * when the pointer enters the login button.
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
   * Focuses the popup of the pending login. Returns whether there is one. Call it in a click or key handler. To cancel the login
   * instead, abort its `signal`.
   *
   * @example
   * button.onclick = () => auth.focusWindow() || auth.login()
   */
  focusWindow(): boolean
  /**
   * Removes all listeners, timers, channels and frames, and closes the store. Pending and later calls reject with `client_closed`.
   * The session is kept. A logout that is in progress is completed, including the navigation to the server. It no longer waits for a
   * window of the host app (`external()`): it reports `logout_incomplete` instead.
   *
   * @example
   * auth.close()
   */
  close(): void
}
