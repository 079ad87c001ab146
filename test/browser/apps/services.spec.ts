import type { Page } from '@playwright/test'
import * as oauth from 'oauth4webapi'
import type { Call } from '../../../demo/services/call.js'
import {
  buildClientAuthentication,
  type ServiceSecret,
} from '../../../demo/services/client-authentication.js'
import { createServerFinder } from '../../../demo/services/find-server.js'
import { createServiceClient } from '../../../demo/services/service-client.js'
import type { Shop, ShopSecrets } from '../../../demo/services/shop.js'
import type { AppServer, TestAuthorizationServer } from '../../rig/fixtures.js'
import { clickLogin, outcome } from '../../rig/app-page.js'
import { decodePart } from '../../rig/id-token-tampering.js'
import { isRefresh } from '../../rig/request-kinds.js'
import { passTime } from '../../rig/shifted-clock.js'
import { archive, expect, secrets, shopResources, test } from '../../rig/shop.js'
import { popupOf, press, signIn } from '../../rig/sign-in.js'
import { getToken, startSession } from '../../rig/token-calls.js'

const { orders, payments, inventory } = shopResources
const scope = 'openid orders:read stock:read payments:read'

interface Answer {
  status: number
  challenge: string | null
  body: {
    calls?: Call[]
    bills?: object[]
    payable?: object[]
    stock?: object[]
    presented?: object
    error?: string
  }
}

/** Logs alice in, for the orders and the payments API. */
async function startAlice(page: Page, app: AppServer, shop: Shop, more: object = {}): Promise<void> {
  const apis = [
    { url: shop.orders.url, resource: orders },
    { url: shop.payments.url, resource: payments },
  ]
  await startSession(page, app, { scope, resource: [orders, payments], apis, ...more })
}

/** Calls an API in the page with the client's `fetch`, or with a token of one's own. */
function call(page: Page, url: string, token?: string): Promise<Answer> {
  return page.evaluate(
    async ([target, bearer]) => {
      const response = bearer
        ? await fetch(target!, { headers: { authorization: `Bearer ${bearer}` } })
        : await window.auth.fetch(target!)
      const { status, headers } = response
      return { status, challenge: headers.get('www-authenticate'), body: await response.json() }
    },
    [url, token],
  )
}

/** Creates the client of a service, as that service has it. */
const clientOf = (
  { issuer }: TestAuthorizationServer,
  clientId: keyof ShopSecrets,
  secret: ServiceSecret = secrets[clientId],
) => createServiceClient({ issuer, clientId, ...secret })

/** Revokes a token at the server, as its client. */
async function revoke(as: TestAuthorizationServer, token: string): Promise<void> {
  const body = new URLSearchParams({ token, client_id: as.clientId })
  await fetch(`${as.issuer}/token/revocation`, { method: 'POST', body })
}

test('gives each API a token of its own kind, from one session', async ({ page, app, as, shop }) => {
  await startAlice(page, app, shop)
  expect(await call(page, `${shop.orders.url}/orders`)).toMatchObject({ status: 200 })
  const answer = await call(page, `${shop.payments.url}/bills`)
  expect(answer.status).toBe(200)
  expect(answer.body.bills).toHaveLength(4)
  expect(answer.body.calls).toMatchObject([
    {
      from: 'demo-app',
      to: 'payments',
      checkedBy: 'introspection',
      presented: { subject: 'alice', audience: payments, scope: 'payments:read', actors: [] },
    },
  ])
  expect((await getToken(page, { resource: payments })).value).not.toContain('.')
  expect(as.count('token', isRefresh)).toBe(1)
})

