/** Options of `login`. */
export interface LoginOptions {
  /**
   * How this login goes about it. `silent` starts a session from one at the server, by hidden iframe. `redirect` leaves the
   * page: how it ended stands in the state of the page that it comes back to. `overlay` shows the server's page over this one, and
   * is a `TypeError` where the client has no `overlay` (`latchkey/overlay`).
   *
   * `popup` rejects with `popup_blocked`, `popup_closed`, `popup_cut_off` or `timeout`; `overlay` with
   * `popup_closed`, `frame_silent` or `timeout`, and as `popup` does once the user has gone on in a window; `redirect` with `redirect_not_left` or
   * `storage_unavailable`; `silent` with `frame_silent`, or `login_required`, `interaction_required`, `consent_required` or
   * `account_selection_required` where it takes the user.
   *
   * @default the client's `mode`
   * @example
   * await auth.login({ mode: 'silent' })
   * @see RFC 6749 section 4.1, OpenID Connect Core section 3.1.2.6
   */
  mode?: 'popup' | 'overlay' | 'redirect' | 'silent' | undefined
  /**
   * Space-separated scope in place of the client's. The server refuses one with `invalid_scope`.
   *
   * @default the client's `scope`
   * @example
   * await auth.login({ scope: 'openid orders:read orders:write' })
   * @see RFC 6749 section 3.3, OpenID Connect Core section 3.1.2.1
   */
  scope?: string | undefined
  /**
   * Resources in place of the client's; one that is no absolute URI without a fragment is a `TypeError`. The server refuses one
   * with `invalid_target`.
   *
   * @default the client's `resource`
   * @example
   * await auth.login({ resource: 'https://api.example.com' })
   * @see RFC 8707 section 2.1
   */
  resource?: string | string[] | undefined
  /**
   * What the server shall ask of the user: `login`, `consent`, `select_account`, or `create` where the server can register users
   * (Initiating User Registration via OpenID Connect 1.0). Has no effect on `mode: 'silent'`, which sends `none`.
   *
   * The server may answer with `invalid_request`, and `none` with `login_required`, `interaction_required`, `consent_required` or
   * `account_selection_required`.
   *
   * @default the server's choice
   * @example
   * await auth.login({ prompt: 'select_account' })
   * @see OpenID Connect Core section 3.1.2.1
   */
  prompt?: string | undefined
  /**
   * Who the user probably is: an e-mail address or a name, sent as `login_hint`.
   *
   * @default none
   * @example
   * await auth.login({ loginHint: 'alice@example.com' })
   * @see OpenID Connect Core section 3.1.2.1
   */
  loginHint?: string | undefined
  /**
   * Languages for the server's pages, space-separated, the best one first; sent as `ui_locales`.
   *
   * @default the server's choice
   * @example
   * await auth.login({ uiLocales: 'de-CH de en' })
   * @see OpenID Connect Core section 3.1.2.1
   */
  uiLocales?: string | undefined
  /**
   * How strongly the user shall be logged in: space-separated classes, sent as `acr_values`. A login whose ID token has none of
   * them as `acr`, or that brings no ID token, is refused: `unmet_authentication_requirements`.
   *
   * @default none
   * @example
   * await auth.login({ acrValues: 'urn:example:mfa' })
   * @see OpenID Connect Core section 3.1.2.1, RFC 9470 section 4
   */
  acrValues?: string | undefined
  /**
   * How long ago the user may have logged in at the server, in seconds; sent as `max_age`. `auth_time` of the ID token is
   * checked against it: `invalid_id_token`. Needs the scope `openid`, else `invalid_token_response`.
   *
   * @default no limit
   * @example
   * await auth.login({ maxAge: 300 })
   * @see OpenID Connect Core section 3.1.2.1, RFC 9470 section 4
   */
  maxAge?: number | undefined
  /**
   * Which claims are asked for one by one; sent as `claims`, in JSON.
   *
   * @default none
   * @example
   * await auth.login({ claims: { id_token: { email: { essential: true } } } })
   * @see OpenID Connect Core section 5.5
   */
  claims?: object | undefined
  /**
   * What tokens are to allow, in more detail than a scope can say; sent as `authorization_details`. The server refuses a type or
   * field with `invalid_authorization_details`.
   *
   * @default none
   * @example
   * await auth.login({ authorizationDetails: [{ type: 'payment', actions: ['initiate'] }] })
   * @see RFC 9396 section 2
   */
  authorizationDetails?: object[] | undefined
  /**
   * More authorization parameters beside the client's, which they replace by name; one that is undefined is left out. The
   * server refuses one with `invalid_request`.
   *
   * The session keeps them: a renewal by hidden iframe and a `stepUp` send them again, so that the new grant is for the same
   * `audience` or `organization`. Not so what is about this one request: `prompt`, `max_age`, `acr_values`, `claims`, `kc_action`,
   * `invitation`, and hints (`login_hint`, `screen_hint`, whatever ends like that).
   *
   * @default none
   * @example
   * await auth.login({ params: { organization: 'example' } })
   * @see RFC 6749 section 8.2
   */
  params?: Record<string, string | undefined> | undefined
  /**
   * Where a redirect login ends; another origin than the page's is a `TypeError`, so that no link can send a user astray. The
   * other ways stay on the page and do not look at it.
   *
   * @default the current URL with query and hash
   * @example
   * await auth.login({ mode: 'redirect', returnTo: '/orders' })
   * @see RFC 9700 section 4.11.1
   */
  returnTo?: string | URL | undefined
  /**
   * Anything that JSON can hold; stands in the state once the login is done. A redirect keeps it in `sessionStorage`, and
   * rejects with `storage_unavailable` when that is full or forbidden, with a `TypeError` when it is no JSON; the server never
   * sees it.
   *
   * @default none
   * @example
   * const state = await auth.login({ appState: { cart: 42 } })
   * if (state.status === 'logged-in') show(state.appState)
   */
  appState?: unknown
  /**
   * Cancels the login: closes its window or overlay and rejects with `signal.reason`. An answer that has already come is still redeemed.
   *
   * @default none
   * @example
   * await auth.login({ signal: AbortSignal.timeout(60_000) })
   */
  signal?: AbortSignal | undefined
}
