import { SignJWT } from 'jose'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { createJwtIssuer } from '../../demo/partner/jwt-issuer.js'
import { startPartner } from '../../demo/partner/partner-service.js'
import { createSamlIssuer } from '../../demo/partner/saml-issuer.js'
import { createServiceClient } from '../../demo/services/service-client.js'
import {
  buildShopRegistration,
  createShopSecrets,
  shopResources,
  startShop,
} from '../../demo/services/shop.js'
import { decodePart } from '../rig/id-token-tampering.js'
import { expect, test, type TestAuthorizationServer } from './fixtures.js'

const { orders } = shopResources
const secrets = createShopSecrets()
const issuer = 'https://idp.partner.example'
const partnerKey = createKey()
const jwt = createJwtIssuer(issuer, partnerKey)
const saml = createSamlIssuer({ entityId: issuer })
const target = { resource: orders, scope: 'orders:read' }
const never = createJwtIssuer(issuer)
const stranger = createJwtIssuer('https://idp.stranger.example')

test.override({
  asOptions: {
    ...buildShopRegistration(secrets),
    tokenExchange: true,
    samlIssuers: { [issuer]: { publicKey: saml.publicKey, scope: 'orders:read' } },
    jwtIssuers: { [issuer]: { publicKey: jwt.publicKey, scope: 'orders:read' } },
  },
})

const partnerAt = ({ issuer }: TestAuthorizationServer) =>
  createServiceClient({ issuer, clientId: 'partner-service', ...secrets['partner-service'] })

test("redeems a partner's JWT for a token about its user", async ({ as }) => {
  const assertion = await jwt.issue({ subject: 'pat', audience: as.issuer })
  const claims = decodePart(await partnerAt(as).redeemJwt(assertion, target), 1)
  expect(claims).toMatchObject({
    sub: 'pat',
    aud: orders,
    scope: 'orders:read',
    client_id: 'partner-service',
  })
  // It is valid for no longer than the assertion.
  expect(Number(claims['exp'])).toBeLessThanOrEqual(Number(decodePart(assertion, 1)['exp']))
  const { params } = as.requests.findLast(({ endpoint }) => endpoint === 'token')!
  expect(params).toEqual({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion,
    resource: orders,
    scope: 'orders:read',
  })
})

test.for<[string, (as: TestAuthorizationServer) => Promise<string>]>([
  ['of an unknown issuer', (as) => stranger.issue({ subject: 'pat', audience: as.issuer })],
  ['signed by another key', (as) => never.issue({ subject: 'pat', audience: as.issuer })],
  ['for another audience', () => jwt.issue({ subject: 'pat', audience: 'https://other.example' })],
  ['that has expired', (as) => jwt.issue({ subject: 'pat', audience: as.issuer, expiresIn: -1 })],
  ['that is valid for a day', (as) => jwt.issue({ subject: 'pat', audience: as.issuer, expiresIn: 86_400 })],
  ['about a service', (as) => jwt.issue({ subject: 'orders-service', audience: as.issuer })],
  ['without an ID', (as) => signWithoutId(as.issuer)],
  ['that is not a JWT', async () => 'made-up'],
])('refuses an assertion %s', async ([, issue], { as }) => {
  const partner = partnerAt(as)
  await expect(partner.redeemJwt(await issue(as), target)).rejects.toMatchObject({
    status: 400,
    error: 'invalid_grant',
  })
  // The control.
  await partner.redeemJwt(await jwt.issue({ subject: 'pat', audience: as.issuer }), target)
})

test('accepts an assertion once', async ({ as }) => {
  const partner = partnerAt(as)
  const assertion = await jwt.issue({ subject: 'pat', audience: as.issuer })
  await partner.redeemJwt(assertion, target)
  await expect(partner.redeemJwt(assertion, target)).rejects.toMatchObject({ error: 'invalid_grant' })
  await partner.redeemJwt(await jwt.issue({ subject: 'pat', audience: as.issuer }), target)
})

test('gives no more scope than the partner may vouch for, and no token for an app', async ({ as }) => {
  const issue = () => jwt.issue({ subject: 'pat', audience: as.issuer })
  const wide = partnerAt(as).redeemJwt(await issue(), { ...target, scope: 'orders:history' })
  await expect(wide).rejects.toMatchObject({ error: 'invalid_scope' })
  const body = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    client_id: as.clientId,
    assertion: await issue(),
    resource: orders,
  })
  const response = await fetch(`${as.issuer}/token`, { method: 'POST', body })
  expect(await response.json()).toEqual({
    error: 'invalid_request',
    error_description: expect.stringMatching(/grant type is not allowed/),
  })
})

test("the partner's service reads its user's orders, by SAML assertion and by JWT", async ({ as }) => {
  const ports = { orders: 0, payments: 0, inventory: 0 }
  const shop = await startShop({ issuer: as.issuer, secrets, allowedOrigins: [], ports })
  const partner = await startPartner({
    port: 0,
    issuer: as.issuer,
    clientId: 'partner-service',
    ...secrets['partner-service'],
    allowedOrigins: [],
    orders: { url: shop.orders.url, resource: orders },
    identityProvider: { saml, jwt },
  })
  try {
    const read = async (query: string) => (await fetch(`${partner.url}/orders${query}`)).json()
    const presented = { subject: 'pat', client: 'partner-service', scope: 'orders:read' }
    expect(await read('')).toMatchObject({ calls: [{ by: 'SAML assertion', presented }] })
    expect(await read('?with=jwt')).toMatchObject({ calls: [{ by: 'JWT bearer', presented }] })
  } finally {
    await Promise.all([shop.close(), partner.close()])
  }
})

function createKey() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ format: 'jwk' })
}

function signWithoutId(audience: string): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuer(issuer)
    .setSubject('pat')
    .setAudience(audience)
    .setExpirationTime('1 minute')
    .sign(createPrivateKey({ key: partnerKey, format: 'jwk' }))
}
