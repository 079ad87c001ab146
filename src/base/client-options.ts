import type { AuthorizationServer } from 'oauth4webapi'
import type { Api } from './api.js'
import type { DPoPCapability } from './dpop.js'
import type { Timeouts } from './timeouts.js'
import type { AuthEvent, Store } from './types.js'

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
   * with the scope `openid`. No discovery request is made then.
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
