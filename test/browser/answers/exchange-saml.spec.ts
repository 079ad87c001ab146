import type { Page } from '@playwright/test'
import { createSamlIssuer, type AssertionOptions } from '../../../demo/partner/saml-issuer.js'
import type { ExchangedToken, ExchangeOptions } from '../../../src/exchange.js'
import { createAuth, openApp, type Outcome } from '../../rig/app-page.js'
import { exchange, isExchange } from '../../rig/exchange-calls.js'
import { expect, test, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { decodePart } from '../../rig/id-token-tampering.js'
import { encodeAssertion, generateKey } from '../../rig/saml-tampering.js'

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

test('exchanges the assertion of a partner for an access token, on a page where nobody is logged in', async ({
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
