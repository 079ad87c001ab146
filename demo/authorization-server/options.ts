import type { Middleware } from 'koa'
import type { TrustedIssuer } from './saml-assertion.js'

/** What a resource server (RFC 8707) takes. */
export interface ResourceOptions {
  /** The scope values that it knows, space-separated. */
  scope: string
  /** The `aud` of its access tokens. @default the resource identifier */
  audience?: string
  /** `opaque` tokens can be introspected and revoked, `jwt` tokens be validated without a request. @default 'jwt' */
  format?: 'jwt' | 'opaque'
  /** Whether services alone get tokens for it, and no app. @default false */
  internal?: boolean
}

/** A service behind the apps, which can keep a secret: it asks for tokens of its own, and about those that it is sent. */
export interface ServiceOptions {
  secret: string
  /** The resource that it is, if any: it may introspect and exchange the tokens that are for it. */
  resource?: string
  /** What it may ask for in its own name (client credentials), space-separated. */
  scope: string
}

/** Options of `startAuthorizationServer`. */
export interface AuthorizationServerOptions {
  /** The origins of the apps; read anew at each request, so that one can be pushed later. */
  appOrigins: string[]
  /** Where to listen on the loopback interface; 0 takes a free port. @default 0 */
  port?: number
  /** The host of the issuer: `localhost`, `127.0.0.1` or a name under `.localhost`. @default 'localhost' */
  host?: string
  /** The first client. @default 'demo-app' */
  clientId?: string
  /** What the first client is called on the pages. @default 'Demo app' */
  clientName?: string
  /** More apps: what the pages call them, by client identifier. @default { 'second-app': 'Second app' } */
  otherApps?: Record<string, string>
  /** The paths of the pages that a logout may end at. @default ['/'] */
  appPaths?: string[]
  /** Whether the response mode `web_message` is there. @default true */
  webMessage?: boolean
  /** The resource servers by resource identifier. @default {} */
  resources?: Record<string, ResourceOptions>
  /** The services by client identifier. @default {} */
  services?: Record<string, ServiceOptions>
  /** The life of an access token in seconds. @default 600 */
  accessTokenTTL?: number | (() => number)
  /** The life of an ID token in seconds. @default 600 */
  idTokenTTL?: number | (() => number)
  /** Whether refresh tokens are issued. @default true */
  refreshTokens?: boolean
  /** Whether tokens can be bound to a key (DPoP, RFC 9449), and whether proofs need a nonce then. @default 'nonce' */
  dpop?: 'off' | 'no-nonce' | 'nonce'
  /** The types of authorization details that it knows (RFC 9396). @default [] */
  authorizationDetailsTypes?: string[]
  /** Whether authorization requests can, or must, be sent ahead (PAR, RFC 9126). @default 'offered' */
  par?: 'off' | 'offered' | 'required'
  /**
   * Whether tokens can be exchanged (RFC 8693). `mayAct` says who may act next, by who holds a token now: its subject, or its
   * current actor; `*` is whoever has no entry. Without any it is whoever has a good token of this server that was issued
   * to the client that exchanges.
   *
   * @default false
   */
  tokenExchange?: boolean | { mayAct?: Record<string, string> }
  /**
   * The partners whose SAML 2.0 assertions can be exchanged, by their entity IDs. A NameID is taken for the user of that name
   * here: whoever is listed can speak for every user, within its scope.
   *
   * @default {}
   */
  samlIssuers?: Record<string, TrustedIssuer>
  /** Whether the user is asked before an app gets something for the first time. @default 'skip' */
  consent?: 'skip' | 'ask'
  /** Whether the user is asked before a logout; `skip` ends the session at once. @default 'ask' */
  logout?: 'skip' | 'ask'
  /** Whether `iss` is promised and sent (RFC 9207). @default true */
  sendIss?: boolean
  /** `none` sends cookies as `SameSite=None; Secure`. @default 'lax' */
  sameSite?: 'lax' | 'none'
  /** Whether requests for a login and a logout may come as a form, too; oidc-provider wants `sameSite: 'none'` for that. @default false */
  httpPost?: boolean
  /** Sees every request before anything else does. */
  middleware?: Middleware
}
