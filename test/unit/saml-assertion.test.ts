import { SignedXml } from 'xml-crypto'
import { DOMParser } from '@xmldom/xmldom'
import { describe, expect, test } from 'vitest'
import { readSamlAssertion } from '../../demo/authorization-server/saml-assertion.js'
import { createSamlIssuer, type AssertionOptions } from '../../demo/partner/saml-issuer.js'
import {
  algorithms,
  change,
  generateKey,
  resign,
  unsign,
  wrappings,
  type SigningOptions,
} from '../rig/saml-tampering.js'
import { buildSelfSignedCertificate } from '../rig/self-signed-certificate.js'

const entityId = 'https://idp.partner.example'
const issuer = 'https://as.example.com'
const tokenEndpoint = `${issuer}/token`
const { privateKey: key, publicKey } = generateKey()
const foreign = generateKey()
const partner = createSamlIssuer({ entityId, privateKey: key })
const trusted = { publicKey, scope: 'read' }

const read = (xml: string) =>
  readSamlAssertion(xml, {
    issuers: { [entityId]: trusted },
    audiences: [issuer, tokenEndpoint],
    tokenEndpoint,
  })
const issue = (options: Partial<AssertionOptions> = {}) =>
  partner.issue({ subject: 'alice', audience: issuer, recipient: tokenEndpoint, ...options })
const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000)
const good = issue()

/** Changes the good assertion and signs it as the partner would. */
const edited = (part: string | RegExp, by: string) => resign(good, (it) => change(it, part, by), { key })
/** Signs the good assertion in another way. */
const signed = (options: Partial<SigningOptions>) => resign(good, (it) => it, { key, ...options })

