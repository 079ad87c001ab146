import { DOMParser } from '@xmldom/xmldom'
import { SignedXml } from 'xml-crypto'

const signatureNamespace = 'http://www.w3.org/2000/09/xmldsig#'
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const enveloped = `${signatureNamespace}enveloped-signature`

/**
 * Reads an XML document whose root is signed, by a signature that is a child of it, and gives the root as it was signed: parsed
 * from the octets that the signature is over. What is read from it cannot be another element than the one that was verified,
 * which is what signature wrapping comes to. Throws where anything is wrong; the message is not for whoever sent it.
 *
 * `findKey` gets the root before it is verified, to choose the key by, in PEM; undefined when nobody is trusted with such a root.
 *
 * @see SAML 2.0 Core section 5.4, the profile of XML Signature that is asked for here
 */
export function readSignedXml(xml: string, findKey: (unverified: Element) => string | undefined): Element {
  // No document type with its entities; no comment, CDATA section or processing instruction, which split a text in two. "<!" and
  // "<?" can begin nothing else in XML, and signed content does not need them. An XML declaration may stand in front.
  if (/<!|(?<!^)<\?/.test(xml)) refuse('has markup that is no element')
  const root = parse(xml)
  const [signature, ...others] = Array.from(root.getElementsByTagNameNS(signatureNamespace, 'Signature'))
  if (!signature || others.length || signature.parentNode !== root) refuse('is not signed once, by a child')
  // Also one that is in no signed place, such as an Object of the signature, is somebody's try to have it taken for the root.
  if (root.getElementsByTagNameNS(root.namespaceURI, root.localName).length)
    refuse('holds another of its kind')
  const publicCert = findKey(root)
  if (!publicCert) refuse('is from nobody that is trusted')

  // A key that comes with the document (KeyInfo) says nothing: anybody can put one there.
  const verifier = new SignedXml({ publicCert, getCertFromKeyInfo: () => null })
  allowOnly(verifier)
  verifier.loadSignature(signature)
  if (!verifier.checkSignature(xml)) refuse('was changed')
  const [reference, ...more] = verifier.getReferences()
  if (more.length || reference?.uri !== `#${root.getAttribute('ID')}`) refuse('is not what is signed')
  if (reference.transforms.join(' ') !== `${enveloped} ${exclusive}`) refuse('is signed in part')
  return parse(verifier.getSignedReferences()[0]!)
}

/** Takes from the library what is not allowed: SHA-1, and every way of canonicalization but one. HMAC is off by itself. */
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

/** Parses a document; the parser repairs, and prints, whatever it is not told to throw. */
function parse(xml: string): Element {
  const parser = new DOMParser({ errorHandler: () => refuse('is not well-formed') })
  return parser.parseFromString(xml, 'text/xml').documentElement
}

function refuse(what: string): never {
  throw new Error(`the document ${what}`)
}
