import type { TestUser } from './test-user.js'

/** Options of `seedSession`. */
export interface SeedOptions {
  /**
   * The app's origin, or any page of it.
   *
   * @example
   * import { seedSession, type SeedPage } from 'latchkey/testing'
   * declare const page: SeedPage
   * const [issuer, tokens] = ['https://id.example.com', { access_token: 'secret' }]
   * await seedSession(page, { url: 'http://localhost:5173', issuer, clientId: 'spa', user: { sub: 'alice' }, tokens })
   */
  url: string | URL
  /**
   * The `issuer` of the app's client, to the letter.
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
   * What the token endpoint answered, as it is, or what looks like it: for the login first, then one for each further resource.
   * Only a real refresh token can renew the session.
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
   * The user's claims; `iss` is the issuer unless it is given. Null is a login without the scope `openid`.
   *
   * @default the claims of `tokens.id_token`, which nobody verifies
   * @example
   * import { seedSession, type SeedPage } from 'latchkey/testing'
   * declare const page: SeedPage
   * const app = { url: 'http://localhost:5173', issuer: 'https://id.example.com', clientId: 'spa' }
   * await seedSession(page, { ...app, user: { sub: 'alice', name: 'Alice' }, tokens: { access_token: 'secret' } })
   */
  user?: TestUser | null | undefined
  /**
   * The scope that the login asked for, space-separated: the `scope` of the app's client.
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
   * The resources that the login asked for: the `resource` of the app's client.
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
   * When the tokens came, in milliseconds since 1970: `expires_in` counts from then.
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
   * The store of the app's client: `indexedDB` reaches all pages of the browser context, `session` only this tab. Nothing can be
   * seeded into memory.
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
   * The `name` that the app gives to `indexedDBStore`.
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

/** An answer of the token endpoint, by its own names (RFC 6749 section 5.1). Others of its fields are left aside. */
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
   * Its type, `Bearer`: sessions with `dpop` cannot be seeded, since their key cannot leave the browser that made it.
   *
   * @default 'Bearer'
   * @example
   * import type { SeedTokens } from 'latchkey/testing'
   * const tokens: SeedTokens = { access_token: 'secret', token_type: 'Bearer' }
   */
  token_type?: string | undefined
  /**
   * For how many seconds it is good, from `receivedAt` on.
   *
   * @default no end
   * @example
   * import type { SeedTokens } from 'latchkey/testing'
   * const tokens: SeedTokens = { access_token: 'secret', expires_in: 600 }
   */
  expires_in?: number | undefined
  /**
   * The scope that was granted, space-separated.
   *
   * @default the login's
   * @example
   * import type { SeedTokens } from 'latchkey/testing'
   * const tokens: SeedTokens = { access_token: 'secret', scope: 'openid' }
   */
  scope?: string | undefined
  /**
   * The resource that the access token is for, one of the login's.
   *
   * @default the first of the login's
   * @example
   * import type { SeedTokens } from 'latchkey/testing'
   * const tokens: SeedTokens = { access_token: 'secret', resource: 'https://api.example.com' }
   */
  resource?: string | undefined
  /**
   * The refresh token. Seed it once: where the server rotates, each use ends the last one.
   *
   * @default none: the session ends with its access tokens, unless a hidden iframe can renew it
   * @example
   * import type { SeedTokens } from 'latchkey/testing'
   * const tokens: SeedTokens = { access_token: 'secret', refresh_token: 'also secret' }
   */
  refresh_token?: string | undefined
  /**
   * The ID token, kept for the logout. Its claims are the user, where `user` is left out.
   *
   * @default none
   * @example
   * import type { SeedTokens } from 'latchkey/testing'
   * const tokens: SeedTokens = { access_token: 'secret', id_token: 'eyJhbGciOi…' }
   */
  id_token?: string | undefined
}

/** What `seedSession` needs of a page: a `Page` of Playwright is one. */
export interface SeedPage {
  /** Answers requests for a URL in place of the network. */
  route(url: (url: URL) => boolean, handler: (route: SeedRoute) => Promise<unknown>): Promise<unknown>
  /** Ends that. */
  unroute(url: (url: URL) => boolean): Promise<unknown>
  /** Loads a URL. */
  goto(url: string): Promise<unknown>
  /** Runs an expression in the page and waits for its promise. */
  evaluate(expression: string): Promise<unknown>
}

/** One request that a page would make. */
export interface SeedRoute {
  /** Answers it. */
  fulfill(answer: { contentType: string; body: string }): Promise<unknown>
}
