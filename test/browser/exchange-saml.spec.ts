import { request as sendRequest } from 'node:http'
import type { Page } from '@playwright/test'
import { createSamlIssuer, type AssertionOptions } from '../../demo/partner/saml-issuer.js'
import type { ExchangedToken, ExchangeOptions } from '../../src/exchange.js'
import { createAuth, openApp, type Outcome } from '../rig/app-page.js'
import { exchange, isExchange } from '../rig/exchange-calls.js'
import { expect, test, type TestAuthorizationServer } from '../rig/fixtures.js'
import { decodePart } from '../rig/id-token-tampering.js'
import { change, encodeAssertion, generateKey, resign, wrappings } from '../rig/saml-tampering.js'
import { getToken, startSession } from '../rig/token-calls.js'

const [orders, bills] = ['https://orders.example.com/', 'https://bills.example.com/']
const entityId = 'https://idp.partner.example'
const { privateKey: key } = generateKey()
const partner = createSamlIssuer({ entityId, privateKey: key })

test.use({
  asOptions: {
    resources: {
      [orders]: { scope: 'read write' },
      [bills]: { scope: 'read write', audience: 'bills' },
    },
    tokenExchange: true,
    services: { robot: { secret: 'of-nobody-in-this-test', scope: '' } },
    samlIssuers: { [entityId]: { publicKey: partner.publicKey, scope: 'read delete' } },
  },
})

/** Issues an assertion about alice for a server. */
function issue(as: TestAuthorizationServer, options: Partial<AssertionOptions> = {}): string {
  return partner.issue({ subject: 'alice', audience: as.issuer, recipient: `${as.issuer}/token`, ...options })
}

/** Exchanges an assertion for a token for the bills. */
function present(
  page: Page,
  xml: string,
  options: Omit<ExchangeOptions, 'signal'> = {},
): Promise<Outcome<ExchangedToken>> {
  const subject = { subjectToken: encodeAssertion(xml), subjectTokenType: 'saml2' }
  return exchange(page, { ...subject, audience: 'bills', ...options })
}

/** Expects that the server refuses an assertion without a word about why, and that the client's error holds nothing of it. */
async function expectRefused(page: Page, as: TestAuthorizationServer, xml: string): Promise<void> {
  const sent = as.count('token', isExchange)
  const { error, value } = await present(page, xml)
  expect(value).toBe(undefined)
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
    expect(JSON.stringify(error)).not.toContain(piece)
}

async function expectTaken(page: Page, xml: string): Promise<void> {
  const { value } = await present(page, xml)
  expect(decodePart(value!.token, 1)).toMatchObject({ sub: 'alice', aud: 'bills' })
}

test('exchanges the assertion of a partner for an access token, by a page where nobody is logged in', async ({
  page,
  as,
}) => {
  await openApp(page)
  await createAuth(page)
  const xml = issue(as, { notOnOrAfter: new Date(Date.now() + 60_000) })
  const { value } = await present(page, xml)
  // What the partner's users may have, and the API knows.
  expect(value).toMatchObject({ tokenType: 'bearer', issuedTokenType: 'access_token', scope: 'read' })
  expect(value!.actors).toEqual([])
  // It ends with the assertion.
  expect(value!.expiresAt - Date.now()).toBeLessThanOrEqual(60_000)
  const claims = decodePart(value!.token, 1)
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
  expect((await present(page, xml, { audience: orders })).value).toMatchObject({ scope: 'read' })
})

test('names who acts for the subject of an assertion', async ({ page, app, as }) => {
  await startSession(page, app, { resource: orders, scope: 'openid read' }, { user: 'bob' })
  const { value: actorToken } = await getToken(page)
  const { value } = await present(page, issue(as), { actorToken: actorToken! })
  expect(value!.actors).toEqual([{ sub: 'bob' }])
  expect(decodePart(value!.token, 1)).toMatchObject({ sub: 'alice', aud: 'bills', act: { sub: 'bob' } })
  // And the other way round.
  const actor = { actorToken: encodeAssertion(issue(as)), actorTokenType: 'saml2' }
  const { value: second } = await exchange(page, { ...actor, audience: 'bills' })
  expect(decodePart(second!.token, 1)).toMatchObject({ sub: 'bob', aud: 'bills', act: { sub: 'alice' } })
})

