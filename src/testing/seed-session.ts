import { checkOption as check } from '../base/check-option.js'
import { withoutUndefined } from '../base/without-undefined.js'
import type { TokenSet } from '../api/token-set.js'
import { decodeJwtPart } from '../protocol/jwt.js'
import { toResources } from '../protocol/resources.js'
import { isEndpoint } from '../protocol/secure-url.js'
import { isOpenId } from '../protocol/scope.js'
import { buildTokenKey } from '../session/tokens.js'
import type { StoredSession } from '../vault/stored-session.js'
import type { SeedOptions, SeedPage, SeedTokens } from './seed-options.js'
import { seedScript } from './seed-script.js'
import { buildClaims, type TestUser } from './test-user.js'
import type { SessionToWrite } from './write-session.js'

/**
 * Stores a session in the browser, so that an end-to-end test starts logged in. For Playwright: call it before the test opens the
 * app.
 *
 * The page is taken to an empty page on the origin of the app, without the server, scripts or CSP of the app. There, the code of the
 * client writes the session, encrypted with a key of that browser. The app is then logged in without a request, and `getToken()`
 * returns the access token while it is valid.
 *
 * Rejects with a `TypeError` for an invalid option, and with an error of the page if it is not a secure context.
 *
 * @example
 * import { test } from '@playwright/test'
 * import { seedSession } from 'latchkey/testing'
 * test.beforeEach(async ({ page, baseURL }) => {
 *   await seedSession(page, {
 *     url: baseURL!,
 *     issuer: 'https://id.example.com',
 *     clientId: 'spa',
 *     user: { sub: 'alice', name: 'Alice' },
 *     tokens: { access_token: 'secret', expires_in: 600 },
 *   })
 * })
 */
export async function seedSession(page: SeedPage, options: SeedOptions): Promise<void> {
  const blank = new URL('/latchkey-seed', readOrigin(options)).href
  const written = JSON.stringify(buildSessionToWrite(options))
  const isBlank = (url: URL) => url.href === blank
  await page.route(isBlank, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>latchkey</title>' }),
  )
  try {
    await page.goto(blank)
    await page.evaluate(`(() => { ${seedScript}\nreturn LatchkeySeed.writeSession(${written}) })()`)
  } finally {
    await page.unroute(isBlank)
  }
}

function readOrigin({ url }: SeedOptions): string {
  check('url', URL.canParse(url) && /^https?:/.test(`${new URL(url)}`), 'a URL of the app', `${url}`)
  return new URL(url).origin
}

function buildSessionToWrite(options: SeedOptions): SessionToWrite {
  const { clientId, scope = 'openid', resource, receivedAt = Date.now(), store = 'indexedDB' } = options
  const issuer = `${options.issuer}`
  const answers = [options.tokens].flat()
  const resources = toResources(resource)
  check('issuer', isEndpoint(issuer), 'an https: URL (http: only on localhost)', issuer)
  check('clientId', clientId && typeof clientId === 'string', 'a non-empty string', clientId)
  check('scope', typeof scope === 'string', 'a string', scope)
  check('store', /^(indexedDB|session)$/.test(store), '"indexedDB" or "session"', store)
  check('receivedAt', Number.isFinite(receivedAt), 'milliseconds since 1970', receivedAt)
  check('tokens', answers.length, 'a response of the token endpoint, or a list of them')
  const find = (name: 'refresh_token' | 'id_token') => answers.findLast((one) => one[name])?.[name]
  const sets = answers.map((answer) => toTokenSet(answer, scope, resources, receivedAt))
  const idToken = find('id_token')
  const user = readUser(options, scope, idToken)
  return {
    issuer,
    clientId,
    store,
    storeName: options.storeName,
    session: withoutUndefined<StoredSession>({
      user: buildClaims(issuer, user),
      nonce: user?.['nonce'] as string | undefined,
      idToken,
      refreshToken: find('refresh_token'),
      scope,
      resources,
      tokens: Object.fromEntries(sets.map((set) => [buildTokenKey(withoutScope(set), resources), set])),
      loggedInAt: receivedAt,
    }),
  }
}

/** Tokens with the scope of the login are stored by resource only. */
function withoutScope({ resource }: TokenSet): { resource?: string } {
  return resource === undefined ? {} : { resource }
}

function toTokenSet(answer: SeedTokens, scope: string, resources: string[], receivedAt: number): TokenSet {
  const { access_token, token_type = 'Bearer', expires_in, resource = resources[0] } = answer ?? {}
  // The value is not printed, because it can be a token.
  check('tokens.access_token', access_token && typeof access_token === 'string', 'a non-empty string')
  check('tokens.token_type', /^bearer$/i.test(token_type), '"Bearer"', token_type)
  const isLife = expires_in === undefined || Number.isFinite(expires_in)
  check('tokens.expires_in', isLife, 'a number of seconds', expires_in)
  const isKnown = resource === undefined || resources.includes(resource)
  check('tokens.resource', isKnown, 'one of "resource"', resource)
  return {
    accessToken: access_token,
    tokenType: 'bearer',
    expiresAt: expires_in === undefined ? Number.MAX_SAFE_INTEGER : receivedAt + expires_in * 1000,
    scope: answer.scope ?? scope,
    ...(resource !== undefined && { resource }),
  }
}

function readUser({ user }: SeedOptions, scope: string, idToken: string | undefined): TestUser | null {
  const claims = user ?? (user === undefined && idToken ? readClaims(idToken) : null)
  const isGood = claims ? typeof claims.sub === 'string' && claims.sub : user === null || !isOpenId(scope)
  check('user', isGood, 'claims with a "sub", or null (optional with "tokens.id_token", or without "openid")')
  return claims
}

function readClaims(idToken: string): { sub: string } {
  try {
    return decodeJwtPart(idToken, 1)
  } catch {
    throw new TypeError('"tokens.id_token" must be a JWT')
  }
}
