import type { AuthorizationServer } from 'oauth4webapi'
import type { Api } from './api.js'
import type { DPoPCapability } from './dpop.js'
import type { OverlayCapability } from './overlay.js'
import type { Timeouts } from './timeouts.js'
import type { AuthEvent } from './events.js'
import type { Store } from './store.js'

/** Options of `createClient`. A wrong one is a `TypeError` that names it. */
export interface ClientOptions {
  /**
   * The authorization server's issuer identifier, as it stands in its metadata. `https:`, or `http:` on this device itself.
   *
   * Calls reject with `discovery_failed` when what is found there is not the metadata of this issuer, `network_error` when
   * nothing answers, `invalid_response` when an answer names another issuer.
   *
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa' })
   * @see RFC 8414 section 2, RFC 9207 section 2.4
   */
  issuer: string | URL
  /**
   * The client identifier that the server knows this app by. The app is a public client: it has no secret.
   *
   * The server refuses it with `invalid_client` or `unauthorized_client`, or with a page of its own that answers nothing:
   * `timeout`, or `frame_silent` in a hidden iframe.
   *
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa' })
   * @see RFC 6749 section 2.2
   */
  clientId: string
  /**
   * Where answers come back to: the callback page, or this app itself. Same origin as the page, no fragment. One of its own
   * for each issuer where a server sends no `iss` (RFC 9700 section 4.4.2).
   *
   * One that is not registered: `timeout`, or `frame_silent` in a hidden iframe. An answer that comes in at another URL:
   * `invalid_response`.
   *
   * @default '/callback.html'
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', redirectUri: '/login/callback.html' })
   * @see RFC 6749 section 3.1.2, RFC 9700 section 4.4.2
   */
  redirectUri?: string | URL | undefined
  /**
   * Space-separated scope of a login; without `openid` it is plain OAuth, and the user is null. The server refuses one with
   * `invalid_scope`.
   *
   * @default 'openid'
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', scope: 'openid profile orders:read' })
   * @see RFC 6749 section 3.3, OpenID Connect Core section 3.1.2.1
   */
  scope?: string | undefined
  /**
   * The resources that tokens will be asked for, absolute URIs without a fragment. All of them are asked for at login; the
   * first is the one of `getToken()`. The server refuses one with `invalid_target`.
   *
   * @default none
   * @example
   * import { createClient } from 'latchkey'
   * const resource = ['https://api.example.com', 'https://files.example.com']
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', resource })
   * @see RFC 8707 section 2
   */
  resource?: string | string[] | undefined
  /**
   * More authorization parameters, sent as they are (`audience`, for some servers). They cannot replace one of ours, and one that
   * is undefined is left out. The server refuses one with `invalid_request`.
   *
   * @default none
   * @example
   * import { createClient } from 'latchkey'
   * const params = { audience: 'https://api.example.com' }
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', params })
   * @see RFC 6749 section 8.2
   */
  params?: Record<string, string | undefined> | undefined
  /**
   * How `login()` goes about it, unless it is told otherwise; `overlay` needs the option of that name.
   *
   * @default 'popup'
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', mode: 'redirect' })
   * @see RFC 6749 section 4.1
   */
  mode?: 'popup' | 'overlay' | 'redirect' | undefined
  /**
   * How the server hands over its answer. A `web_message` that cannot arrive (a redirect, COOP) gives way to the others; one
   * that the server does not send ends as `timeout`, one that COOP cut off as `popup_cut_off`.
   *
   * @default `web_message` where the metadata lists it, else `fragment`, else `query`
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', responseMode: 'query' })
   * @see OAuth 2.0 Multiple Response Type Encoding Practices section 2.1
   */
  responseMode?: 'web_message' | 'fragment' | 'query' | undefined
  /**
   * What `fetch` may send which token to; all else is `origin_not_allowed`.
   *
   * @default []
   * @example
   * import { createClient } from 'latchkey'
   * const apis = [{ url: 'https://api.example.com' }]
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', apis })
   * @see RFC 6750 section 2.1
   */
  apis?: Api[] | undefined
  /**
   * The server's metadata, or the part that is needed: `authorization_endpoint`, `token_endpoint`, and `jwks_uri` with the scope
   * `openid`, and `userinfo_endpoint` for `getUserInfo`. No discovery request is made then, and nobody checks the issuer in it.
   *
   * @default what discovery finds
   * @example
   * import { createClient } from 'latchkey'
   * const metadata = { authorization_endpoint: 'https://id.example.com/auth', token_endpoint: 'https://id.example.com/token' }
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', scope: 'orders:read', metadata })
   * @see RFC 8414 section 2
   */
  metadata?: Partial<AuthorizationServer> | undefined
  /**
   * Which metadata document to read: `/.well-known/openid-configuration`, or `/.well-known/oauth-authorization-server`. The
   * wrong one is `discovery_failed`.
   *
   * @default 'oidc'
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', discovery: 'oauth2' })
   * @see RFC 8414 section 3, OpenID Connect Discovery section 4
   */
  discovery?: 'oidc' | 'oauth2' | undefined
  /**
   * Where the session is kept. A store that fails rejects nothing: memory takes its place, and `onEvent` hears of it.
   *
   * @default indexedDBStore()
   * @example
   * import { createClient, memoryStore } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', store: memoryStore() })
   * @see RFC 10017 section 8
   */
  store?: Store | undefined
  /**
   * What `fetch` does when an API wants a stronger or fresher login (RFC 9470) or more scope (RFC 6750 section 3.1): log the same
   * user in again, this way, and send the request once more. Left out: the API's answer comes back untouched. A popup needs
   * `fetch` to be called in a click or key handler; the API must expose `WWW-Authenticate`.
   *
   * `fetch` then also rejects with whatever `login` does: `popup_blocked`, `unmet_authentication_requirements`, and `user_changed`
   * for another user; `insufficient_scope` where the API has a scope in `apis` and the login granted less.
   *
   * @default none
   * @example
   * import { createClient } from 'latchkey'
   * const apis = [{ url: 'https://api.example.com' }]
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', apis, stepUp: 'popup' })
   * @see RFC 9470 section 4, RFC 6750 section 3.1
   */
  stepUp?: 'popup' | 'redirect' | undefined
  /**
   * Whether authorization requests are sent to the server ahead, and the window gets no more than a reference (PAR). A window
   * then opens blank and leaves a moment later. `discovery_failed` where the metadata names no endpoint for it.
   *
   * @default whether the metadata has `require_pushed_authorization_requests`
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', par: true })
   * @see RFC 9126 section 2, RFC 9126 section 5
   */
  par?: boolean | undefined
  /**
   * Binds all tokens to a key of this browser: `dpop()` of `latchkey/dpop`, which says what changes. A server that answers with
   * a `Bearer` token is refused: `invalid_token_response`.
   *
   * @default none: bearer tokens
   * @example
   * import { createClient } from 'latchkey'
   * import { dpop } from 'latchkey/dpop'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', dpop: dpop() })
   * @see RFC 9449 section 5
   */
  dpop?: DPoPCapability | undefined
  /**
   * Shows the server's page over this one with `mode: 'overlay'`: `overlay()` of `latchkey/overlay`, which says for which servers.
   * That mode without it is a `TypeError`.
   *
   * @default none
   * @example
   * import { createClient } from 'latchkey'
   * import { overlay } from 'latchkey/overlay'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', mode: 'overlay', overlay: overlay() })
   * @see RFC 9700 section 4.16
   */
  overlay?: OverlayCapability | undefined
  /**
   * How far this device's clock and the server's may differ, in seconds; more is `clock_skew`.
   *
   * @default 30
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', clockTolerance: 120 })
   * @see OpenID Connect Core section 2, RFC 7519 section 4.1.4
   */
  clockTolerance?: number | undefined
  /**
   * Time limits, in milliseconds; those that are left out keep their defaults.
   *
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', timeouts: { popup: 120_000 } })
   */
  timeouts?: Timeouts | undefined
  /**
   * Told of renewals, fallbacks and warnings.
   *
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', onEvent: (event) => console.log(event) })
   */
  onEvent?: ((event: AuthEvent) => void) | undefined
}
