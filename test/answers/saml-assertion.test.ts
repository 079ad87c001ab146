import { request as sendRequest } from 'node:http'
import type { ExchangedToken, ExchangeRequest } from '../../src/add-ons/exchange/token-exchange.js'
import { isExchange } from '../rig/exchange-calls.js'
import { decodePart } from '../rig/id-token-tampering.js'
import { openNodeClient } from '../rig/node-client.js'
import { buildRequest, entityId, issue, orders, partnerKey, partnerOptions } from '../rig/saml-partner.js'
import { change, encodeAssertion, generateKey, resign, wrappings } from '../rig/saml-tampering.js'
import { expect, test, type NodeClient, type TestAuthorizationServer } from './fixtures.js'
import { expectLogin, getRejection } from './refusals.js'

test.override({
  asOptions: { ...partnerOptions, services: { robot: { secret: 'of-nobody-in-this-test', scope: '' } } },
})

/** Exchanges an assertion for a token for the bills, by a client that nobody is logged in at. */
function present(client: NodeClient, xml: string, options: ExchangeRequest = {}): Promise<ExchangedToken> {
  return client.exchange({ ...buildRequest(xml), ...options })
}

/** Expects that the server refuses an assertion without a word about why, and that the client's error holds nothing of it. */
async function expectRefused(as: TestAuthorizationServer, client: NodeClient, xml: string): Promise<void> {
  const sent = as.count('token', isExchange)
  const error = await getRejection(as, present(client, xml))
  expect(error).toMatchObject({
    name: 'AuthError',
    code: 'invalid_request',
    error: 'invalid_request',
    error_description: 'subject_token is not a valid token of a supported type',
    status: 400,
    retryable: false,
  })
  expect(as.count('token', isExchange)).toBe(sent + 1)
  const encoded = encodeAssertion(xml)
  for (const piece of [encoded.slice(0, 20), encoded.slice(-20), entityId, 'alice', 'mallory', 'saml'])
    expect(JSON.stringify([error, error.message])).not.toContain(piece)
}

async function expectTaken(client: NodeClient, xml: string): Promise<void> {
  const { token } = await present(client, xml)
  expect(decodePart(token, 1)).toMatchObject({ sub: 'alice', aud: 'bills' })
}

test('exchanges the assertion of a partner for an access token without a logged-in user', async ({
  as,
  client,
}) => {
  const xml = issue(as, { notOnOrAfter: new Date(Date.now() + 60_000) })
  const issued = await present(client, xml)
  // What the partner's users may have, and the API knows.
  expect(issued).toMatchObject({ tokenType: 'bearer', issuedTokenType: 'access_token', scope: 'read' })
  expect(issued.actors).toEqual([])
  // It ends with the assertion.
  expect(issued.expiresAt - Date.now()).toBeLessThanOrEqual(60_000)
  const claims = decodePart(issued.token, 1)
  expect(claims).toMatchObject({
    sub: 'alice',
    aud: 'bills',
    iss: as.issuer,
    scope: 'read',
    client_id: as.clientId,
  })
  expect(claims).not.toHaveProperty('act')
  expect(as.requests.find(isExchange)?.params).toMatchObject({
    subject_token_type: 'urn:ietf:params:oauth:token-type:saml2',
    subject_token: encodeAssertion(xml),
  })
  // The same one again, for another API.
  expect(await present(client, xml, { audience: orders })).toMatchObject({ scope: 'read' })
})

test('names the actor for the subject of an assertion', async ({ as }) => {
  const client = await openNodeClient(as, { resource: orders, scope: 'openid read' })
  await expectLogin(client, { user: 'bob' })
  const issued = await present(client, issue(as), { actorToken: await client.getToken() })
  expect(issued.actors).toEqual([{ sub: 'bob' }])
  expect(decodePart(issued.token, 1)).toMatchObject({ sub: 'alice', aud: 'bills', act: { sub: 'bob' } })
  // And the other way round.
  const actor = { actorToken: encodeAssertion(issue(as)), actorTokenType: 'saml2' }
  const second = await client.exchange({ ...actor, audience: 'bills' })
  expect(decodePart(second.token, 1)).toMatchObject({ sub: 'bob', aud: 'bills', act: { sub: 'alice' } })
})

for (const scope of ['write', 'read write', 'delete'])
  test(`grants the users of a partner only the agreed scope: not "${scope}"`, async ({ as, client }) => {
    const error = await getRejection(as, present(client, issue(as), { scope }))
    expect(error.code).toBe('invalid_scope')
    expect(await present(client, issue(as), { scope: 'read' })).toMatchObject({ scope: 'read' })
  })

