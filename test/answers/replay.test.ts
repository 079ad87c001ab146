// Everything that is meant to be used once, presented twice: what must happen, and the control that the first time works. The
// response on the callback page is replayed in a browser (test/browser/delivery/replay.spec.ts).
import { describe } from 'vitest'
import { createJwtIssuer } from '../../demo/partner/jwt-issuer.js'
import { createSamlIssuer } from '../../demo/partner/saml-issuer.js'
import { createServiceClient } from '../../demo/services/service-client.js'
import { buildShopRegistration, createShopSecrets, shopResources } from '../../demo/services/shop.js'
import { openNodeClient } from '../rig/node-client.js'
import { collectRefreshTokens, isAlive } from '../rig/refresh-tokens.js'
import { encodeAssertion } from '../rig/saml-tampering.js'
import { expect, test, type TestAuthorizationServer } from './fixtures.js'
import { expectLogin, getRejection } from './refusals.js'

const { orders } = shopResources
const partner = 'https://idp.partner.example'
const saml = createSamlIssuer({ entityId: partner })
const jwt = createJwtIssuer(partner)
const secrets = createShopSecrets()

test.override({
  asOptions: {
    ...buildShopRegistration(secrets),
    tokenExchange: true,
    samlIssuers: { [partner]: { publicKey: saml.publicKey, scope: 'orders:read' } },
    jwtIssuers: { [partner]: { publicKey: jwt.publicKey, scope: 'orders:read' } },
  },
  clientOptions: { resource: orders, scope: 'openid orders:read' },
})

/** Sends a form to the token endpoint once more. */
async function sendAgain(as: TestAuthorizationServer, headers: Record<string, string> = {}, changes = {}) {
  const { params } = as.requests.findLast(({ endpoint }) => endpoint === 'token')!
  const body = new URLSearchParams({ ...params, ...changes })
  const response = await fetch(`${as.issuer}/token`, { method: 'POST', body, headers })
  return {
    status: response.status,
    ...((await response.json()) as { error?: string }),
  }
}

test('a code: the second time is refused, and ends what the first has started', async ({ as, client }) => {
  const tokens = collectRefreshTokens(as)
  await expectLogin(client)
  expect(await sendAgain(as)).toMatchObject({ status: 400, error: 'invalid_grant' })
  expect(await isAlive(as, tokens[0])).toBe(false)
  // The control: without a replay it lives.
  await expectLogin(client)
  expect(await isAlive(as, tokens[1])).toBe(true)
})

test('a response: the client redeems it for one login only', async ({ as, client }) => {
  const answer = await client.authorize()
  await client.vault.redeem({ ...answer, key: '' })
  const replayed = await getRejection(as, client.vault.redeem({ ...answer, key: '' }))
  expect(replayed).toMatchObject({ code: 'invalid_grant' })
})

test('a state: a response does not fit another login', async ({ as, client }) => {
  const first = await client.authorize()
  const second = await client.authorize()
  const crossed = { reply: first.reply, transaction: second.transaction, key: '' }
  expect(await getRejection(as, client.vault.redeem(crossed))).toMatchObject({
    code: 'invalid_response',
    cause: { claim: 'state' },
  })
  expect(as.count('token')).toBe(0)
  await client.vault.redeem({ ...second, key: '' })
})

test('a refresh token: the second time is refused, and ends the session', async ({ as, client }) => {
  const tokens = collectRefreshTokens(as)
  await expectLogin(client)
  await client.refresh()
  expect(await sendAgain(as)).toMatchObject({ status: 400, error: 'invalid_grant' })
  expect(await isAlive(as, tokens.at(-1))).toBe(false)
  await expectLogin(client)
  await client.refresh()
  expect(await isAlive(as, tokens.at(-1))).toBe(true)
})

describe('with DPoP', () => {
  test.override({ clientOptions: { resource: orders, scope: 'openid orders:read', dpop: true } })

  test('a proof: the second time is refused, even with a token that was not used yet', async ({
    as,
    client,
  }) => {
    const tokens = collectRefreshTokens(as)
    await expectLogin(client)
    await client.refresh()
    const { proof } = as.requests.findLast(({ endpoint }) => endpoint === 'token')!
    const again = await sendAgain(as, { dpop: proof! }, { refresh_token: tokens.at(-1)! })
    expect(again).toMatchObject({ status: 400, error: 'invalid_grant' })
    // The control: with the client's next proof, the same token is accepted, so it was the proof.
    await client.refresh()
  })
})

test('a SAML assertion: accepted again while it is valid, because this server does not count them', async ({
  as,
  client,
}) => {
  const xml = saml.issue({ subject: 'alice', audience: as.issuer, recipient: `${as.issuer}/token` })
  const request = { subjectToken: encodeAssertion(xml), subjectTokenType: 'saml2', resource: orders }
  await client.exchange(request)
  await client.exchange(request)
  const end = new Date(Date.now() - 1000)
  const old = saml.issue({
    subject: 'alice',
    audience: as.issuer,
    recipient: `${as.issuer}/token`,
    notOnOrAfter: end,
  })
  const expired = client.exchange({ ...request, subjectToken: encodeAssertion(old) })
  expect(await getRejection(as, expired)).toMatchObject({ code: 'invalid_request' })
})

test("a partner's JWT, and a service's assertion: the second time is refused", async ({ as }) => {
  const service = (clientId: keyof typeof secrets) =>
    createServiceClient({ issuer: as.issuer, clientId, ...secrets[clientId] })
  const target = { resource: orders, scope: 'orders:read' }
  const assertion = await jwt.issue({ subject: 'pat', audience: as.issuer })
  await service('partner-service').redeemJwt(assertion, target)
  const again = service('partner-service').redeemJwt(assertion, target)
  await expect(again).rejects.toMatchObject({ error: 'invalid_grant' })

  const report = { resource: shopResources.inventory, scope: 'stock:report' }
  await service('orders-service').getOwnToken(report)
  expect(await sendAgain(as)).toMatchObject({ status: 401, error: 'invalid_client' })
  await service('orders-service').getOwnToken(report)
})

test('a pushed request: its reference opens no second login', async ({ startAs }) => {
  const server = await startAs({ par: 'required' })
  const client = await openNodeClient(server)
  await expectLogin(client)
  const { params } = server.requests.find(({ endpoint }) => endpoint === 'authorize')!
  const url = `${server.issuer}/auth?${new URLSearchParams(params)}`
  const response = await fetch(url, { redirect: 'manual' })
  expect(response.status).toBe(400)
  expect(await response.text()).toContain('invalid_request_uri')
  // The control: a new one does.
  await expectLogin(client)
})
