import type { Page } from '@playwright/test'
import { decodeJwt } from 'jose'
import type { Call } from '../../../demo/services/call.js'
import type { ExchangedToken } from '../../../src/exchange.js'
import type { PlainError } from '../../rig/app-page.js'
import { exchange } from '../../rig/exchange-calls.js'
import type { AppServer } from '../../rig/fixtures.js'
import { expect, shopResources, test } from '../../rig/shop.js'
import { getToken, startSession } from '../../rig/token-calls.js'

const { orders } = shopResources
const scope = 'openid orders:read orders:history'

/** Options of a client that may send tokens there, but not those of its session. */
const withApis = (...origins: string[]) => ({
  dpop: true,
  scope,
  resource: orders,
  apis: origins.map((url) => ({ url, resource: 'https://not-of-the-login.example.com' })),
})

type Token = Pick<ExchangedToken, 'token' | 'tokenType'>

/** Calls `fetchWithToken` in the page. */
function send(page: Page, token: Token, url: string, init: RequestInit = {}) {
  return page.evaluate(
    async ([sent, target, options]) => {
      try {
        const response = await window.latchkey.fetchWithToken(window.auth, sent, target, options)
        return { status: response.status, body: await response.text() }
      } catch (error) {
        return { error: window.describe(error) as PlainError }
      }
    },
    [token, url, init] as const,
  )
}

/** Gets a token that may do less than the session's, which shows at the API. */
async function narrow(page: Page): Promise<ExchangedToken> {
  return (await exchange(page, { resource: orders, scope: 'orders:read' })).value!
}

/** The requests that an API got, preflights left out. */
const received = ({ requests }: AppServer) => requests.filter(({ method }) => method !== 'OPTIONS')

test('sends an exchanged token with a proof, and again when the API requires another nonce', async ({
  page,
  app,
  shop,
}) => {
  await startSession(page, app, withApis(shop.orders.url))
  const issued = await narrow(page)
  const url = `${shop.orders.url}/orders`
  for (const _ of [1, 2, 3]) {
    const { status, body } = await send(page, issued, url)
    expect(status).toBe(200)
    const { calls } = JSON.parse(body!) as { calls: Call[] }
    expect(calls[0]!.presented).toMatchObject({ subject: 'alice', scope: 'orders:read' })
    shop.orders.renewNonce()
  }
  // The API's own word comes back, and nothing is renewed or logged in for it.
  expect(await send(page, issued, `${shop.orders.url}/orders/history`)).toMatchObject({ status: 403 })
  // The session's own token does not go there: the entry names a resource that the login did not.
  const own = page.evaluate(
    (target) => window.auth.fetch(target).catch((error: unknown) => window.describe(error)),
    url,
  )
  expect(await own).toMatchObject({ code: 'resource_not_requested' })
})

test('sends it as a bearer token without the capability', async ({ page, app, as, startApp }) => {
  void as
  const api = await startApp({ host: 'api.localhost' })
  api.route('/orders', ({ body }) => ({ status: 201, body }))
  const { dpop: _, ...plain } = withApis(api.origin)
  await startSession(page, app, plain)
  const issued = await narrow(page)
  const answer = await send(page, issued, `${api.origin}/orders`, { method: 'POST', body: 'one order' })
  expect(answer).toEqual({ status: 201, body: 'one order' })
  expect(received(api)[0]!.headers).toMatchObject({ authorization: `Bearer ${issued.token}` })
  expect(received(api)[0]!.headers).not.toHaveProperty('dpop')
})

