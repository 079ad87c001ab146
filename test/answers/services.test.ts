import * as oauth from 'oauth4webapi'
import type { Call } from '../../demo/services/call.js'
import { buildClientAuthentication, type ServiceSecret } from '../../demo/services/client-authentication.js'
import { createServerFinder } from '../../demo/services/find-server.js'
import { createServiceClient } from '../../demo/services/service-client.js'
import {
  buildShopRegistration,
  createShopSecrets,
  shopResources,
  startShop,
  type Shop,
  type ShopSecrets,
} from '../../demo/services/shop.js'
import { decodePart } from '../rig/id-token-tampering.js'
import { appOrigin } from '../rig/node-client.js'
import { expect, test as base, type NodeClient, type TestAuthorizationServer } from './fixtures.js'
import { expectLogin, getRejection } from './refusals.js'

const { orders, payments, inventory } = shopResources
const secrets = createShopSecrets()
const registration = buildShopRegistration(secrets)
/** A resource without a service. */
const archive = 'https://archive.example.com'

/** alice's access tokens, and all services of the shop. */
const test = base.extend<{ shop: Shop; forOrders: string; forPayments: string }>({
  shop: async ({ as }, use) => {
    const ports = { orders: 0, payments: 0, inventory: 0 }
    const shop = await startShop({ issuer: as.issuer, secrets, allowedOrigins: [appOrigin], ports })
    await use(shop)
    await shop.close()
  },
  forOrders: async ({ client }, use) => {
    await expectLogin(client)
    await use(await client.getToken())
  },
  forPayments: async ({ client, forOrders }, use) => {
    void forOrders
    await use(await getPaymentsToken(client))
  },
})

test.override({
  asOptions: {
    ...registration,
    // Another API that takes opaque tokens, besides the payments API.
    resources: { ...registration.resources, [archive]: { scope: 'archive:read', format: 'opaque' } },
    tokenExchange: { mayAct: { '*': 'orders-service' } },
  },
  clientOptions: { resource: [orders, payments], scope: 'openid orders:read stock:read payments:read' },
})

async function getPaymentsToken(client: NodeClient): Promise<string> {
  await client.refresh({ resource: payments }, 'payments')
  return (await client.readSession())!.tokens['payments']!.accessToken
}

interface Answer {
  status: number
  challenge: string | null
  body: { calls?: Call[]; bills?: object[]; stock?: object[]; error?: string }
}

/** Calls an API with a token. */
async function call(url: string, token: string): Promise<Answer> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  const { status, headers } = response
  return {
    status,
    challenge: headers.get('www-authenticate'),
    body: (await response.json()) as Answer['body'],
  }
}

/** Creates the OAuth client that a service uses. */
const clientOf = (
  { issuer }: TestAuthorizationServer,
  clientId: keyof ShopSecrets,
  secret: ServiceSecret = secrets[clientId],
) => createServiceClient({ issuer, clientId, ...secret })

const forStock = { resource: inventory, scope: 'stock:read' }
const refused = { status: 401, body: { error: 'invalid_token' } }

test('the payments API refuses tokens that are not for it', async ({ as, shop, forOrders, forPayments }) => {
  const url = `${shop.payments.url}/bills`
  expect(await call(url, forOrders)).toMatchObject(refused)
  expect(await call(url, 'made-up')).toMatchObject({ status: 401 })
  // Opaque tokens of its own client, which the server describes to it: one for another API, and the control, for itself.
  const { getOwnToken } = clientOf(as, 'payments-service')
  const own = async (resource: string) => call(url, await getOwnToken({ resource, scope: '' }))
  expect(await own(archive)).toMatchObject(refused)
  expect(await own(payments)).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } })
  expect(await call(url, forPayments)).toMatchObject({ status: 200 })
})

test('the orders API refuses a token for another audience, from the same server and for the same user', async ({
  as,
  shop,
  forOrders,
}) => {
  const forInventory = await clientOf(as, 'orders-service').exchange(forOrders, forStock)
  const url = `${shop.orders.url}/orders`
  const answer = await call(url, forInventory)
  expect(answer).toMatchObject(refused)
  expect(answer.challenge).toContain('error="invalid_token"')
  // The controls: each is accepted where it belongs.
  expect(await call(url, forOrders)).toMatchObject({ status: 200 })
  expect(await call(`${shop.inventory.url}/stock`, forInventory)).toMatchObject({ status: 200 })
})

test('apps cannot call the inventory: their tokens are not for it, and they cannot get one that is', async ({
  as,
  client,
  shop,
  forOrders,
}) => {
  const url = `${shop.inventory.url}/stock`
  expect((await call(url, forOrders)).status).toBe(401)
  expect(await getRejection(as, client.exchange({ resource: inventory }))).toMatchObject({
    code: 'invalid_target',
  })
  const token = await clientOf(as, 'orders-service').exchange(forOrders, forStock)
  expect((await call(url, token)).status).toBe(200)
})

test('calls the inventory as the user (impersonation), without naming the actor', async ({
  shop,
  forOrders,
}) => {
  const { status, body } = await call(`${shop.orders.url}/orders/stock?way=impersonation`, forOrders)
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

test('calls the inventory on its own behalf with client credentials, without a user', async ({
  as,
  shop,
  forOrders,
}) => {
  for (const _ of [1, 2]) {
    const { body } = await call(`${shop.orders.url}/orders/supply`, forOrders)
    expect(body.stock?.length).toBeGreaterThan(0)
    expect(body.calls?.[1]).toMatchObject({
      by: 'client credentials',
      presented: { subject: 'orders-service', scope: 'stock:report', actors: [] },
    })
  }
  // The service keeps its own token while it is valid.
  expect(as.count('token', ({ params }) => params['grant_type'] === 'client_credentials')).toBe(1)
})

test('a service exchanges only tokens that were sent to it, within its permissions', async ({
  as,
  forOrders,
  forPayments,
}) => {
  const own = clientOf(as, 'orders-service')
  expect(decodePart(await own.exchange(forOrders, forStock), 1)).toMatchObject({
    sub: 'alice',
    aud: inventory,
  })
  await expect(own.exchange(forPayments, forStock)).rejects.toMatchObject({ error: 'invalid_request' })
  const others = clientOf(as, 'payments-service')
  await expect(others.exchange(forOrders, forStock)).rejects.toMatchObject({ error: 'invalid_request' })
  await expect(own.exchange(forOrders, { ...forStock, scope: 'stock:report' })).rejects.toMatchObject({
    error: 'invalid_scope',
  })
  const guessed = clientOf(as, 'orders-service', { clientSecret: 'guessed' })
  await expect(guessed.exchange(forOrders, forStock)).rejects.toMatchObject({ status: 401 })
  // Another service may not act for the user: the token says who may (may_act).
  const actor = await others.getOwnToken({ resource: payments, scope: '' })
  await expect(own.exchange(forOrders, forStock, actor)).rejects.toMatchObject({ error: 'invalid_request' })
})

test('a service learns nothing about tokens that are not for it', async ({ as, forPayments }) => {
  const { find, options } = createServerFinder(as.issuer)
  const ask = async (clientId: keyof ShopSecrets) => {
    const authentication = buildClientAuthentication(secrets[clientId])
    const client = { client_id: clientId }
    const response = await oauth.introspectionRequest(
      await find(),
      client,
      authentication,
      forPayments,
      options,
    )
    return response.json()
  }
  expect(await ask('orders-service')).toEqual({ active: false })
  expect(await ask('payments-service')).toMatchObject({ active: true, sub: 'alice' })
})
