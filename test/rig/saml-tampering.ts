import { generateKeyPairSync } from 'node:crypto'
import { SignedXml } from 'xml-crypto'

export const algorithms = {
  rsaSha256: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  rsaSha1: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
  hmacSha1: 'http://www.w3.org/2000/09/xmldsig#hmac-sha1',
  sha256: 'http://www.w3.org/2001/04/xmlenc#sha256',
  sha1: 'http://www.w3.org/2000/09/xmldsig#sha1',
  enveloped: 'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
  exclusive: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  exclusiveWithComments: 'http://www.w3.org/2001/10/xml-exc-c14n#WithComments',
  inclusive: 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
}

/** How `resign` signs, where it is not as it should be. */
export interface SigningOptions {
  key: string
  signature?: string
  digest?: string
  canonicalization?: string
  transforms?: string[]
  /** What is signed, by XPath. @default the root */
  references?: string[]
  /** Whether the reference says "" in place of the root's ID. */
  withoutId?: boolean
  /** The content of a KeyInfo. */
  keyInfo?: string
}

/** Generates an RSA key, in PEM. */
export function generateKey(): { privateKey: string; publicKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
}

/** Encodes an assertion as it travels (RFC 8693 section 3). */
export function encodeAssertion(xml: string): string {
  return Buffer.from(xml).toString('base64url')
}

/** Replaces a part that must be there, so that nothing is called changed that is not. */
export function change(xml: string, part: string | RegExp, by: string): string {
  const changed = xml.replace(part, () => by)
  if (changed === xml) throw new Error(`there is no ${part} to change`)
  return changed
}

const signatureOf = (xml: string) => /<ds:Signature.*<\/ds:Signature>/s.exec(xml)![0]
/** Takes the signature out. */
export const unsign = (xml: string): string => change(xml, signatureOf(xml), '')
const idOf = (xml: string) => / ID="([^"]+)"/.exec(xml)![1]!

/** Changes an assertion and signs it again: as good as issued so, unless the options say otherwise. */
export function resign(xml: string, edit: (unsigned: string) => string, options: SigningOptions): string {
  const { signature = algorithms.rsaSha256, canonicalization = algorithms.exclusive } = options
  const signer = new SignedXml({
    privateKey: options.key,
    signatureAlgorithm: signature,
    canonicalizationAlgorithm: canonicalization,
    getKeyInfoContent: () => options.keyInfo ?? null,
  })
  if (signature === algorithms.hmacSha1) {
    const { getKeyInfoContent } = signer
    signer.enableHMAC()
    Object.assign(signer, { getKeyInfoContent })
  }
  for (const xpath of options.references ?? ['/*'])
    signer.addReference({
      xpath,
      transforms: options.transforms ?? [algorithms.enveloped, algorithms.exclusive],
      digestAlgorithm: options.digest ?? algorithms.sha256,
      isEmptyUri: options.withoutId ?? false,
    })
  const location = { reference: "//*[local-name()='Subject']", action: 'before' as const }
  signer.computeSignature(edit(unsign(xml)), { prefix: 'ds', location })
  return signer.getSignedXml()
}

const namespaces = 'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
const response = (content: string) =>
  `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ${namespaces} ID="_response" Version="2.0">${content}</samlp:Response>`
const withObject = (signature: string, content: string) =>
  change(signature, '</ds:Signature>', `<ds:Object>${content}</ds:Object></ds:Signature>`)
const into = (xml: string, content: string) => change(xml, '<saml:Subject>', `${content}<saml:Subject>`)
const advice = (content: string) => `<saml:Advice>${content}</saml:Advice>`

/**
 * Ways to wrap a signed assertion around, beside or into one that was made up (signature wrapping, XSW). The made-up one is about
 * mallory. Each leaves the signature and what it is over as they are, and hopes that another element is read than was verified.
 */
export const wrappings: [way: string, wrap: (signed: string) => string][] = [
  ['the signed one in the advice of the evil one', (it) => into(evil(it), advice(it))],
  ['the signed one in the extensions of a response', (it) => response(`<samlp:Extensions>${it}</samlp:Extensions>${evil(it)}`)],
  ['the signature moved to the evil one, the original in its object', (it) => into(evil(it), withObject(signatureOf(it), unsign(it)))],
  ['the signature moved to the evil one, the original in its advice', (it) => into(evil(it), signatureOf(it) + advice(unsign(it)))],
  ['the signature moved, both with one ID', (it) => into(twin(it), withObject(signatureOf(it), unsign(it)))],
  ['the signature moved, the ID of the original in another attribute', (it) => into(change(evil(it), ' ID=', ` Id="${idOf(it)}" ID=`), withObject(signatureOf(it), unsign(it)))],
  ['the evil one in an object of the signature', (it) => change(it, signatureOf(it), withObject(signatureOf(it), evil(it)))],
  ['the evil one in the advice of the signed one', (it) => into(it, advice(evil(it)))],
  ['the evil one first in a response', (it) => response(evil(it) + it)],
  ['the evil one second in a response', (it) => response(it + evil(it))],
  ['the evil one first in a response, the signature moved to it', (it) => response(into(evil(it), signatureOf(it)) + unsign(it))],
  ['the signed one in a response that is not signed', (it) => response(it)],
  ['the signature of the response is that of the assertion', (it) => response(signatureOf(it) + unsign(it))],
  ['the evil one before the signed one, without a root', (it) => evil(it) + it],
  ['the evil one after the signed one, without a root', (it) => it + evil(it)],
  ['a second signature in the first one', (it) => change(it, signatureOf(it), withObject(signatureOf(it), signatureOf(it)))],
  ['another signature in the first one', (it) => change(it, signatureOf(it), withObject(signatureOf(it), change(signatureOf(it), /(?<=<ds:SignatureValue>)../, '//')))],
  ['the signature in another place', (it) => change(change(it, signatureOf(it), ''), '</saml:Conditions>', `${signatureOf(it)}</saml:Conditions>`)],
  ['a second signature over nothing', (it) => into(it, change(signatureOf(it), `#${idOf(it)}`, '#_none'))],
  ['the evil subject before the signed one', (it) => into(it, change(/<saml:Subject>.*<\/saml:Subject>/.exec(it)![0], 'alice', 'mallory'))],
] // prettier-ignore

/** Makes up an assertion like a signed one. */
function evil(signed: string): string {
  return change(twin(signed), idOf(signed), '_evil')
}

function twin(signed: string): string {
  return change(unsign(signed), 'alice', 'mallory')
}