test('sends nothing to a URL that no entry of "apis" covers, and does not follow redirects', async ({
  page,
  app,
  as,
  startApp,
}) => {
  void as
  const [api, other] = [await startApp({ host: 'api.localhost' }), await startApp({ host: 'api.localhost' })]
  for (const server of [api, other]) server.route('/*', () => ({ body: 'here' }))
  api.route('/api/moved', () => ({ status: 307, headers: { location: `${other.origin}/api/orders` } }))
  await startSession(page, app, withApis(`${api.origin}/api`))
  const issued = await narrow(page)
  for (const url of [`${other.origin}/api/orders`, `${api.origin}/apix`, `${api.origin}/api/../private`])
    expect((await send(page, issued, url)).error).toMatchObject({ code: 'origin_not_allowed' })
  expect(api.requests).toEqual([])
  expect((await send(page, issued, `${api.origin}/api/moved`)).error).toMatchObject({
    code: 'redirect_refused',
  })
  expect(other.requests).toEqual([])
  expect(await send(page, issued, `${api.origin}/api/orders`)).toEqual({ status: 200, body: 'here' })
  expect(received(api).at(-1)!.headers.authorization).toBe(`DPoP ${issued.token}`)
})

test('does not retry after invalid_token, but sends the body again for a nonce', async ({
  page,
  app,
  as,
  startApp,
}) => {
  const api = await startApp({ host: 'api.localhost' })
  const challenge = (error: string) => ({
    'www-authenticate': `DPoP error="${error}"`,
    'dpop-nonce': 'wanted',
  })
  api.route('/ended', () => ({ status: 401, headers: challenge('invalid_token'), body: 'ended' }))
  api.route('/orders', ({ body, headers }) =>
    decodeJwt(`${headers['dpop']}`)['nonce'] === 'wanted'
      ? { status: 201, body }
      : { status: 401, headers: challenge('use_dpop_nonce') },
  )
  await startSession(page, app, withApis(api.origin))
  const issued = await narrow(page)
  const tokens = as.count('token')
  const order = { method: 'POST', body: 'one order' }
  expect(await send(page, issued, `${api.origin}/orders`, order)).toEqual({ status: 201, body: 'one order' })
  expect(received(api).map(({ body }) => body)).toEqual(['one order', 'one order'])
  expect(await send(page, issued, `${api.origin}/ended`)).toEqual({ status: 401, body: 'ended' })
  expect(received(api)).toHaveLength(3)
  expect(as.count('token')).toBe(tokens)
})

test('does not work with a token bound to another key: the API rejects it', async ({
  page,
  app,
  shop,
  browser,
}) => {
  await startSession(page, app, withApis(shop.orders.url))
  const context = await browser.newContext({ baseURL: app.origin })
  const othersPage = await context.newPage()
  await startSession(othersPage, app, withApis(shop.orders.url))
  const url = `${shop.orders.url}/orders`
  const stolen = await narrow(othersPage)
  const refused = await send(page, stolen, url)
  expect(refused.status).toBe(401)
  expect(JSON.parse(refused.body!)).toMatchObject({ error: 'invalid_dpop_proof' })
  expect(await send(othersPage, stolen, url)).toMatchObject({ status: 200 })
  expect(await send(page, await narrow(page), url)).toMatchObject({ status: 200 })
  await context.close()
})

test('rejects a token that is not an access token, or is not bound to a key, without a request', async ({
  page,
  app,
  as,
  startApp,
}) => {
  void as
  const api = await startApp({ host: 'api.localhost' })
  api.route('/*', () => ({ body: 'here' }))
  await startSession(page, app, withApis(api.origin))
  const { value: idToken } = await exchange(page, { requestedTokenType: 'id_token' })
  const issued = await narrow(page)
  const wrong = [idToken!, { ...issued, tokenType: 'bearer' }, { ...issued, token: '' }]
  for (const token of wrong) {
    const { error } = await send(page, token, `${api.origin}/orders`)
    expect(error).toMatchObject({ name: 'TypeError', message: expect.stringContaining('"token" must be') })
    expect(error!.message).not.toContain(issued.token.slice(-20))
  }
  expect(api.requests).toEqual([])
  // The session's own token has the right type, and goes the same way.
  const own = { token: (await getToken(page)).value!, tokenType: 'dpop' }
  for (const token of [issued, own])
    expect(await send(page, token, `${api.origin}/orders`)).toMatchObject({ status: 200 })
  await page.evaluate(() => window.auth.close())
  expect((await send(page, issued, `${api.origin}/orders`)).error).toMatchObject({ code: 'client_closed' })
})
