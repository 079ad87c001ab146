import type { LoginMode } from '../base/login-modes.js'

/**
 * Options of `login`. An unknown option or an invalid value causes a `TypeError` that names the option. Put other parameters of the
 * authorization request in `params`.
 */
export interface LoginOptions {
  /**
   * How the user logs in:
   *
   * - `popup` opens the server's login page in a window. Rejects with `popup_blocked`, `popup_closed`, `popup_cut_off` or `timeout`.
   * - `overlay` shows it in a dialog over the app. Rejects with `popup_closed`, `frame_silent` or `timeout`, and like `popup` if the
   *   user continues in a window. Without the client option `overlay` (`latchkey/overlay`), it causes a `TypeError`.
   * - `redirect` leaves the page. The page that the user returns to has the result in its state. Rejects with `redirect_not_left` or
   *   `storage_unavailable`.
   * - `silent` uses a session the user already has at the server, in a hidden iframe. Rejects with `frame_silent`, or with
   *   `login_required`, `interaction_required`, `consent_required` or `account_selection_required` if the user is needed.
   * - `external` lets the host app open the login page. Rejects with `popup_closed`, `external_failed` or `timeout`. Without the client
   *   option `transports` (`latchkey/external`), it causes a `TypeError`.
   *
   * With a `redirectUri` of another origin, every mode but `external` causes a `TypeError`; in a worker, it rejects with `no_window`.
   *
   * See `login` for the errors that all modes have in common.
   *
   * @default the client's `mode`
   * @example
   * await auth.login({ mode: 'silent' })
   * @see RFC 6749 section 4.1, OpenID Connect Core section 3.1.2.6
   */
  mode?: LoginMode | undefined
  /**
   * The scope to request instead of the client's, space-separated. The server rejects an unknown scope with `invalid_scope`.
   *
   * @default the client's `scope`
   * @example
   * await auth.login({ scope: 'openid orders:read orders:write' })
   * @see RFC 6749 section 3.3, OpenID Connect Core section 3.1.2.1
   */
  scope?: string | undefined
  /**
   * The resources to request instead of the client's. Anything but an absolute URI without a fragment causes a `TypeError`. The
   * server rejects an unknown resource with `invalid_target`.
   *
   * @default the client's `resource`
   * @example
   * await auth.login({ resource: 'https://api.example.com' })
   * @see RFC 8707 section 2.1
   */
  resource?: string | string[] | undefined
  /**
   * What the server should ask the user for: `login`, `consent`, `select_account`, or `create` if the server supports registration
   * (Initiating User Registration via OpenID Connect 1.0). Ignored with `mode: 'silent'`, which always sends `none`.
   *
   * The server may respond with `invalid_request`, and to `none` with `login_required`, `interaction_required`, `consent_required` or
   * `account_selection_required`.
   *
   * @default none: the server decides
   * @example
   * await auth.login({ prompt: 'select_account' })
   * @see OpenID Connect Core section 3.1.2.1
   */
  prompt?: string | undefined
  /**
   * The expected user, as an e-mail address or user name. Many servers prefill their login form with it. Sent as `login_hint`.
   *
   * @default none
   * @example
   * await auth.login({ loginHint: 'alice@example.com' })
   * @see OpenID Connect Core section 3.1.2.1
   */
  loginHint?: string | undefined
  /**
   * Preferred languages for the server's pages, space-separated, in order of preference. Sent as `ui_locales`.
   *
   * @default none: the server decides
   * @example
   * await auth.login({ uiLocales: 'de-CH de en' })
   * @see OpenID Connect Core section 3.1.2.1
   */
  uiLocales?: string | undefined
  /**
   * The required authentication strength: authentication context classes, space-separated. Sent as `acr_values`. The login rejects
   * with `unmet_authentication_requirements` if the `acr` of the ID token is not one of them, or if there is no ID token.
   *
   * @default none
   * @example
   * await auth.login({ acrValues: 'urn:example:mfa' })
   * @see OpenID Connect Core section 3.1.2.1, RFC 9470 section 4
   */
  acrValues?: string | undefined
  /**
   * The maximum time since the user last logged in at the server, in seconds. Sent as `max_age`. The login rejects with
   * `unmet_authentication_requirements` if the `auth_time` of the ID token is older or missing, or if there is no ID token.
   *
   * @default no limit
   * @example
   * await auth.login({ maxAge: 300 })
   * @see OpenID Connect Core section 3.1.2.1, RFC 9470 section 4
   */
  maxAge?: number | undefined
  /**
   * Individual claims to request. Sent as `claims`, in JSON. A request longer than 4,000 characters is pushed to the server if it
   * supports PAR, and sent by POST otherwise.
   *
   * @default none
   * @example
   * await auth.login({ claims: { id_token: { email: { essential: true } } } })
   * @see OpenID Connect Core section 5.5
   */
  claims?: object | undefined
  /**
   * What the tokens should allow, in more detail than a scope can express. Sent as `authorization_details`. The server rejects an
   * unknown type or field with `invalid_authorization_details`.
   *
   * @default none
   * @example
   * await auth.login({ authorizationDetails: [{ type: 'payment', actions: ['initiate'] }] })
   * @see RFC 9396 section 2
   */
  authorizationDetails?: object[] | undefined
  /**
   * Additional authorization request parameters. They are added to the client's `params` and override those of the same name;
   * parameters that are undefined are left out. A parameter that latchkey sets itself, such as the redirect URI or the state,
   * causes a `TypeError`. The server may reject a parameter with `invalid_request`.
   *
   * The session remembers them. Renewals by hidden iframe and a `stepUp` send them again, so that the new grant is for the same
   * `audience` or `organization`. Parameters that concern only this login are not repeated: `prompt`, `max_age`, `acr_values`,
   * `claims`, `kc_action`, `invitation`, and all hints (`login_hint`, `screen_hint` and any other name that ends in `_hint`).
   *
   * @default none
   * @example
   * await auth.login({ params: { organization: 'example' } })
   * @see RFC 6749 section 8.2
   */
  params?: Record<string, string | undefined> | undefined
  /**
   * The page to return to after a redirect login. The other modes stay on the page and ignore it. A relative URL is resolved
   * against the document. A URL of another origin causes a `TypeError`, which prevents open redirects.
   *
   * @default the current URL, including query and hash
   * @example
   * await auth.login({ mode: 'redirect', returnTo: '/orders' })
   * @see RFC 9700 section 4.11.1
   */
  returnTo?: string | URL | undefined
  /**
   * Data of your own that is available as `state.appState` after the login. The server never sees it.
   *
   * A redirect login keeps it in `sessionStorage` as JSON. It rejects with `storage_unavailable` if `sessionStorage` is full or
   * denied, and with a `TypeError` if the value cannot be serialized.
   *
   * @default none
   * @example
   * const state = await auth.login({ appState: { cart: 42 } })
   * if (state.status === 'logged-in') show(state.appState)
   */
  appState?: unknown
  /**
   * Aborts the login: closes its window or overlay and rejects with `signal.reason`. A response that has already arrived is still
   * redeemed.
   *
   * @default none
   * @example
   * await auth.login({ signal: AbortSignal.timeout(60_000) })
   */
  signal?: AbortSignal | undefined
}
