import { buildClientAuthentication } from '../../demo/services/client-authentication.js'
import { createServiceClient, type ServiceCredentials } from '../../demo/services/service-client.js'
import { buildShopRegistration, createShopSecrets, shopResources } from '../../demo/services/shop.js'
import { decodePart } from '../rig/id-token-tampering.js'
import { isExchange } from '../rig/exchange-calls.js'
import { expect, test, type TestAuthorizationServer } from './fixtures.js'
import { expectLogin } from './refusals.js'

const { orders, inventory } = shopResources
const secrets = createShopSecrets()
const registration = buildShopRegistration(secrets)
const report = { resource: inventory, scope: 'stock:report' }
const stock = { resource: inventory, scope: 'stock:read' }

test.override({
  asOptions: { ...registration, tokenExchange: true, accessTokenTTL: 60 },
  clientOptions: { resource: orders, scope: 'openid orders:read stock:read' },
})

const credentialsOf = (
  { issuer }: TestAuthorizationServer,
  clientId: keyof typeof secrets,
  secret = secrets[clientId],
): ServiceCredentials => ({ issuer, clientId, ...secret })

const isClientCredentials = ({ params }: { params: Record<string, string> }) =>
  params['grant_type'] === 'client_credentials'

test('keeps the token of a service until 30 s before its end', async ({ as }) => {
  let now = Date.now()
  const { getOwnToken } = createServiceClient(credentialsOf(as, 'orders-service'), () => now)
  const first = await getOwnToken(report)
  expect(decodePart(first, 1)).toMatchObject({ sub: 'orders-service', aud: inventory, scope: 'stock:report' })
  now += 29_000
  expect(await getOwnToken(report)).toBe(first)
  expect(as.count('token', isClientCredentials)).toBe(1)
  now += 1_000
  const second = await getOwnToken(report)
  expect(second).not.toBe(first)
  now += 29_000
  expect(await getOwnToken(report)).toBe(second)
  expect(as.count('token', isClientCredentials)).toBe(2)
})

test('authenticates a service by an assertion that it signs, or by a shared secret', async ({
  as,
  client,
}) => {
  await expectLogin(client)
  const token = await client.getToken()
  const signing = createServiceClient(credentialsOf(as, 'orders-service'))
  expect(decodePart(await signing.exchange(token, stock), 1)).toMatchObject({ sub: 'alice', aud: inventory })
  const { params } = as.requests.findLast(isExchange)!
  expect(params).toMatchObject({
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  })
  expect(decodePart(params['client_assertion']!, 1)).toMatchObject({
    iss: 'orders-service',
    sub: 'orders-service',
    aud: as.issuer,
    jti: expect.any(String),
  })

  const shared = createServiceClient(credentialsOf(as, 'payments-service'))
  await shared.getOwnToken({ resource: shopResources.payments, scope: '' })
  // In the header, which is not among the parameters.
  const sent = as.requests.findLast(isClientCredentials)!.params
  expect(Object.keys(sent).sort()).toEqual(['grant_type', 'resource', 'scope'])
})

test('refuses an assertion that another key has signed, that is for another server, or that comes again', async ({
  as,
  startAs,
}) => {
  const stranger = createShopSecrets()['orders-service']
  const refused = { status: 401, error: 'invalid_client' }
  const asStranger = createServiceClient(credentialsOf(as, 'orders-service', stranger))
  await expect(asStranger.getOwnToken(report)).rejects.toMatchObject(refused)

  // What another server was sent, by the same service with the same key.
  const other = await startAs({ ...registration, tokenExchange: true })
  await createServiceClient(credentialsOf(other, 'orders-service')).getOwnToken(report)
  const own = createServiceClient(credentialsOf(as, 'orders-service'))
  await own.getOwnToken(report)
  const sentTo = (server: TestAuthorizationServer) => server.requests.findLast(isClientCredentials)!.params
  const replay = (server: TestAuthorizationServer) =>
    fetch(`${as.issuer}/token`, { method: 'POST', body: new URLSearchParams(sentTo(server)) })
  for (const server of [other, as]) {
    const response = await replay(server)
    expect([response.status, await response.json()]).toEqual([
      401,
      expect.objectContaining({ error: 'invalid_client' }),
    ])
  }

  // The control: a new assertion, by the key that is registered.
  await createServiceClient(credentialsOf(as, 'orders-service')).getOwnToken(report)
})

test('sends nothing of the private key', async ({ as }) => {
  const secret = secrets['orders-service']
  const d = 'privateKey' in secret ? String(secret.privateKey['d']) : ''
  expect(d).not.toBe('')
  const registered = registration.services['orders-service']!
  expect(JSON.stringify(registered)).toContain('"kid"')
  expect(JSON.stringify(registered)).not.toContain(d)
  await createServiceClient(credentialsOf(as, 'orders-service')).getOwnToken(report)
  expect(JSON.stringify(as.requests)).not.toContain(d)
  expect(() => buildClientAuthentication(secret)).not.toThrow()
})

test('names the API by "audience" at a server that knows no "resource"', async ({ as, client }) => {
  await expectLogin(client)
  const credentials = { ...credentialsOf(as, 'orders-service'), targetParameter: 'audience' as const }
  const token = await createServiceClient(credentials).exchange(await client.getToken(), stock)
  expect(decodePart(token, 1)).toMatchObject({ sub: 'alice', aud: inventory })
  const { params } = as.requests.findLast(isExchange)!
  expect(params).toMatchObject({ audience: inventory })
  expect(params).not.toHaveProperty('resource')
})
