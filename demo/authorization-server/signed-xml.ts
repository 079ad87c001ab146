import { DOMParser } from '@xmldom/xmldom'
import { SignedXml } from 'xml-crypto'

const signatureNamespace = 'http://www.w3.org/2000/09/xmldsig#'
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const enveloped = `${signatureNamespace}enveloped-signature`

/**
 * Reads an XML document whose root is signed by a child signature. Returns the root parsed from the exact octets that were signed, so
 * that a caller can never read a different element than the verified one (signature wrapping). Throws if anything is wrong; do not
 * send the message to the caller.
 *
 * `findKey` receives the unverified root and returns the public key in PEM, or undefined if no trusted party issues such a root.
 *
 * @see SAML 2.0 Core section 5.4, the required profile of XML Signature
 */
export function readSignedXml(xml: string, findKey: (unverified: Element) => string | undefined): Element {
  // No document type with entities, and no comments, CDATA sections or processing instructions, which split a text node. Nothing else
  // in XML begins with "<!" or "<?", and signed content does not need them. A leading XML declaration is allowed.
  if (/<!|(?<!^)<\?/.test(xml)) refuse('contains markup other than elements')
  const root = parse(xml)
  const [signature, ...others] = Array.from(root.getElementsByTagNameNS(signatureNamespace, 'Signature'))
  if (!signature || others.length || signature.parentNode !== root)
    refuse('must have exactly one signature, as a child of its root')
  // Refuse a second element like the root anywhere, even in an unsigned place such as the signature's Object: it could be mistaken
  // for the root.
  if (root.getElementsByTagNameNS(root.namespaceURI, root.localName).length)
    refuse('contains another element like its root')
  const publicCert = findKey(root)
  if (!publicCert) refuse('is not from a trusted issuer')

  // A key inside the document (KeyInfo) proves nothing: anyone can put one there.
  const verifier = new SignedXml({ publicCert, getCertFromKeyInfo: () => null })
  allowOnly(verifier)
  verifier.loadSignature(signature)
  if (!verifier.checkSignature(xml)) refuse('does not match its signature')
  const [reference, ...more] = verifier.getReferences()
  if (more.length || reference?.uri !== `#${root.getAttribute('ID')}`) refuse('is not the signed element')
  if (reference.transforms.join(' ') !== `${enveloped} ${exclusive}`) refuse('is only partly signed')
  return parse(verifier.getSignedReferences()[0]!)
}

/** Removes algorithms that are not allowed: SHA-1, and all canonicalizations but one. HMAC is off by default. */
function allowOnly(verifier: SignedXml): void {
  const pick = <T>(all: Record<string, T>, names: string[]) =>
    Object.fromEntries(names.map((name) => [name, all[name]!]))
  verifier.SignatureAlgorithms = pick(
    verifier.SignatureAlgorithms,
    ['256', '512'].map((size) => `http://www.w3.org/2001/04/xmldsig-more#rsa-sha${size}`),
  )
  verifier.HashAlgorithms = pick(
    verifier.HashAlgorithms,
    ['256', '512'].map((size) => `http://www.w3.org/2001/04/xmlenc#sha${size}`),
  )
  verifier.CanonicalizationAlgorithms = pick(verifier.CanonicalizationAlgorithms, [enveloped, exclusive])
}

/** Parses a document. Without an error handler that throws, the parser would repair errors and log them. */
function parse(xml: string): Element {
  const parser = new DOMParser({ errorHandler: () => refuse('is not well-formed') })
  return parser.parseFromString(xml, 'text/xml').documentElement
}

function refuse(what: string): never {
  throw new Error(`the document ${what}`)
}