test('the payments API refuses a revoked token at once, and fetch renews it', async ({
  page,
  app,
  as,
  shop,
}) => {
  await startAlice(page, app, shop)
  const url = `${shop.payments.url}/bills`
  const { value: token } = await getToken(page, { resource: payments })
  expect(await call(page, url, token)).toMatchObject({ status: 200 })
  await passTime(page, 11)
  await revoke(as, token!)
  const refused = await call(page, url, token)
  expect(refused).toMatchObject({ status: 401, body: { error: 'invalid_token' } })
  expect(refused.challenge).toContain('error="invalid_token"')
  expect(await call(page, url)).toMatchObject({ status: 200 })
  expect((await getToken(page, { resource: payments })).value).not.toBe(token)
})

test('the payments API refuses tokens that are not for it', async ({ page, app, as, shop }) => {
  await startAlice(page, app, shop)
  const url = `${shop.payments.url}/bills`
  const forOrders = (await getToken(page, { resource: orders })).value
  expect(await call(page, url, forOrders)).toMatchObject({ status: 401, body: { error: 'invalid_token' } })
  expect(await call(page, url, 'made-up')).toMatchObject({ status: 401 })
  // Opaque ones of its own client, about which it is told: one for another API, and the control for itself.
  const { getOwnToken } = clientOf(as, 'payments-service')
  const own = async (resource: string) => call(page, url, await getOwnToken({ resource, scope: '' }))
  expect(await own(archive)).toMatchObject({ status: 401, body: { error: 'invalid_token' } })
  expect(await own(payments)).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } })
  expect(await call(page, url)).toMatchObject({ status: 200 })
})

test('the payments API answers 503 while it cannot ask, and the token stays good', async ({
  page,
  app,
  as,
  shop,
}) => {
  await startAlice(page, app, shop)
  const url = `${shop.payments.url}/bills`
  expect(await call(page, url)).toMatchObject({ status: 200 })
  const { value: token } = await getToken(page, { resource: payments })
  const fault = as.fault('introspection', { status: 500 })
  expect(await call(page, url)).toMatchObject({ status: 503 })
  fault.end()
  expect(await call(page, url)).toMatchObject({ status: 200 })
  expect((await getToken(page, { resource: payments })).value).toBe(token)
})

for (const [name, resource, path] of [
  ['payments', payments, '/bills'],
  ['orders', orders, '/orders'],
] as const)
  test(`the ${name} API wants the key of a bound token, in a proof for this request`, async ({
    page,
    app,
    shop,
  }) => {
    await startAlice(page, app, shop, { dpop: true })
    const url = shop[name].url + path
    expect(await call(page, url)).toMatchObject({ status: 200 })
    const { value: stolen } = await getToken(page, { resource })
    expect(await call(page, url, stolen)).toMatchObject({ status: 401, body: { error: 'invalid_token' } })
    // With the proof of a request that was made before.
    const sent = page.waitForRequest(
      (request) => request.url() === `${url}?again` && !!request.headers()['dpop'],
    )
    expect(await call(page, `${url}?again`)).toMatchObject({ status: 200 })
    const { dpop } = (await sent).headers()
    const withProof = async (proof: string, token: string) => {
      const response = await fetch(url, { headers: { authorization: `DPoP ${token}`, dpop: proof } })
      return { challenge: response.headers.get('www-authenticate'), body: await response.json() }
    }
    // The token is good, and RFC 9449 section 7.1 has a word for the rest.
    for (const proof of [dpop!, '', 'made-up'])
      expect(await withProof(proof, stolen!)).toMatchObject({
        challenge: expect.stringMatching(/^DPoP .*error="invalid_dpop_proof"/),
        body: { error: 'invalid_dpop_proof' },
      })
    expect(await call(page, url)).toMatchObject({ status: 200 })
  })

