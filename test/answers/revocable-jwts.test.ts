import { onTestFinished, vi } from 'vitest'
import { createActiveCache } from '../../demo/services/active-cache.js'
import { createServiceClient } from '../../demo/services/service-client.js'
import { createIntrospection } from '../../demo/services/introspect.js'
import {
  buildShippingRegistration,
  shippingClient,
  shippingResource,
  startShipping,
  type Shipping,
} from '../../demo/services/shipping.js'
import { buildShopRegistration, createShopSecrets, shopResources } from '../../demo/services/shop.js'
import { forge, reissue } from '../rig/exchange-calls.js'
import { decodePart } from '../rig/id-token-tampering.js'
import type { Endpoint } from '../rig/request-log.js'
import { expect, test as base, type NodeClient, type TestAuthorizationServer } from './fixtures.js'
import { expectLogin } from './refusals.js'

const clientSecret = 'of the shipping APIs'
const secrets = createShopSecrets()
const shop = buildShopRegistration(secrets)
const shipping = buildShippingRegistration(clientSecret)
const { orders } = shopResources

interface Fixtures {
  /** How long the deliveries API caches an answer, in seconds. */
  maxAge: number
  /** The clock of that cache, which a test advances. */
  clock: { now: number }
  apis: Shipping
}

const test = base.extend<Fixtures>({
  maxAge: 0,
  clock: async ({}, use) => use({ now: Date.now() }),
  apis: async ({ as, maxAge, clock }, use) => {
    const apis = await startShipping({
      issuer: as.issuer,
      clientId: shippingClient,
      clientSecret,
      allowedOrigins: [],
      ports: { deliveries: 0, tracking: 0 },
      maxAge,
      now: () => clock.now,
    })
    await use(apis)
    await apis.close()
  },
})

test.override({
  asOptions: {
    resources: { ...shop.resources, ...shipping.resources },
    services: { ...shop.services, ...shipping.services },
    tokenExchange: true,
  },
  clientOptions: { resource: shippingResource, scope: 'openid shipping:read' },
})

/** Logs alice in and gets her JWT for the shipping APIs. */
async function startAlice(client: NodeClient): Promise<string> {
  await expectLogin(client)
  return client.getToken()
}

