import type { TestUser } from './test-user.js'

/** Options of `seedSession`. */
export interface SeedOptions {
  /**
   * The origin of the app, or any URL of it.
   *
   * @example
   * import { seedSession, type SeedPage } from 'latchkey/testing'
   * declare const page: SeedPage
   * const [issuer, tokens] = ['https://id.example.com', { access_token: 'secret' }]
   * await seedSession(page, { url: 'http://localhost:5173', issuer, clientId: 'spa', user: { sub: 'alice' }, tokens })
   */
  url: string | URL
  /**
   * The `issuer` of the app's client, exactly.
   *
   * @example
   * import { seedSession, type SeedPage } from 'latchkey/testing'
   * declare const page: SeedPage
   * const [url, tokens] = ['http://localhost:5173', { access_token: 'secret' }]
   * await seedSession(page, { url, issuer: 'https://id.example.com', clientId: 'spa', user: { sub: 'alice' }, tokens })
   */
  issuer: string | URL
  /**
   * The `clientId` of the app's client.
   *
   * @example
   * import { seedSession, type SeedPage } from 'latchkey/testing'
   * declare const page: SeedPage
   * const [url, issuer, tokens] = ['http://localhost:5173', 'https://id.example.com', { access_token: 'secret' }]
   * await seedSession(page, { url, issuer, clientId: 'spa', user: { sub: 'alice' }, tokens })
   */
  clientId: string
  /**
   * The response of the token endpoint, or an object like it: one for the login, followed by one for each further resource. Only a
   * real refresh token can renew the session.
   *
   * @example
   * import { seedSession, type SeedPage, type SeedTokens } from 'latchkey/testing'
   * declare const page: SeedPage
   * const response = await fetch('https://id.example.com/token', { method: 'POST' })
   * const tokens = (await response.json()) as SeedTokens
   * await seedSession(page, { url: 'http://localhost:5173', issuer: 'https://id.example.com', clientId: 'spa', tokens })
   */
  tokens: SeedTokens | SeedTokens[]
  /**
   * The claims of the user. `iss` defaults to the issuer. Pass null for a login without the scope `openid`.
   *
   * @default the claims of `tokens.id_token`, which is not verified
   * @example
   * import { seedSession, type SeedPage } from 'latchkey/testing'
   * declare const page: SeedPage
   * const app = { url: 'http://localhost:5173', issuer: 'https://id.example.com', clientId: 'spa' }
   * await seedSession(page, { ...app, user: { sub: 'alice', name: 'Alice' }, tokens: { access_token: 'secret' } })
   */
  user?: TestUser | null | undefined
  /**
   * The scope that the login requested, space-separated: the `scope` of the app's client.
   *
   * @default 'openid'
   * @example
   * import { seedSession, type SeedPage } from 'latchkey/testing'
   * declare const page: SeedPage
   * const app = { url: 'http://localhost:5173', issuer: 'https://id.example.com', clientId: 'spa' }
   * const tokens = { access_token: 'secret' }
   * await seedSession(page, { ...app, scope: 'openid orders:read', user: { sub: 'alice' }, tokens })
   */
  scope?: string | undefined
  /**
   * The resources that the login requested: the `resource` of the app's client.
   *
   * @default none
   * @example
   * import { seedSession, type SeedPage } from 'latchkey/testing'
   * declare const page: SeedPage
   * const app = { url: 'http://localhost:5173', issuer: 'https://id.example.com', clientId: 'spa' }
   * const tokens = { access_token: 'secret' }
   * await seedSession(page, { ...app, resource: 'https://api.example.com', user: { sub: 'alice' }, tokens })
   */
  resource?: string | string[] | undefined
  /**
   * When the tokens were received, in milliseconds since 1970. `expires_in` counts from then.
   *
   * @default now
   * @example
   * import { seedSession, type SeedPage } from 'latchkey/testing'
   * declare const page: SeedPage
   * const app = { url: 'http://localhost:5173', issuer: 'https://id.example.com', clientId: 'spa' }
   * const tokens = { access_token: 'secret', expires_in: 600 }
   * await seedSession(page, { ...app, user: { sub: 'alice' }, tokens, receivedAt: Date.now() - 60_000 })
   */
  receivedAt?: number | undefined
  /**
   * The store of the app's client. `indexedDB` applies to all pages of the browser context, `session` only to this tab. A
   * `memoryStore()` cannot be seeded.
   *
   * @default 'indexedDB'
   * @example
   * import { seedSession, type SeedPage } from 'latchkey/testing'
   * declare const page: SeedPage
   * const app = { url: 'http://localhost:5173', issuer: 'https://id.example.com', clientId: 'spa' }
   * await seedSession(page, { ...app, user: { sub: 'alice' }, tokens: { access_token: 'secret' }, store: 'session' })
   */
  store?: 'indexedDB' | 'session' | undefined
  /**
   * The `name` that the app passes to `indexedDBStore`.
   *
   * @default 'latchkey'
   * @example
   * import { seedSession, type SeedPage } from 'latchkey/testing'
   * declare const page: SeedPage
   * const app = { url: 'http://localhost:5173', issuer: 'https://id.example.com', clientId: 'spa' }
   * await seedSession(page, { ...app, user: { sub: 'alice' }, tokens: { access_token: 'secret' }, storeName: 'orders' })
   */
  storeName?: string | undefined
}

