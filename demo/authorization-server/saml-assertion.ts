import { readSignedXml } from './signed-xml.js'

/** A partner whose identity provider is trusted. */
export interface TrustedIssuer {
  /** The key that its assertions are signed with (RSA), in PEM. */
  publicKey: string
  /** The scope that its users may have, space-separated: an assertion names none. */
  scope: string
}

/** What an assertion is read by. */
export interface SamlReader {
  /** The partners by their entity IDs. */
  issuers: Record<string, TrustedIssuer>
  /** What this server may be called as an audience: its issuer identifier or its token endpoint. */
  audiences: string[]
  /** The URL of its token endpoint. */
  tokenEndpoint: string
}

/** What a good assertion says. */
export interface SamlAssertion {
  issuer: TrustedIssuer
  /** Its NameID. */
  subject: string
  /** When the first of its ends is, in seconds since 1970. */
  exp: number
}

const samlNamespace = 'urn:oasis:names:tc:SAML:2.0:assertion'
const bearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer'

/**
 * Reads a SAML 2.0 assertion that was issued for this server, in XML; undefined when it is not good, whatever the reason.
 *
 * An assertion can be presented again as long as it is good. RFC 7522 section 3 lets a server take each only once; here that would
 * cost the user a new assertion for every audience, and a page that lost the answer another login. Who needs it says so in the
 * assertion, by `OneTimeUse`, and is refused: no condition is taken that is not kept.
 *
 * @see RFC 7522 section 3
 */
export function readSamlAssertion(xml: string, reader: SamlReader): SamlAssertion | undefined {
  try {
    const assertion = readSignedXml(xml, (unverified) => findIssuer(unverified, reader)?.publicKey)
    // Chosen anew, from what was signed.
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

/** Checks the conditions, all of which must be met (SAML 2.0 Core section 2.5.1), and gives their end. */
function checkConditions(conditions: Element, { audiences }: SamlReader): number {
  const restrictions = elementsIn(conditions)
  const met = restrictions.every(
    (restriction) =>
      isSaml(restriction, 'AudienceRestriction') &&
      elementsIn(restriction).some((one) => isSaml(one, 'Audience') && audiences.includes(readText(one))),
  )
  if (!restrictions.length || !met) refuse('a condition is not met')
  return findEnd(conditions) ?? refuse('it is not the time')
}

/**
 * Finds a confirmation by which whoever has the assertion may present it here and now, and gives its end. RFC 7522 lets it go
 * without `SubjectConfirmationData`; here it needs that, as nothing else says at which endpoint it may be presented.
 */
function confirm(subject: Element, { tokenEndpoint }: SamlReader): number {
  const ends = elementsIn(subject)
    .filter((one) => isSaml(one, 'SubjectConfirmation') && one.getAttribute('Method') === bearer)
    .flatMap(elementsIn)
    .filter((one) => isSaml(one, 'SubjectConfirmationData'))
    .filter((data) => data.getAttribute('Recipient') === tokenEndpoint && data.hasAttribute('NotOnOrAfter'))
    .map(findEnd)
  return ends.find((end) => end !== undefined) ?? refuse('no bearer may present it here and now')
}

/** Gives the end of the time that an element allows, in milliseconds; undefined when it is not that time now. */
function findEnd(element: Element): number | undefined {
  const [start = -Infinity, end = Infinity] = ['NotBefore', 'NotOnOrAfter'].map((name) =>
    readTime(element, name),
  )
  return start <= Date.now() && Date.now() < end ? end : undefined
}

/** Reads a time, always in UTC (SAML 2.0 Core section 1.3.3); NaN where it cannot be read: no time is before or after that. */
function readTime(element: Element, name: string): number | undefined {
  if (!element.hasAttribute(name)) return undefined
  const text = element.getAttribute(name)!
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text) ? Date.parse(text) : NaN
}

/** Gives the child of this name, of which there must be one: of two, each could be the one that somebody else has read. */
function theOnly(parent: Element, name: string): Element {
  const [found, ...more] = elementsIn(parent).filter((one) => isSaml(one, name))
  return found && !more.length ? found : refuse(`there is not one ${name}`)
}

function isSaml({ localName, namespaceURI }: Element, name: string): boolean {
  return localName === name && namespaceURI === samlNamespace
}

function elementsIn(parent: Element): Element[] {
  return Array.from(parent.childNodes).filter((node) => node.nodeType === 1) as Element[]
}

function readText(element: Element): string {
  return elementsIn(element).length ? refuse('a name has elements in it') : element.textContent!
}

function refuse(what: string): never {
  throw new Error(what)
}
