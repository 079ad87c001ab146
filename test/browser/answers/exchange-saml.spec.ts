import type { Page } from '@playwright/test'
import type { ExchangedToken, ExchangeOptions } from '../../../src/exchange.js'
import { createAuth, openApp, type Outcome } from '../../rig/app-page.js'
import { exchange, isExchange } from '../../rig/exchange-calls.js'
import { expect, test } from '../../rig/fixtures.js'
import { decodePart } from '../../rig/id-token-tampering.js'
import { buildRequest, issue, orders, partnerOptions } from '../../rig/saml-partner.js'
import { encodeAssertion } from '../../rig/saml-tampering.js'

test.use({ asOptions: partnerOptions })

/** Exchanges an assertion for a token for the bills. */
function present(
  page: Page,
  xml: string,
  options: Omit<ExchangeOptions, 'signal'> = {},
): Promise<Outcome<ExchangedToken>> {
  return exchange(page, { ...buildRequest(xml), ...options })
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