/** A response of the token endpoint, with its field names (RFC 6749 section 5.1). Other fields are ignored. */
export interface SeedTokens {
  /**
   * The access token.
   *
   * @example
   * import type { SeedTokens } from 'latchkey/testing'
   * const tokens: SeedTokens = { access_token: 'secret' }
   */
  access_token: string
  /**
   * The token type, `Bearer`. Sessions with `dpop` cannot be seeded, because their key cannot leave the browser that created it.
   *
   * @default 'Bearer'
   * @example
   * import type { SeedTokens } from 'latchkey/testing'
   * const tokens: SeedTokens = { access_token: 'secret', token_type: 'Bearer' }
   */
  token_type?: string | undefined
  /**
   * The lifetime of the access token in seconds, counted from `receivedAt`.
   *
   * @default never expires
   * @example
   * import type { SeedTokens } from 'latchkey/testing'
   * const tokens: SeedTokens = { access_token: 'secret', expires_in: 600 }
   */
  expires_in?: number | undefined
  /**
   * The granted scope, space-separated.
   *
   * @default the scope of the login
   * @example
   * import type { SeedTokens } from 'latchkey/testing'
   * const tokens: SeedTokens = { access_token: 'secret', scope: 'openid' }
   */
  scope?: string | undefined
  /**
   * The resource that the access token is for. Must be one that the login requested.
   *
   * @default the first resource of the login
   * @example
   * import type { SeedTokens } from 'latchkey/testing'
   * const tokens: SeedTokens = { access_token: 'secret', resource: 'https://api.example.com' }
   */
  resource?: string | undefined
  /**
   * The refresh token. Do not seed it twice: if the server rotates refresh tokens, each use invalidates it.
   *
   * @default none: the session ends with its access tokens, unless a hidden iframe can renew it
   * @example
   * import type { SeedTokens } from 'latchkey/testing'
   * const tokens: SeedTokens = { access_token: 'secret', refresh_token: 'also secret' }
   */
  refresh_token?: string | undefined
  /**
   * The ID token, which is sent at the logout. Its claims are the user if `user` is left out.
   *
   * @default none
   * @example
   * import type { SeedTokens } from 'latchkey/testing'
   * const tokens: SeedTokens = { access_token: 'secret', id_token: 'eyJhbGciOi…' }
   */
  id_token?: string | undefined
}

/** The part of a page that `seedSession` uses. A `Page` of Playwright fits. */
export interface SeedPage {
  /** Intercepts requests for a URL. */
  route(url: (url: URL) => boolean, handler: (route: SeedRoute) => Promise<unknown>): Promise<unknown>
  /** Removes the interception. */
  unroute(url: (url: URL) => boolean): Promise<unknown>
  /** Loads a URL. */
  goto(url: string): Promise<unknown>
  /** Runs an expression in the page and waits for its promise. */
  evaluate(expression: string): Promise<unknown>
}

/** An intercepted request. */
export interface SeedRoute {
  /** Responds to the request. */
  fulfill(answer: { contentType: string; body: string }): Promise<unknown>
}