/** Calls one of the APIs and gets its HTTP status. */
async function call(api: { url: string }, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` }
  return (await fetch(`${api.url}/parcels`, { headers })).status
}

/** Revokes a token at the server, as a client does. */
async function revoke(as: TestAuthorizationServer, token: string, clientId = as.clientId): Promise<number> {
  const body = new URLSearchParams({ token, client_id: clientId })
  return (await fetch(`${as.issuer}/token/revocation`, { method: 'POST', body })).status
}

/** Introspects a token as the shipping APIs, or as another service. */
const introspect = (
  { issuer }: TestAuthorizationServer,
  token: string,
  credentials: { clientId: string; clientSecret: string } = { clientId: shippingClient, clientSecret },
) => createIntrospection({ issuer, ...credentials })(token)

test('a revoked JWT is refused at once by the API that asks the server, and accepted by the other', async ({
  as,
  client,
  apis,
}) => {
  const token = await startAlice(client)
  expect(decodePart(token, 0)).toMatchObject({ typ: 'at+jwt' })
  expect(await call(apis.deliveries, token)).toBe(200)
  expect(await call(apis.tracking, token)).toBe(200)
  expect(await revoke(as, token)).toBe(200)
  const response = await fetch(`${apis.deliveries.url}/parcels`, {
    headers: { authorization: `Bearer ${token}` },
  })
  expect(response.status).toBe(401)
  expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"')
  expect(await call(apis.tracking, token)).toBe(200)
})

test('a revocation affects one token: the session continues with a new one', async ({ as, client, apis }) => {
  const token = await startAlice(client)
  await revoke(as, token)
  await client.refresh()
  const next = await client.getToken()
  expect(next).not.toBe(token)
  expect(await call(apis.deliveries, next)).toBe(200)
  expect(await call(apis.deliveries, token)).toBe(401)
})

test('a JWT is refused once the refresh token of its grant is revoked', async ({ as, client, apis }) => {
  const token = await startAlice(client)
  expect(await call(apis.deliveries, token)).toBe(200)
  await revoke(as, (await client.readSession())!.refreshToken!)
  expect(await call(apis.deliveries, token)).toBe(401)
  expect(await call(apis.tracking, token)).toBe(200)
})

test.for<[string, (token: string) => string]>([
  ['that is forged', forge],
  ['that has expired', (token) => reissue(token, { exp: 1 })],
  ['for another API', (token) => reissue(token, { aud: orders })],
  ['of another issuer', (token) => reissue(token, { iss: 'https://other.example' })],
  ['that is not a JWT', () => 'made-up'],
])('the server is not asked about a token %s', async ([, spoil], { as, client, apis }) => {
  const token = await startAlice(client)
  expect(await call(apis.deliveries, spoil(token))).toBe(401)
  expect(as.count('introspection')).toBe(0)
  // The control.
  expect(await call(apis.deliveries, reissue(token))).toBe(200)
  expect(as.count('introspection')).toBe(1)
})

test('a JWT that the server signed but does not remember is refused', async ({ as, client, apis }) => {
  const token = await startAlice(client)
  const foreign = reissue(token, { jti: 'never issued' })
  expect(await call(apis.deliveries, foreign)).toBe(401)
  expect(as.count('introspection')).toBe(1)
  // Its signature alone is valid.
  expect(await call(apis.tracking, foreign)).toBe(200)
  expect(await call(apis.deliveries, token)).toBe(200)
})

test.for<[string, object]>([
  ['answers 500', { status: 500 }],
  ['cuts the connection', { cut: true }],
  ['answers nonsense', { body: { active: 'perhaps' } }],
])('every call is refused with 503 while the server %s', async ([, fault], { as, client, apis }) => {
  const token = await startAlice(client)
  const { end } = as.fault('introspection', fault)
  const response = await fetch(`${apis.deliveries.url}/parcels`, {
    headers: { authorization: `Bearer ${token}` },
  })
  expect(response.status).toBe(503)
  // The token is not at fault, so the response must not suggest that it is.
  expect(response.headers.get('www-authenticate')).toBe(null)
  expect(await call(apis.tracking, token)).toBe(200)
  end()
  expect(await call(apis.deliveries, token)).toBe(200)
})

test.for<[string, Endpoint]>([
  ['its metadata', 'metadata'],
  ['its keys', 'jwks'],
  ['the introspection', 'introspection'],
])(
  'a call is refused with 503 after five seconds without an answer about %s',
  async ([, endpoint], { as, client, apis }) => {
    const token = await startAlice(client)
    const limits: { milliseconds: number; end: AbortController }[] = []
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => {
      const end = new AbortController()
      limits.push({ milliseconds, end })
      return end.signal
    })
    onTestFinished(() => timeout.mockRestore())
    const fault = as.fault(endpoint, { hang: true })
    const status = call(apis.deliveries, token)
    await fault.hit
    const { milliseconds, end } = limits.at(-1)!
    expect(milliseconds).toBe(5000)
    end.abort(new DOMException('the time is up', 'TimeoutError'))
    expect(await status).toBe(503)
    fault.end()
    expect(await call(apis.deliveries, token)).toBe(200)
  },
)

test('without a cache, each call asks the server, even if the clock is set back', async ({
  as,
  client,
  apis,
  clock,
}) => {
  const token = await startAlice(client)
  for (const asked of [1, 2, 3]) {
    clock.now -= 1000
    expect(await call(apis.deliveries, token)).toBe(200)
    expect(as.count('introspection')).toBe(asked)
  }
})

test.describe('with a cache of five seconds', () => {
  test.override({ maxAge: 5 })

  test('a revoked token is accepted for less than five seconds', async ({ as, client, apis, clock }) => {
    const token = await startAlice(client)
    expect(await call(apis.deliveries, token)).toBe(200)
    await revoke(as, token)
    clock.now += 4999
    expect(await call(apis.deliveries, token)).toBe(200)
    expect(as.count('introspection')).toBe(1)
    clock.now += 1
    expect(await call(apis.deliveries, token)).toBe(401)
    expect(as.count('introspection')).toBe(2)
  })

  test('a revoked token is refused if the clock was set back', async ({ as, client, apis, clock }) => {
    const token = await startAlice(client)
    expect(await call(apis.deliveries, token)).toBe(200)
    await revoke(as, token)
    // The control: the answer is in the cache.
    expect(await call(apis.deliveries, token)).toBe(200)
    clock.now -= 1
    expect(await call(apis.deliveries, token)).toBe(401)
  })

  test('a refusal is not cached, and a cached answer applies to one token only', async ({
    as,
    client,
    apis,
  }) => {
    const token = await startAlice(client)
    const foreign = reissue(token, { jti: 'never issued' })
    expect(await call(apis.deliveries, token)).toBe(200)
    for (const asked of [2, 3]) {
      expect(await call(apis.deliveries, foreign)).toBe(401)
      expect(as.count('introspection')).toBe(asked)
    }
    expect(await call(apis.deliveries, token)).toBe(200)
    expect(as.count('introspection')).toBe(3)
  })

  test('the cache does not keep a token beyond its expiry', async ({ client, apis }) => {
    const token = await startAlice(client)
    expect(await call(apis.deliveries, token)).toBe(200)
    // The same claims, so the same `jti`; the signature is checked before the cache.
    expect(await call(apis.deliveries, reissue(token, { exp: 1 }))).toBe(401)
  })

  test('while the server is down, a cached answer is used until it is too old', async ({
    as,
    client,
    apis,
    clock,
  }) => {
    const token = await startAlice(client)
    expect(await call(apis.deliveries, token)).toBe(200)
    as.fault('introspection', { status: 500 })
    clock.now += 4999
    expect(await call(apis.deliveries, token)).toBe(200)
    clock.now += 1
    expect(await call(apis.deliveries, token)).toBe(503)
  })
})

test('the age of an answer counts from its request', async () => {
  let now = 0
  let asked = 0
  const isActive = createActiveCache(
    async () => {
      asked += 1
      // The server takes four seconds to answer.
      now += 4000
      return true
    },
    { maxAge: 5, now: () => now },
  )
  await isActive('token')
  now += 999
  await isActive('token')
  expect(asked).toBe(1)
  now += 1
  await isActive('token')
  expect(asked).toBe(2)
})

test('a change of the system time does not change the age of an answer', async () => {
  const start = Date.now()
  const systemTime = vi.spyOn(Date, 'now').mockReturnValue(start)
  onTestFinished(() => systemTime.mockRestore())
  let asked = 0
  const ask = async () => {
    asked += 1
    return true
  }
  const isActive = createActiveCache(ask, { maxAge: 60 })
  await isActive('token')
  for (const hours of [-1, 1]) {
    systemTime.mockReturnValue(start + hours * 3_600_000)
    await isActive('token')
    expect(asked).toBe(1)
  }
})

test('a cache cannot keep an answer for more than a minute', () => {
  const ask = async () => true
  for (const maxAge of [61, -1, Infinity, NaN])
    expect(() => createActiveCache(ask, { maxAge })).toThrow('"maxAge" must be from 0 to 60 s')
  createActiveCache(ask, { maxAge: 60 })
})

test('the server describes a token only to the API that it is for', async ({ as, client }) => {
  const token = await startAlice(client)
  const { jti, exp } = decodePart(token, 1)
  expect(await introspect(as, token)).toMatchObject({
    active: true,
    sub: 'alice',
    client_id: as.clientId,
    aud: shippingResource,
    scope: 'shipping:read',
    jti,
    exp: expect.closeTo(Number(exp), -1),
  })
  const { clientSecret: other } = secrets['payments-service'] as { clientSecret: string }
  const payments = { clientId: 'payments-service', clientSecret: other }
  expect(await introspect(as, token, payments)).toEqual({ active: false })
  const guessed = introspect(as, token, { clientId: shippingClient, clientSecret: 'guessed' })
  await expect(guessed).rejects.toMatchObject({ status: 401 })
})

test('only the client that a token was issued to can revoke it', async ({ as, client }) => {
  const token = await startAlice(client)
  await revoke(as, token, 'second-app')
  await revoke(as, forge(token))
  expect(await introspect(as, token)).toMatchObject({ active: true })
  await revoke(as, token)
  expect(await introspect(as, token)).toEqual({ active: false })
})

test('the ID of a token does not work as a token', async ({ as, client, apis }) => {
  const token = await startAlice(client)
  const { jti } = decodePart(token, 1) as { jti: string }
  expect(await introspect(as, jti)).toEqual({ active: false })
  await revoke(as, jti)
  expect(await call(apis.deliveries, token)).toBe(200)
})

test('a revoked JWT cannot be exchanged for another token', async ({ as, client }) => {
  const token = await startAlice(client)
  const { exchange } = createServiceClient({ issuer: as.issuer, clientId: shippingClient, clientSecret })
  const target = { resource: shippingResource, scope: 'shipping:read' }
  const exchanged = await exchange(token, target)
  expect(await introspect(as, exchanged)).toMatchObject({ active: true, sub: 'alice' })
  await revoke(as, token)
  await expect(exchange(token, target)).rejects.toMatchObject({ error: 'invalid_request' })
})