test('requires an audience', async ({ as, client }) => {
  const subject = { subjectToken: encodeAssertion(issue(as)), subjectTokenType: 'saml2' }
  expect((await getRejection(as, client.exchange(subject))).code).toBe('invalid_target')
  expect((await client.exchange({ ...subject, audience: 'bills' })).token).toBeTruthy()
})

test('accepts an assertion from any client that may exchange tokens', async ({ as }) => {
  const client = await openNodeClient(as, { clientId: 'second-app' })
  const { token } = await present(client, issue(as))
  expect(decodePart(token, 1)).toMatchObject({ sub: 'alice', client_id: 'second-app' })
})

/** What is done to an assertion that would be taken as it is. */
const spoilt: { title: string; spoil: (xml: string) => string }[] = [
  { title: 'with a changed subject', spoil: (xml) => change(xml, 'alice', 'mallory') },
  {
    title: 'with a changed signature',
    spoil: (xml) => change(xml, /(?<=<ds:SignatureValue>)..../, 'AAAA'),
  },
  {
    title: 'that is not signed by the partner',
    spoil: (xml) => resign(xml, (it) => it, { key: generateKey().privateKey }),
  },
  ...wrappings.map(([way, spoil]) => ({ title: `with signature wrapping: ${way}`, spoil })),
]

for (const { title, spoil } of spoilt)
  test(`rejects an assertion ${title}`, async ({ as, client }) => {
    const xml = issue(as)
    await expectRefused(as, client, spoil(xml))
    await expectTaken(client, xml)
    await expectTaken(
      client,
      resign(xml, (it) => it, { key: partnerKey }),
    )
  })

test('rejects an assertion that has expired or is not valid yet', async ({ as, client }) => {
  const fromNow = (seconds: number) => new Date(Date.now() + seconds * 1000)
  await expectRefused(as, client, issue(as, { notBefore: fromNow(-120), notOnOrAfter: fromNow(-60) }))
  await expectRefused(as, client, issue(as, { notBefore: fromNow(60) }))
  await expectTaken(client, issue(as, { notBefore: fromNow(-120), notOnOrAfter: fromNow(60) }))
})

test('rejects an assertion for another audience or recipient', async ({ as, client, startAs }) => {
  const other = await startAs()
  await expectRefused(as, client, issue(as, { audience: other.issuer }))
  await expectRefused(as, client, issue(as, { recipient: `${other.issuer}/token` }))
  await expectRefused(as, client, issue(other))
  await expectTaken(client, issue(as))
  await expectTaken(client, issue(as, { audience: `${as.issuer}/token` }))
})

test('rejects a valid assertion about a service, because partners only have users', async ({
  as,
  client,
}) => {
  await expectRefused(as, client, issue(as, { subject: 'robot' }))
  await expectTaken(client, issue(as, { subject: 'alice' }))
})

test('rejects a valid assertion with a wrong token type or encoding', async ({ as, client }) => {
  const xml = issue(as)
  const expectInvalid = async (options: ExchangeRequest) =>
    expect((await getRejection(as, present(client, xml, options))).code).toBe('invalid_request')
  for (const subjectTokenType of ['saml1', 'jwt', 'access_token']) await expectInvalid({ subjectTokenType })
  for (const subjectToken of [xml, Buffer.from(xml).toString('base64') + '+', `${encodeAssertion(xml)} `])
    await expectInvalid({ subjectToken })
  await expectTaken(client, xml)
})

test('rejects an assertion for the host in the request if it is not the server', async ({ as }) => {
  const send = (xml: string) =>
    new Promise<unknown>((resolve, reject) => {
      const headers = { host: 'other.example', 'content-type': 'application/x-www-form-urlencoded' }
      const outgoing = sendRequest(`${as.issuer}/token`, { method: 'POST', headers }, (answer) => {
        let body = ''
        answer.setEncoding('utf8').on('data', (chunk: string) => void (body += chunk))
        answer.on('end', () => resolve(JSON.parse(body)))
      })
      outgoing.on('error', reject)
      outgoing.end(
        new URLSearchParams({
          grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
          client_id: as.clientId,
          subject_token: encodeAssertion(xml),
          subject_token_type: 'urn:ietf:params:oauth:token-type:saml2',
          audience: 'bills',
        }).toString(),
      )
    })
  expect(await send(issue(as, { recipient: 'http://other.example/token' }))).toMatchObject({
    error: 'invalid_request',
  })
  expect(await send(issue(as))).toMatchObject({ token_type: 'Bearer' })
})