describe('a partner’s assertion', () => {
  test('is read if it is valid', () => {
    const end = inSeconds(60)
    expect(read(issue({ notOnOrAfter: end }))).toEqual({
      issuer: trusted,
      subject: 'alice',
      exp: Math.floor(end.getTime() / 1000),
    })
    expect(read(good)!.exp - Date.now() / 1000).toBeGreaterThan(290)
  })

  /** What the partner may do as well. */
  const also: [what: string, xml: string][] = [
    ['signed again by the rig, which the refusals below rely on', signed({})],
    ['for the token endpoint as the audience', issue({ audience: tokenEndpoint })],
    ['for one more audience', edited('<saml:Audience>', '<saml:Audience>https://other.example</saml:Audience><saml:Audience>')],
    ['with an XML declaration', `<?xml version="1.0" encoding="UTF-8"?>\n${good}`],
    ['with a key that says nothing', signed({ keyInfo: '<ds:KeyName>ours</ds:KeyName>' })],
    ['with no end but that of its confirmation', edited(/(?<=<saml:Conditions.*) NotOnOrAfter="[^"]+"/, '')],
    ['with no beginning', edited(/ NotBefore="[^"]+"/, '')],
    ['with other confirmations too', edited('<saml:SubjectConfirmation ', '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"/><saml:SubjectConfirmation ')],
    ['with a confirmation for elsewhere too', edited('<saml:SubjectConfirmation ', `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData Recipient="https://other.example" NotOnOrAfter="2999-01-01T00:00:00Z"/></saml:SubjectConfirmation><saml:SubjectConfirmation `)],
    ['with times without fractions', edited(/ NotBefore="[^"]+"/, ' NotBefore="2020-01-01T00:00:00Z"')],
  ] // prettier-ignore
  test.each(also)('is accepted %s', (_what, xml) => {
    expect(read(xml)).toMatchObject({ subject: 'alice' })
  })

  test('expires at the earliest of its limits', () => {
    const soon = inSeconds(30)
    const exp = Math.floor(soon.getTime() / 1000)
    const [conditions, confirmation] = ['Conditions', 'SubjectConfirmationData'].map((name) =>
      edited(new RegExp(`(?<=<saml:${name}[^>]* NotOnOrAfter=")[^"]+`), soon.toISOString()),
    )
    expect(read(conditions!)).toMatchObject({ exp })
    expect(read(confirmation!)).toMatchObject({ exp })
  })
})

const signatureValue = /(?<=<ds:SignatureValue>)[^<]+/
const digestValue = /(?<=<ds:DigestValue>)[^<]+/

/** What nobody may have signed so, or nobody did. */
const forged: [what: string, xml: () => string][] = [
  ['tampered content', () => change(good, 'alice', 'mallory')],
  ['content that was tampered with in an attribute', () => change(good, tokenEndpoint, `${tokenEndpoint}2`)],
  ['a tampered signature', () => change(good, signatureValue, Buffer.alloc(256, 1).toString('base64'))],
  ['a tampered digest', () => change(change(good, 'alice', 'mallory'), digestValue, Buffer.alloc(32, 1).toString('base64'))],
  ['no signature', () => unsign(good)],
  ['an empty signature', () => change(good, signatureValue, '')],
  ['the signature of another assertion', () => change(good, /<ds:Signature.*<\/ds:Signature>/, /<ds:Signature.*<\/ds:Signature>/.exec(issue())![0])],
  ['the signature of another key', () => signed({ key: foreign.privateKey })],
  ['the signature of another key, which is in the assertion', () => signed({ key: foreign.privateKey, keyInfo: `<ds:X509Data><ds:X509Certificate>${buildSelfSignedCertificate(foreign)}</ds:X509Certificate></ds:X509Data>` })],
  ['an HMAC with the public key as its secret', () => signed({ key: publicKey, signature: algorithms.hmacSha1 })],
  ['an RSA-SHA1 signature', () => signed({ signature: algorithms.rsaSha1 })],
  ['a SHA-1 digest', () => signed({ digest: algorithms.sha1 })],
  ['no transform', () => signed({ transforms: [algorithms.exclusive] })],
  ['transforms in another order', () => signed({ transforms: [algorithms.exclusive, algorithms.enveloped] })],
  ['an extra transform', () => signed({ transforms: [algorithms.enveloped, algorithms.exclusive, algorithms.exclusive] })],
  ['inclusive canonicalization', () => signed({ transforms: [algorithms.enveloped, algorithms.inclusive] })],
  ['canonicalization with comments', () => signed({ transforms: [algorithms.enveloped, algorithms.exclusiveWithComments] })],
  ['inclusive canonicalization of the signed info', () => signed({ canonicalization: algorithms.inclusive })],
  ['a second reference', () => signed({ references: ['/*', "//*[local-name()='Subject']"] })],
  ['a reference to the subject only', () => signed({ references: ["//*[local-name()='Subject']"] })],
  ['a reference without its ID', () => signed({ withoutId: true })],
  ['an unknown issuer', () => createSamlIssuer({ entityId: 'https://idp.other.example', privateKey: key }).issue({ subject: 'alice', audience: issuer, recipient: tokenEndpoint })],
  ['an issuer that is the name of an object property in JavaScript', () => edited(entityId, 'constructor')],
] // prettier-ignore

/** What could be read in two ways. */
const ambiguous: [what: string, xml: () => string][] = [
  ['a comment in the NameID', () => resign(change(good, 'alice', 'alice.evil'), (it) => it, { key }).replace('alice.evil', 'alice<!---->.evil')],
  ['a comment elsewhere', () => change(good, '<saml:Subject>', '<!-- --><saml:Subject>')],
  ['a processing instruction in the NameID', () => resign(change(good, 'alice', 'alice.evil'), (it) => it, { key }).replace('alice.evil', 'alice<?x .evil?>')],
  ['a CDATA section', () => change(good, 'alice', '<![CDATA[alice]]>')],
  ['a document type', () => `<!DOCTYPE saml:Assertion>${good}`],
  ['an entity', () => `<!DOCTYPE a [<!ENTITY who "alice">]>${change(good, '>alice<', '>&who;<')}`],
  ['an undeclared entity', () => change(edited('alice', 'alice&amp;who;'), '&amp;', '&')],
  ['two issuers', () => edited('<saml:Subject>', `<saml:Issuer>${entityId}</saml:Issuer><saml:Subject>`)],
  ['two subjects', () => edited('</saml:Subject>', '</saml:Subject><saml:Subject/>')],
  ['two NameIDs', () => edited('</saml:NameID>', '</saml:NameID><saml:NameID>bob</saml:NameID>')],
  ['an element in the NameID', () => edited('alice', 'alice<saml:b>.evil</saml:b>')],
  ['two conditions', () => edited('</saml:Conditions>', '</saml:Conditions><saml:Conditions/>')],
  ['an attribute twice', () => change(good, ' Version="2.0"', ' Version="2.0" Version="2.0"')],
  ['an unclosed tag', () => change(good, '</saml:Assertion>', '')],
  ['no XML at all', () => 'made-up'],
  ['nothing', () => ''],
] // prettier-ignore

const conditions = /<saml:Conditions.*<\/saml:Conditions>/
const restriction = /<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/
const confirmationData = /<saml:SubjectConfirmationData[^>]*\/>/
const endOf = (name: string) => new RegExp(`(?<=<saml:${name}[^>]* NotOnOrAfter=")[^"]+`)

/** What the partner may have signed so, and is not for here and now. */
const unfit: [what: string, xml: () => string][] = [
  ['an expiry in the past', () => issue({ notOnOrAfter: inSeconds(-1) })],
  ['expired conditions', () => edited(endOf('Conditions'), inSeconds(-1).toISOString())],
  ['an expired confirmation', () => edited(endOf('SubjectConfirmationData'), inSeconds(-1).toISOString())],
  ['a start in the future', () => issue({ notBefore: inSeconds(60) })],
  ['a confirmation that is not valid yet', () => edited('<saml:SubjectConfirmationData ', `<saml:SubjectConfirmationData NotBefore="${inSeconds(60).toISOString()}" `)],
  ['an expiry that is not a time', () => edited(endOf('Conditions'), 'never')],
  ['an expiry in local time', () => edited(endOf('Conditions'), '2999-01-01T00:00:00')],
  ['a confirmation without an expiry', () => edited(/(?<=<saml:SubjectConfirmationData[^>]*) NotOnOrAfter="[^"]+"/, '')],
  ['another audience', () => issue({ audience: 'https://other.example' })],
  ['an audience that starts with the expected one', () => issue({ audience: `${issuer}.other.example` })],
  ['a second restriction, to another audience', () => edited('<saml:AudienceRestriction>', '<saml:AudienceRestriction><saml:Audience>https://other.example</saml:Audience></saml:AudienceRestriction><saml:AudienceRestriction>')],
  ['no audience', () => edited(restriction, '')],
  ['an empty restriction', () => edited(restriction, '<saml:AudienceRestriction/>')],
  ['no conditions', () => edited(conditions, '')],
  ['an unsupported condition', () => edited('</saml:Conditions>', '<saml:OneTimeUse/></saml:Conditions>')],
  ['an audience in a condition of another kind', () => edited('</saml:Conditions>', `<saml:ProxyRestriction><saml:Audience>${issuer}</saml:Audience></saml:ProxyRestriction></saml:Conditions>`)],
  ['a condition of another namespace', () => edited('</saml:Conditions>', '<x:Condition xmlns:x="urn:x"/></saml:Conditions>')],
  ['conditions of another namespace', () => edited(/<saml:Conditions /, '<saml:Conditions xmlns:saml="urn:x" ')],
  ['another recipient', () => issue({ recipient: 'https://other.example/token' })],
  ['the issuer as the recipient', () => issue({ recipient: issuer })],
  ['no recipient', () => edited(/ Recipient="[^"]+"/, '')],
  ['no confirmation data', () => edited(confirmationData, '')],
  ['no confirmation', () => edited(/<saml:SubjectConfirmation .*<\/saml:SubjectConfirmation>/, '')],
  ['another confirmation method', () => edited('cm:bearer', 'cm:holder-of-key')],
  ['no subject', () => edited('<saml:Subject>', '<saml:Subject xmlns:saml="urn:x">')],
  ['no NameID', () => edited(/<saml:NameID>.*<\/saml:NameID>/, '')],
  ['an empty NameID', () => edited('alice', '')],
  ['another version', () => edited('Version="2.0"', 'Version="1.1"')],
  ['another namespace', () => edited('urn:oasis:names:tc:SAML:2.0:assertion', 'urn:oasis:names:tc:SAML:1.0:assertion')],
  ['another root', () => resign(good, (it) => it.replaceAll('saml:Assertion', 'saml:Evidence'), { key })],
] // prettier-ignore

describe.each([
  ['forged assertions', forged],
  ['ambiguous assertions', ambiguous],
  ['assertions for another place or time', unfit],
])('of %s', (_kind, table) => {
  test.each(table)('rejects %s', (_what, build) => {
    const xml = build()
    expect(xml).not.toBe(good)
    expect(read(xml)).toBe(undefined)
    expect(read(good)).toBeDefined()
  })
})

describe('signature wrapping', () => {
  test.each(wrappings)('is rejected: %s', (_way, wrap) => {
    expect(read(wrap(good))).toBe(undefined)
    expect(read(good)).toMatchObject({ subject: 'alice' })
  })

  test('would pass a check of the signature alone', () => {
    const fooled = wrappings.filter(([, wrap]) => isSignatureGood(wrap(good)))
    expect(fooled.length).toBe(12)
  })
})

test('does not print what it rejects', () => {
  const said: unknown[] = []
  const original = { ...console }
  for (const name of ['log', 'warn', 'error'] as const) console[name] = (...words) => void said.push(words)
  try {
    for (const [, build] of ambiguous) read(build())
  } finally {
    Object.assign(console, original)
  }
  expect(said).toEqual([])
})

/** Checks the first signature by the library alone, as a reader that trusts the whole document would. */
function isSignatureGood(xml: string): boolean {
  const verifier = new SignedXml({ publicCert: publicKey })
  try {
    const parser = new DOMParser({
      errorHandler: (_level, message) => {
        throw new Error(String(message))
      },
    })
    const [signature] = Array.from(
      parser.parseFromString(xml, 'text/xml').getElementsByTagName('ds:Signature'),
    )
    verifier.loadSignature(signature!)
    return verifier.checkSignature(xml)
  } catch {
    return false
  }
}
