import { createSamlIssuer, type AssertionOptions } from '../../demo/partner/saml-issuer.js'
import type { TestAuthorizationServer, TestAuthorizationServerOptions } from './authorization-server.js'
import { encodeAssertion, generateKey } from './saml-tampering.js'

export const [orders, bills] = ['https://orders.example.com/', 'https://bills.example.com/']

/** A partner whose assertions about its users can be exchanged. */
export const entityId = 'https://idp.partner.example'
export const { privateKey: partnerKey } = generateKey()
const partner = createSamlIssuer({ entityId, privateKey: partnerKey })

/** `asOptions` of a server that accepts the partner's assertions. */
export const partnerOptions: TestAuthorizationServerOptions = {
  resources: {
    [orders]: { scope: 'read write' },
    [bills]: { scope: 'read write', audience: 'bills' },
  },
  tokenExchange: true,
  samlIssuers: { [entityId]: { publicKey: partner.publicKey, scope: 'read delete' } },
}

/** Issues an assertion about alice for a server. */
export function issue(as: TestAuthorizationServer, options: Partial<AssertionOptions> = {}): string {
  return partner.issue({ subject: 'alice', audience: as.issuer, recipient: `${as.issuer}/token`, ...options })
}

/** Builds the request that exchanges an assertion for a token for the bills API. */
export function buildRequest(xml: string) {
  return { subjectToken: encodeAssertion(xml), subjectTokenType: 'saml2', audience: 'bills' } as const
}
