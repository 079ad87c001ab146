import type { Page } from '@playwright/test'
import type { Call } from '../../../demo/services/call.js'
import { createServiceClient } from '../../../demo/services/service-client.js'
import type { Shop } from '../../../demo/services/shop.js'
import type { AppServer, TestAuthorizationServer } from '../../rig/fixtures.js'
import { clickLogin, outcome } from '../../rig/app-page.js'
import { decodePart } from '../../rig/id-token-tampering.js'
import { isRefresh } from '../../rig/request-kinds.js'
import { passTime } from '../../rig/shifted-clock.js'
import { expect, secrets, shopResources, test } from '../../rig/shop.js'
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

test('nobody can be taken for a service: not a user of its name, not who was sent its token', async ({
  page,
  app,
  as,
  shop,
}) => {
  await startAlice(page, app, shop)
  const service = createServiceClient({
    issuer: as.issuer,
    clientId: 'orders-service',
    ...secrets['orders-service'],
  })
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