test('gives the users of a partner no more scope than was agreed', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  for (const scope of ['write', 'read write', 'delete'])
    expect((await present(page, issue(as), { scope })).error).toMatchObject({ code: 'invalid_scope' })
  expect((await present(page, issue(as), { scope: 'read' })).value).toMatchObject({ scope: 'read' })
})

test('wants to be told where the token is going to be used', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  const subject = { subjectToken: encodeAssertion(issue(as)), subjectTokenType: 'saml2' }
  expect((await exchange(page, subject)).error).toMatchObject({ code: 'invalid_target' })
  expect((await exchange(page, { ...subject, audience: 'bills' })).value).toBeDefined()
})

test('takes an assertion from any client that is registered for the exchange', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page, { clientId: 'second-app' })
  const { value } = await present(page, issue(as))
  expect(decodePart(value!.token, 1)).toMatchObject({ sub: 'alice', client_id: 'second-app' })
})

test('refuses an assertion that was tampered with', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  const xml = issue(as)
  await expectRefused(page, as, change(xml, 'alice', 'mallory'))
  await expectRefused(page, as, change(xml, /(?<=<ds:SignatureValue>)..../, 'AAAA'))
  await expectTaken(page, xml)
})

test('refuses an assertion that is not signed by the partner', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  const xml = issue(as)
  await expectRefused(
    page,
    as,
    resign(xml, (it) => it, { key: generateKey().privateKey }),
  )
  await expectTaken(
    page,
    resign(xml, (it) => it, { key }),
  )
})

test('refuses an assertion whose signature is wrapped', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  const xml = issue(as)
  for (const [way, wrap] of wrappings) await test.step(way, () => expectRefused(page, as, wrap(xml)))
  await expectTaken(page, xml)
})

test('refuses an assertion that is expired, or not good yet', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  const fromNow = (seconds: number) => new Date(Date.now() + seconds * 1000)
  await expectRefused(page, as, issue(as, { notBefore: fromNow(-120), notOnOrAfter: fromNow(-60) }))
  await expectRefused(page, as, issue(as, { notBefore: fromNow(60) }))
  await expectTaken(page, issue(as, { notBefore: fromNow(-120), notOnOrAfter: fromNow(60) }))
})

test('refuses an assertion for another audience or another recipient', async ({ page, as, startAs }) => {
  const other = await startAs()
  await openApp(page)
  await createAuth(page)
  await expectRefused(page, as, issue(as, { audience: other.issuer }))
  await expectRefused(page, as, issue(as, { recipient: `${other.issuer}/token` }))
  await expectRefused(page, as, issue(other))
  await expectTaken(page, issue(as))
  await expectTaken(page, issue(as, { audience: `${as.issuer}/token` }))
})

test('refuses a good assertion about a service, which no partner has', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  await expectRefused(page, as, issue(as, { subject: 'robot' }))
  await expectTaken(page, issue(as, { subject: 'alice' }))
})

test('refuses a good assertion as anything but what it is', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  const xml = issue(as)
  for (const subjectTokenType of ['saml1', 'jwt', 'access_token'])
    expect((await present(page, xml, { subjectTokenType })).error).toMatchObject({ code: 'invalid_request' })
  for (const subjectToken of [xml, Buffer.from(xml).toString('base64') + '+', `${encodeAssertion(xml)} `])
    expect((await present(page, xml, { subjectToken })).error).toMatchObject({ code: 'invalid_request' })
  await expectTaken(page, xml)
})

test('refuses an assertion for the host that a request names, where that is not the server', async ({
  as,
}) => {
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
