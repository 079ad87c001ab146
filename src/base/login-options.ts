/** Options of `login`. */
export interface LoginOptions {
  /**
   * `silent` starts a session from one at the server, by hidden iframe. `redirect` leaves the page: how it ended stands in
   * the state of the page that it comes back to.
   *
   * @default the client's `mode`
   */
  mode?: 'popup' | 'redirect' | 'silent'
  /** Space-separated scope in place of the client's. */
  scope?: string
  /** Resources (RFC 8707) in place of the client's. */
  resource?: string | string[]
  /** `login`, `consent`, `select_account`, `create` (OpenID Connect Core section 3.1.2.1). */
  prompt?: string
  /** Sent as `login_hint`. */
  loginHint?: string
  /** Sent as `ui_locales`. */
  uiLocales?: string
  /**
   * Sent as `acr_values`, space-separated (OpenID Connect Core section 3.1.2.1). A login whose ID token has none of them as `acr`
   * is refused: `unmet_authentication_requirements`.
   */
  acrValues?: string
  /** Sent as `max_age`, in seconds; `auth_time` of the ID token is checked against it. */
  maxAge?: number
  /** Sent as `claims` (OpenID Connect Core section 5.5). */
  claims?: object
  /** Sent as `authorization_details` (RFC 9396). */
  authorizationDetails?: object[]
  /** More authorization parameters beside the client's, which they replace by name. */
  params?: Record<string, string>
  /** Where a redirect login ends, same origin only. @default the current URL with query and hash */
  returnTo?: string | URL
  /** Anything that JSON can hold; stands in the state once the login is done. A redirect keeps it in `sessionStorage`. */
  appState?: unknown
  /** Cancels the login: closes its window and rejects with `signal.reason`. An answer that has already come is still redeemed. */
  signal?: AbortSignal
}
