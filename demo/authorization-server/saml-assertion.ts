import { readSignedXml } from './signed-xml.js'

/** A partner whose identity provider is trusted. */
export interface TrustedIssuer {
  /** The RSA public key of its assertions, in PEM. */
  publicKey: string
  /** The scope that its users may get, space-separated: an assertion does not contain a scope. */
  scope: string
}

/** What an assertion is checked against. */
export interface SamlReader {
  /** The partners by entity ID. */
  issuers: Record<string, TrustedIssuer>
  /** The accepted audiences: this server's issuer identifier and its token endpoint. */
  audiences: string[]
  /** The URL of its token endpoint. */
  tokenEndpoint: string
}

/** The content of a valid assertion. */
export interface SamlAssertion {
  issuer: TrustedIssuer
  /** Its NameID. */
  subject: string
  /** Its earliest expiry, in seconds since 1970. */
  exp: number
}

const samlNamespace = 'urn:oasis:names:tc:SAML:2.0:assertion'
const bearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer'

/**
 * Reads a SAML 2.0 assertion, as XML, that was issued for this server. Returns undefined if it is invalid for any reason.
 *
 * An assertion can be presented repeatedly while it is valid. RFC 7522 section 3 allows a server to accept each one only once; here,
 * that would require a new assertion for every audience, and a new login if a page loses the response. An issuer that needs single
 * use sets `OneTimeUse`; such assertions are rejected, because this server does not enforce that condition.
 *
 * @see RFC 7522 section 3
 */
export function readSamlAssertion(xml: string, reader: SamlReader): SamlAssertion | undefined {
  try {
    const assertion = readSignedXml(xml, (unverified) => findIssuer(unverified, reader)?.publicKey)
    // Looked up again, from the signed content.
    const issuer = findIssuer(assertion, reader)
    const subject = theOnly(assertion, 'Subject')
    const ends = [checkConditions(theOnly(assertion, 'Conditions'), reader), confirm(subject, reader)]
    const name = readText(theOnly(subject, 'NameID'))
    if (!issuer || !name || assertion.getAttribute('Version') !== '2.0') return undefined
    return { issuer, subject: name, exp: Math.floor(Math.min(...ends) / 1000) }
  } catch {
    return undefined
  }
}

function findIssuer(assertion: Element, { issuers }: SamlReader): TrustedIssuer | undefined {
  if (assertion.localName !== 'Assertion' || assertion.namespaceURI !== samlNamespace) return undefined
  const entityId = readText(theOnly(assertion, 'Issuer'))
  return Object.hasOwn(issuers, entityId) ? issuers[entityId] : undefined
}

/** Checks that all conditions are met (SAML 2.0 Core section 2.5.1), and returns their expiry. */
function checkConditions(conditions: Element, { audiences }: SamlReader): number {
  const restrictions = elementsIn(conditions)
  const met = restrictions.every(
    (restriction) =>
      isSaml(restriction, 'AudienceRestriction') &&
      elementsIn(restriction).some((one) => isSaml(one, 'Audience') && audiences.includes(readText(one))),
  )
  if (!restrictions.length || !met) refuse('a condition is not met')
  return findEnd(conditions) ?? refuse('the assertion is not valid at this time')
}

/**
 * Finds a bearer confirmation that is valid at this endpoint and time, and returns its expiry. RFC 7522 allows a confirmation
 * without `SubjectConfirmationData`; this server requires it, because nothing else names the endpoint for the assertion.
 */
function confirm(subject: Element, { tokenEndpoint }: SamlReader): number {
  const ends = elementsIn(subject)
    .filter((one) => isSaml(one, 'SubjectConfirmation') && one.getAttribute('Method') === bearer)
    .flatMap(elementsIn)
    .filter((one) => isSaml(one, 'SubjectConfirmationData'))
    .filter((data) => data.getAttribute('Recipient') === tokenEndpoint && data.hasAttribute('NotOnOrAfter'))
    .map(findEnd)
  return (
    ends.find((end) => end !== undefined) ??
    refuse('no bearer confirmation is valid at this endpoint and time')
  )
}

/** Returns the end of an element's validity period, in milliseconds; undefined if the period does not include now. */
function findEnd(element: Element): number | undefined {
  const [start = -Infinity, end = Infinity] = ['NotBefore', 'NotOnOrAfter'].map((name) =>
    readTime(element, name),
  )
  return start <= Date.now() && Date.now() < end ? end : undefined
}

/** Parses a time, which must be in UTC (SAML 2.0 Core section 1.3.3). Returns NaN if invalid, which fails every comparison. */
function readTime(element: Element, name: string): number | undefined {
  if (!element.hasAttribute(name)) return undefined
  const text = element.getAttribute(name)!
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text) ? Date.parse(text) : NaN
}

/** Returns the only child of this name. Refuses two, because different readers could pick different ones. */
function theOnly(parent: Element, name: string): Element {
  const [found, ...more] = elementsIn(parent).filter((one) => isSaml(one, name))
  return found && !more.length ? found : refuse(`expected exactly one ${name}`)
}

function isSaml({ localName, namespaceURI }: Element, name: string): boolean {
  return localName === name && namespaceURI === samlNamespace
}

function elementsIn(parent: Element): Element[] {
  return Array.from(parent.childNodes).filter((node) => node.nodeType === 1) as Element[]
}

function readText(element: Element): string {
  return elementsIn(element).length ? refuse('expected text, found elements') : element.textContent!
}

function refuse(what: string): never {
  throw new Error(what)
}