test('the payments API makes the payments that the details of a token name, and no others', async ({
  page,
  app,
  as,
  shop,
}) => {
  void as
  await startAlice(page, app, shop)
  const url = `${shop.payments.url}/payable`
  expect(await call(page, url)).toMatchObject({ status: 200, body: { payable: [] } })
  const payment = {
    type: 'payment_initiation',
    actions: ['initiate'],
    instructedAmount: { amount: '42.00', currency: 'EUR' },
    creditorName: 'Brass & Sons',
  }
  // Of the same type, and without what is to be paid: this is none.
  const empty = { type: 'payment_initiation', actions: ['initiate'] }
  const popup = await popupOf(page, () => clickLogin(page, { authorizationDetails: [payment, empty] }))
  await press(popup, 'Allow')
  expect((await outcome(page)).error).toBe(undefined)
  const { body } = await call(page, url)
  expect(body.payable).toEqual([payment])
  expect(body.calls?.[0]?.presented.details).toEqual([payment, empty])
})

test('calls the inventory as the user: impersonation, and nobody sees who acts', async ({
  page,
  app,
  shop,
}) => {
  await startAlice(page, app, shop)
  const { status, body } = await call(page, `${shop.orders.url}/orders/stock?way=impersonation`)
  expect(status).toBe(200)
  expect(body.calls).toMatchObject([
    {
      from: 'demo-app',
      to: 'orders',
      by: 'login',
      presented: { subject: 'alice', audience: orders, actors: [] },
    },
    {
      from: 'orders',
      to: 'inventory',
      by: 'token exchange',
      presented: { subject: 'alice', audience: inventory, scope: 'stock:read', actors: [] },
    },
  ])
})

test('calls the inventory for the user: delegation, with the service as the actor', async ({
  page,
  app,
  shop,
}) => {
  await startAlice(page, app, shop, { dpop: true })
  const { status, body } = await call(page, `${shop.orders.url}/orders/stock?way=delegation`)
  expect(status).toBe(200)
  // Narrowed: what the app may do with the orders is not for the inventory to know.
  expect(body.calls?.map(({ presented }) => presented.scope)).toEqual([
    'orders:read stock:read',
    'stock:read',
  ])
  expect(body.calls?.[1]).toMatchObject({
    presented: {
      subject: 'alice',
      client: 'orders-service',
      audience: inventory,
      actors: ['orders-service'],
    },
  })
})

test('calls the inventory for its own work by client credentials, with no user in it', async ({
  page,
  app,
  as,
  shop,
}) => {
  await startAlice(page, app, shop)
  for (const _ of [1, 2]) {
    const { body } = await call(page, `${shop.orders.url}/orders/supply`)
    expect(body.stock?.length).toBeGreaterThan(0)
    expect(body.calls?.[1]).toMatchObject({
      by: 'client credentials',
      presented: { subject: 'orders-service', scope: 'stock:report', actors: [] },
    })
  }
  // The service keeps its own token while it is good.
  expect(as.count('token', ({ params }) => params['grant_type'] === 'client_credentials')).toBe(1)
})

test('the orders API refuses a token for another audience, of the same server and user', async ({
  page,
  app,
  as,
  shop,
}) => {
  await startAlice(page, app, shop)
  const { value: forOrders } = await getToken(page, { resource: orders })
  const client = clientOf(as, 'orders-service')
  const forInventory = await client.exchange(forOrders!, { resource: inventory, scope: 'stock:read' })
  const url = `${shop.orders.url}/orders`
  const refused = await call(page, url, forInventory)
  expect(refused).toMatchObject({ status: 401, body: { error: 'invalid_token' } })
  expect(refused.challenge).toContain('error="invalid_token"')
  // The controls: each is good where it belongs.
  expect(await call(page, url, forOrders)).toMatchObject({ status: 200 })
  const headers = { authorization: `Bearer ${forInventory}` }
  expect((await fetch(`${shop.inventory.url}/stock`, { headers })).status).toBe(200)
})

