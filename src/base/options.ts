import type { AuthorizationServer } from 'oauth4webapi'
import type { DPoPCapability } from './dpop.js'
import type { AuthEvent, Store } from './types.js'

/** Time limits, in milliseconds. */
export interface Timeouts {
  /** How long a popup may take to answer. @default 600000 */
  popup: number
  /** How long a redirect login may take from leaving to coming back. @default 900000 */
  transaction: number
  /** How long a hidden iframe may take to answer. @default 10000 */
  iframe: number
  /** How long one request to the server may take. @default 10000 */
  request: number
}

/** An API that `fetch` may send a token to. */
export interface Api {
  /** Origin and path prefix; matches whole path segments only. */
  url: string
  /** The resource (RFC 8707) whose token this API takes. */
  resource?: string
  /** The scope of the token that this API takes. */
  scope?: string
}

/** Options of `createClient`. */
export interface ClientOptions {
  /**
   * The authorization server's issuer identifier, as it stands in its metadata (RFC 8414 section 2). `https:`, or `http:`
   * on this device itself.
   */
  issuer: string | URL
  /** The client identifier that the server knows this app by (RFC 6749 section 2.2). */
  clientId: string
  /**
   * Where answers come back to: the callback page, or this app itself. Same origin as the page, no fragment. One of its own
   * for each issuer where a server sends no `iss` (RFC 9700 section 4.4.2).
   *
   * @default '/callback.html'
   */
  redirectUri?: string | URL
  /** Space-separated scope of a login; without `openid` it is plain OAuth, and the user is null. @default 'openid' */
  scope?: string
  /**
   * The resources that tokens will be asked for, absolute URIs without a fragment (RFC 8707 section 2). All of them are
   * asked for at login; the first is the one of `getToken()`.
   */
  resource?: string | string[]
  /** More authorization parameters, sent as they are (`audience`, for some servers). They cannot replace one of ours. */
  params?: Record<string, string>
  /** How `login()` goes about it. @default 'popup' */
  mode?: 'popup' | 'redirect'
  /**
   * How the server hands over its answer. When left out: `web_message` where the metadata lists it, else `fragment`, else
   * `query`. A `web_message` that cannot arrive (a redirect, COOP) gives way to the others.
   */
  responseMode?: 'web_message' | 'fragment' | 'query'
  /** What `fetch` may send which token to; nothing else gets one. @default [] */
  apis?: Api[]
  /**
   * The server's metadata (RFC 8414), or the part that is needed: `authorization_endpoint`, `token_endpoint`, and `jwks_uri`
   * with the scope `openid`, and `userinfo_endpoint` for `getUserInfo`. No discovery request is made then.
   */
  metadata?: Partial<AuthorizationServer>
  /**
   * Which metadata document to read: `/.well-known/openid-configuration`, or `/.well-known/oauth-authorization-server`
   * (RFC 8414 section 3).
   *
   * @default 'oidc'
   */
  discovery?: 'oidc' | 'oauth2'
  /** Where the session is kept. @default indexedDBStore() */
  store?: Store
  /**
   * What `fetch` does when an API wants a stronger or fresher login (RFC 9470) or more scope (RFC 6750 section 3.1): log the same
   * user in again, this way, and send the request once more. Left out: the API's answer comes back untouched. A popup needs
   * `fetch` to be called in a click or key handler; the API must expose `WWW-Authenticate`.
   */
  stepUp?: 'popup' | 'redirect'
  /**
   * Whether authorization requests are sent to the server ahead, and the window gets no more than a reference (PAR, RFC
   * 9126). A window then opens blank and leaves a moment later.
   *
   * @default whether the metadata has `require_pushed_authorization_requests`
   */
  par?: boolean
  /** Binds all tokens to a key of this browser (RFC 9449): `dpop()` of `latchkey/dpop`. */
  dpop?: DPoPCapability
  /** How far clocks may differ, in seconds. @default 30 */
  clockTolerance?: number
  /** Time limits, in milliseconds. */
  timeouts?: Partial<Timeouts>
  /** Told of renewals, fallbacks and warnings. */
  onEvent?: (event: AuthEvent) => void
}

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

/** Options of `getToken` and `getTokenSet`. */
export interface TokenOptions {
  /**
   * One of the resources of the login (RFC 8707 section 2.2), else `resource_not_requested`; `''` for none of them, as the
   * server's own userinfo endpoint wants it.
   *
   * @default the first of them
   */
  resource?: string
  /** Space-separated scope, narrower than the login's; less granted is `insufficient_scope`. @default the login's scope */
  scope?: string
  /** What the token is to allow, of what the login asked for (RFC 9396 section 6). @default all of it */
  authorizationDetails?: object[]
  /** For how many seconds the token must still be good. @default 30 */
  minValidity?: number
  /** Ends this caller's wait with `signal.reason`; the shared request goes on. */
  signal?: AbortSignal
}

/** Options of `logout`. */
export interface LogoutOptions {
  /** Only here and in the other tabs: no page of the server is visited; `revoke` is another matter. @default false */
  local?: boolean
  /** Where the server sends the user afterwards, registered there. @default '/' */
  returnTo?: string | URL
  /** Whether the refresh token is revoked (RFC 7009). @default true */
  revoke?: boolean
}
