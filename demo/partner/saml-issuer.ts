import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto'
import { SignedXml } from 'xml-crypto'

/** Options of `createSamlIssuer`. */
export interface SamlIssuerOptions {
  /** The issuer of the assertions. */
  entityId: string
  /** An RSA private key in PEM. @default a new key */
  privateKey?: string
}

/** The content of an assertion. */
export interface AssertionOptions {
  /** Its NameID. */
  subject: string
  /** Its audience: the issuer identifier of an authorization server, or the URL of its token endpoint. */
  audience: string
  /** The URL of the token endpoint where it may be presented. */
  recipient: string
  /** The start of its validity. @default now */
  notBefore?: Date
  /** The end of its validity. @default in five minutes */
  notOnOrAfter?: Date
}

/** A partner's identity provider: it knows the partner's users, and issues SAML 2.0 assertions about them. */
export interface SamlIssuer {
  entityId: string
  /** The public key in PEM, for the parties that trust this issuer. */
  publicKey: string
  /** Issues a signed assertion, as XML. */
  issue: (options: AssertionOptions) => string
}

const lifetime = 5 * 60_000

/** Creates a partner's identity provider, which issues assertions to any caller. */
export function createSamlIssuer({ entityId, privateKey = generateKey() }: SamlIssuerOptions): SamlIssuer {
  const publicKey = createPublicKey(createPrivateKey(privateKey)).export({ type: 'spki', format: 'pem' })
  return {
    entityId,
    publicKey: String(publicKey),
    issue: (options) => signAssertion(buildAssertion(entityId, options), privateKey),
  }
}

/** Builds an unsigned assertion as RFC 7522 section 3 requires. */
function buildAssertion(entityId: string, options: AssertionOptions): string {
  const { subject, audience, recipient, notBefore = new Date() } = options
  const { notOnOrAfter = new Date(Date.now() + lifetime) } = options
  const [now, start, end] = [new Date(), notBefore, notOnOrAfter].map((time) => time.toISOString())
  return [
    `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" Version="2.0" ID="_${randomUUID()}" IssueInstant="${now}">`,
    `<saml:Issuer>${escape(entityId)}</saml:Issuer>`,
    `<saml:Subject><saml:NameID>${escape(subject)}</saml:NameID>`,
    `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">`,
    `<saml:SubjectConfirmationData Recipient="${escape(recipient)}" NotOnOrAfter="${end}"/>`,
    `</saml:SubjectConfirmation></saml:Subject>`,
    `<saml:Conditions NotBefore="${start}" NotOnOrAfter="${end}">`,
    `<saml:AudienceRestriction><saml:Audience>${escape(audience)}</saml:Audience></saml:AudienceRestriction>`,
    `</saml:Conditions>`,
    `<saml:AuthnStatement AuthnInstant="${now}"><saml:AuthnContext>`,
    `<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</saml:AuthnContextClassRef>`,
    `</saml:AuthnContext></saml:AuthnStatement>`,
    `</saml:Assertion>`,
  ].join('')
}

/** Signs an assertion as SAML 2.0 Core section 5.4 requires. The signature follows the issuer, where the schema expects it. */
function signAssertion(xml: string, privateKey: string): string {
  const signer = new SignedXml({
    privateKey,
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  })
  signer.addReference({
    xpath: '/*',
    transforms: [
      'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
      'http://www.w3.org/2001/10/xml-exc-c14n#',
    ],
    digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
  })
  signer.computeSignature(xml, {
    prefix: 'ds',
    location: { reference: "/*/*[local-name()='Issuer']", action: 'after' },
  })
  return signer.getSignedXml()
}

function generateKey(): string {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey
}

function escape(text: string): string {
  return text.replace(/[<>&"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
