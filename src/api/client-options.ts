import type { ClientMode, StepUpMode } from '../base/login-modes.js'
import type { Api } from './api.js'
import type { DPoPCapability } from './dpop.js'
import type { TransportCapability } from './external.js'
import type { OverlayCapability } from './overlay.js'
import type { ServerOptions } from './server-options.js'
import type { Timeouts } from './timeouts.js'
import type { AuthEvent } from './events.js'
import type { Store } from './store.js'
import type { VaultCapability } from './vault.js'

/** Options of `createClient`. An unknown option or an invalid value throws a `TypeError` that names the option. */
export interface ClientOptions extends ServerOptions {
  /**
   * The issuer identifier of the authorization server, exactly as in its metadata. Must be `https:`, or `http:` on localhost.
   *
   * Calls reject with `discovery_failed` if the metadata belongs to another issuer, with `network_error` if the server cannot be
   * reached, and with `invalid_response` if a response names another issuer.
   *
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa' })
   * @see RFC 8414 section 2, RFC 9207 section 2.4
   */
  issuer: string | URL
  /**
   * The client ID that this app is registered with. The app is a public client and has no secret.
   *
   * If the server does not accept it, calls reject with `invalid_client` or `unauthorized_client`. Some servers show an error page
   * instead of responding: the login then rejects with `timeout`, or with `frame_silent` in a hidden iframe.
   *
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa' })
   * @see RFC 6749 section 2.2
   */
  clientId: string
  /**
   * Where the server sends its responses: the callback page, or the app itself. Must have the origin of the page and no fragment.
   *
   * A relative URL is resolved against the document, including `<base href>`; a base URL of another origin is ignored. Pages with
   * a custom scheme (Capacitor on iOS) have no URL a login can return to: `createClient` throws a `TypeError` there.
   *
   * With `transports: [external(open)]`, the URL may have another origin, or a private-use scheme with a period such as
   * `com.example.app:/callback`. Every `mode` but `external` then rejects with a `TypeError`.
   *
   * If your app talks to several issuers, give each its own redirect URI unless all of them send `iss` (RFC 9700 section 4.4.2).
   * A login rejects with `redirect_uri_shared` if a client of another issuer on this page uses the same redirect URI and the
   * metadata of either server does not promise `iss`. Clients that are never on one page at the same time are not compared.
   *
   * If the redirect URI is not registered, the login rejects with `timeout`, or with `frame_silent` in a hidden iframe. A response
   * that arrives at another URL is rejected with `invalid_response`.
   *
   * @default '/callback.html'
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', redirectUri: '/login/callback.html' })
   * @see RFC 6749 section 3.1.2, RFC 8252 section 7, RFC 9700 section 4.4.2
   */
  redirectUri?: string | URL | undefined
  /**
   * The scope to request at login, space-separated. The server rejects an unknown scope with `invalid_scope`.
   *
   * Without `openid` the login is plain OAuth: the user is null, and the session can only be renewed with a refresh token.
   *
   * @default 'openid'
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', scope: 'openid profile orders:read' })
   * @see RFC 6749 section 3.3, OpenID Connect Core section 3.1.2.1
   */
  scope?: string | undefined
  /**
   * The resources the app needs tokens for, as absolute URIs without a fragment. The login requests all of them; `getToken()`
   * uses the first by default. The server rejects an unknown resource with `invalid_target`.
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
   * Additional authorization request parameters, such as the `audience` some servers require. Parameters that are undefined are
   * left out. A parameter that latchkey sets itself, such as the redirect URI or the state, throws a `TypeError`. The server may
   * reject a parameter with `invalid_request`.
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
   * The default `mode` of `login()`: `popup`, `overlay`, `redirect` or `external`. `overlay` requires the `overlay` option, and
   * `external` requires `transports`.
   *
   * @default 'popup'
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', mode: 'redirect' })
   * @see RFC 6749 section 4.1
   */
  mode?: ClientMode | undefined
  /**
   * How the server returns the authorization response. If `web_message` cannot work (a redirect login, COOP), `fragment` or `query`
   * is used instead.
   *
   * With `web_message`, a login rejects with `timeout` if the server does not support it, and with `popup_cut_off` if COOP severed
   * the popup.
   *
   * @default `web_message` if the metadata lists it, else `fragment`, else `query`
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', responseMode: 'query' })
   * @see OAuth 2.0 Multiple Response Type Encoding Practices section 2.1
   */
  responseMode?: 'web_message' | 'fragment' | 'query' | undefined
  /**
   * The APIs that `fetch` may send tokens to. Every other URL rejects with `origin_not_allowed`.
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
   * Where the session is stored. If the store fails, calls do not reject: memory takes over, and `onEvent` receives
   * `store_failed`.
   *
   * @default indexedDBStore()
   * @example
   * import { createClient, memoryStore } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', store: memoryStore() })
   * @see RFC 10017 section 8
   */
  store?: Store | undefined
  /**
   * Where the refresh token and the DPoP key are held. Pass `workerVault()` from `latchkey/worker` to hold them in a worker, out of
   * reach of scripts in the page. The worker keeps the session in its memory, so `store` must be left out.
   *
   * Every call can then also reject with `vault_unavailable`.
   *
   * @default in the page and in `store`
   * @example
   * import { createClient } from 'latchkey'
   * import { workerVault } from 'latchkey/worker'
   * const vault = workerVault(() => new SharedWorker('/latchkey-worker.js'))
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', vault })
   * @see RFC 10017 section 8.3
   */
  vault?: VaultCapability | undefined
  /**
   * What `fetch` does when an API requires a stronger or more recent login (RFC 9470) or more scope (RFC 6750 section 3.1): log
   * the same user in again in this mode, `popup`, `redirect` or `external`, then send the request once more. By default the response
   * of the API is returned as is.
   *
   * With `popup`, call `fetch` in a click or key handler. The API must expose the `WWW-Authenticate` header.
   *
   * `fetch` then also rejects with the errors of `login`, such as `popup_blocked` or `unmet_authentication_requirements`. It rejects
   * with `user_changed` if another user logs in, or if the session has no `openid`, because nothing would identify the user; and
   * with `insufficient_scope` if the API has a `scope` in `apis` and the login granted less.
   *
   * @default none
   * @example
   * import { createClient } from 'latchkey'
   * const apis = [{ url: 'https://api.example.com' }]
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', apis, stepUp: 'popup' })
   * @see RFC 9470 section 4, RFC 6750 section 3.1
   */
  stepUp?: StepUpMode | undefined
  /**
   * Whether to push authorization requests to the server first (PAR), so that the URL of the login carries only a reference. A
   * popup then opens blank and navigates a moment later.
   *
   * Calls reject with `discovery_failed` if the metadata has no endpoint for it. A popup login rejects before the window opens if the
   * metadata is already known, from `prepare()` or the `metadata` option.
   *
   * @default true if the metadata has `require_pushed_authorization_requests`, or if the request is too long for a URL (4,000
   * characters) and the metadata has the endpoint
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', par: true })
   * @see RFC 9126 section 2, RFC 9126 section 5
   */
  par?: boolean | undefined
  /**
   * Binds all tokens to a key held by this browser (DPoP). Pass `dpop()` from `latchkey/dpop`.
   *
   * Calls reject with `discovery_failed` if the metadata does not list ES256 in `dpop_signing_alg_values_supported`, unless you
   * set the `metadata` option; and with `invalid_token_response` if the server issues a `Bearer` token.
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
   * Adds `mode: 'overlay'`, which shows the server's login page in a dialog over the app. Pass `overlay()` from `latchkey/overlay`.
   * Using that mode without it throws a `TypeError`.
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
   * Adds `mode: 'external'`, in which a browser extension or a native shell opens the server's login page. Pass
   * `[external(open)]` from `latchkey/external`. Using that mode without it throws a `TypeError`.
   *
   * @default none
   * @example
   * import { createClient } from 'latchkey'
   * import { external } from 'latchkey/external'
   * const transports = [external((url) => chrome.identity.launchWebAuthFlow({ url, interactive: true }))]
   * const redirectUri = chrome.identity.getRedirectURL()
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'extension', redirectUri, transports })
   * await auth.login({ mode: 'external' })
   * @see RFC 8252 section 7
   */
  transports?: TransportCapability[] | undefined
  /**
   * The maximum difference between this device's clock and the server's, in seconds. Calls reject with `clock_skew` if it is larger.
   *
   * With `dpop()`, a rejected proof is sent once more with the server's time, taken from the `Date` header if the server exposes
   * it, or else from the last ID token. If that is rejected too, a difference that is larger is reported as `clock_skew`.
   *
   * @default 30
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', clockTolerance: 120 })
   * @see OpenID Connect Core section 2, RFC 7519 section 4.1.4
   */
  clockTolerance?: number | undefined
  /**
   * Time limits in milliseconds. Limits that are left out keep their defaults.
   *
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', timeouts: { popup: 120_000 } })
   */
  timeouts?: Timeouts | undefined
  /**
   * Called with renewals, fallbacks and warnings.
   *
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', onEvent: (event) => console.log(event) })
   */
  onEvent?: ((event: AuthEvent) => void) | undefined
}
