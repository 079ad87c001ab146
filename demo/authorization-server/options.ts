import type { JsonWebKey } from 'node:crypto'
import type { Middleware } from 'koa'
import type { TrustedJwtIssuer } from './jwt-bearer.js'
import type { TrustedIssuer } from './saml-assertion.js'

/** A resource server (RFC 8707). */
export interface ResourceOptions {
  /** The scope values that it supports, space-separated. */
  scope: string
  /** The `aud` of its access tokens. @default the resource identifier */
  audience?: string
  /** `opaque` tokens can be introspected and revoked; `jwt` tokens can be validated without a request. @default 'jwt' */
  format?: 'jwt' | 'opaque'
  /** Whether only services, not apps, can get tokens for it. @default false */
  internal?: boolean
  /** Whether its `jwt` tokens can be introspected and revoked, too. @default false */
  revocable?: boolean
}

/** A backend service, which can keep a secret: it requests its own tokens, and introspects or exchanges those it receives. */
export type ServiceOptions =
  /** A shared secret (`client_secret_basic`). */
  (
    | { secret: string }
    /** The public key of its assertions, as a JWK (`private_key_jwt`, RFC 7523 section 2.2). */
    | { publicKey: JsonWebKey }
  ) & {
    /** Its own resource identifier, if any: it may introspect and exchange the tokens issued for it. */
    resource?: string
    /** The scope it may request for itself (client credentials), space-separated. */
    scope: string
  }

/** Options of `startAuthorizationServer`. */
export interface AuthorizationServerOptions {
  /** The origins of the apps. Read at each request, so that you can push one later. */
  appOrigins: string[]
  /** The port on the loopback interface; 0 takes any free port. @default 0 */
  port?: number
  /** The host of the issuer: `localhost`, `127.0.0.1` or a name under `.localhost`. @default 'localhost' */
  host?: string
  /** The ID of the first client. @default 'demo-app' */
  clientId?: string
  /** The name of the first client on the pages. @default 'Demo app' */
  clientName?: string
  /** More apps: their names on the pages, by client ID. @default { 'second-app': 'Second app' } */
  otherApps?: Record<string, string>
  /**
   * Redirect URIs of a native app or a browser extension, which the first client then is (RFC 8252): at another origin than any app, or
   * with a private-use scheme. A logout may return to them, too.
   *
   * @default []
   */
  nativeRedirectUris?: string[]
  /** More origins that may call the server: those of extensions. @default [] */
  nativeOrigins?: string[]
  /** The paths that a logout may return to. @default ['/'] */
  appPaths?: string[]
  /** Whether the response mode `web_message` is supported. @default true */
  webMessage?: boolean
  /** The resource servers by resource identifier. @default {} */
  resources?: Record<string, ResourceOptions>
  /** The services by client ID. @default {} */
  services?: Record<string, ServiceOptions>
  /** The lifetime of an access token, in seconds. @default 600 */
  accessTokenTTL?: number | (() => number)
  /** The lifetime of an ID token, in seconds. @default 600 */
  idTokenTTL?: number | (() => number)
  /** Whether refresh tokens are issued. @default true */
  refreshTokens?: boolean
  /** Whether tokens can be bound to a key (DPoP, RFC 9449), and whether proofs need a nonce. @default 'nonce' */
  dpop?: 'off' | 'no-nonce' | 'nonce'
  /** The supported types of authorization details (RFC 9396). @default [] */
  authorizationDetailsTypes?: string[]
  /** Whether authorization requests can or must be pushed (PAR, RFC 9126). @default 'offered' */
  par?: 'off' | 'offered' | 'required'
  /**
   * Whether tokens can be exchanged (RFC 8693). `mayAct` maps the current holder of a token (its current actor, or else its
   * subject) to the party that may act next; `*` applies to holders without an entry. Without an entry, anyone may act who has a
   * valid token of this server that was issued to the exchanging client.
   *
   * @default false
   */
  tokenExchange?: boolean | { mayAct?: Record<string, string> }
  /**
   * The partners whose SAML 2.0 assertions can be exchanged, by entity ID. A NameID is treated as the user of the same name on this
   * server: a listed partner can vouch for any user, within its scope.
   *
   * @default {}
   */
  samlIssuers?: Record<string, TrustedIssuer>
  /**
   * The partners whose JWTs are an authorization grant (RFC 7523 section 2.1), by issuer. As with `samlIssuers`, a listed partner can
   * vouch for any user, within its scope.
   *
   * @default {}
   */
  jwtIssuers?: Record<string, TrustedJwtIssuer>
  /** Whether the user is asked for consent when an app first requests access. @default 'skip' */
  consent?: 'skip' | 'ask'
  /** Whether the user is asked before a logout; `skip` ends the session immediately. @default 'ask' */
  logout?: 'skip' | 'ask'
  /** Whether apps can ask whether the user's session has changed (Session Management 1.0). @default false */
  sessionManagement?: boolean
  /**
   * Whether the first client is told of logouts in a frame, at `/logout.html` of the first of `appOrigins` (Front-Channel Logout 1.0).
   *
   * @default false
   */
  frontChannelLogout?: boolean
  /** Whether the server advertises and sends `iss` (RFC 9207). @default true */
  sendIss?: boolean
  /** `none` sends cookies as `SameSite=None; Secure`. @default 'lax' */
  sameSite?: 'lax' | 'none'
  /** Also accepts login and logout requests as a form POST; oidc-provider then needs `sameSite: 'none'`. @default false */
  httpPost?: boolean
  /** Runs first on every request. */
  middleware?: Middleware
}