test('the inventory is closed to apps: their tokens are not for it, and they get none', async ({
  page,
  app,
  as,
  shop,
}) => {
  await startAlice(page, app, shop)
  const { value: forOrders } = await getToken(page)
  const stock = (token: string) =>
    fetch(`${shop.inventory.url}/stock`, { headers: { authorization: `Bearer ${token}` } })
  expect((await stock(forOrders!)).status).toBe(401)
  const refused = await page.evaluate(
    (resource) =>
      window.latchkey
        .exchangeToken(window.auth, { resource })
        .catch((error: unknown) => window.describe(error)),
    inventory,
  )
  expect(refused).toMatchObject({ code: 'invalid_target' })
  const client = clientOf(as, 'orders-service')
  const token = await client.exchange(forOrders!, { resource: inventory, scope: 'stock:read' })
  expect((await stock(token)).status).toBe(200)
})

test('a service exchanges only what was sent to it, within what it may', async ({ page, app, as, shop }) => {
  await startAlice(page, app, shop)
  const { value: forOrders } = await getToken(page, { resource: orders })
  const { value: forPayments } = await getToken(page, { resource: payments })
  const target = { resource: inventory, scope: 'stock:read' }
  const own = clientOf(as, 'orders-service')
  expect(decodePart(await own.exchange(forOrders!, target), 1)).toMatchObject({
    sub: 'alice',
    aud: inventory,
  })
  await expect(own.exchange(forPayments!, target)).rejects.toMatchObject({ error: 'invalid_request' })
  await expect(clientOf(as, 'payments-service').exchange(forOrders!, target)).rejects.toMatchObject({
    error: 'invalid_request',
  })
  await expect(own.exchange(forOrders!, { ...target, scope: 'stock:report' })).rejects.toMatchObject({
    error: 'invalid_scope',
  })
  await expect(
    clientOf(as, 'orders-service', { clientSecret: 'guessed' }).exchange(forOrders!, target),
  ).rejects.toMatchObject({
    status: 401,
  })
  // Another service may not act for the user: the token says who may (may_act).
  const actor = await clientOf(as, 'payments-service').getOwnToken({ resource: payments, scope: '' })
  await expect(own.exchange(forOrders!, target, actor)).rejects.toMatchObject({ error: 'invalid_request' })
})

test('nobody can be taken for a service: not a user of its name, not who was sent its token', async ({
  page,
  app,
  as,
  shop,
}) => {
  await startAlice(page, app, shop)
  const service = clientOf(as, 'orders-service')
  const report = { resource: inventory, scope: 'stock:report' }
  // As the inventory sees it with each call.
  const sent = await service.getOwnToken(report)
  const exchange = (options: object) =>
    page.evaluate(
      (request) =>
        window.latchkey.exchangeToken(window.auth, request).catch((error: unknown) => window.describe(error)),
      options,
    )
  expect(await exchange({ resource: payments, actorToken: sent })).toMatchObject({ code: 'invalid_request' })
  const target = { resource: inventory, scope: 'stock:read' }
  const { value: forOrders } = await getToken(page, { resource: orders })
  expect(decodePart(await service.exchange(forOrders!, target, sent), 1)).toMatchObject({
    act: { sub: 'orders-service' },
  })
  // Without a target, a refresh token is for no API in particular.
  expect(await exchange({ subjectTokenType: 'refresh_token' })).toMatchObject({ code: 'invalid_target' })

  const popup = await popupOf(page, () => clickLogin(page, { prompt: 'login' }))
  await signIn(popup, 'orders-service')
  await expect(popup.getByRole('alert')).toHaveText('This name belongs to a service: enter another one')
})

test('a service learns nothing about tokens that are not for it', async ({ page, app, as, shop }) => {
  await startAlice(page, app, shop)
  const { value: forPayments } = await getToken(page, { resource: payments })
  const { find, options } = createServerFinder(as.issuer)
  const ask = async (clientId: keyof ShopSecrets) => {
    const authentication = buildClientAuthentication(secrets[clientId])
    const client = { client_id: clientId }
    const response = await oauth.introspectionRequest(
      await find(),
      client,
      authentication,
      forPayments!,
      options,
    )
    return response.json()
  }
  expect(await ask('orders-service')).toEqual({ active: false })
  expect(await ask('payments-service')).toMatchObject({ active: true, sub: 'alice' })
})
