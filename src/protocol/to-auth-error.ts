import { AuthError, type AuthErrorCode } from '../base/errors.js'
import { isAuthError } from '../base/is-auth-error.js'
import type { Exchange } from './read-answer.js'

/** The errors of RFC 6749, RFC 8707, RFC 9396, RFC 9449, RFC 9470 and OpenID Connect Core that are codes of ours by the same name. */
const registered =
  /^(access_denied|(account_selection|consent|interaction|login)_required|invalid_(authorization_details|client|dpop_proof|grant|request|scope|target)|server_error|temporarily_unavailable|unauthorized_client|unmet_authentication_requirements|unsupported_(grant|response)_type|use_dpop_nonce)$/

/** What else an error can come from than what it says. */
const doubts: ReadonlyMap<string, string> = new Map([
  // A frame whose cookies the browser keeps back gets the same answer as a user who is not logged in.
  ['login_required', ' (or third-party cookies are blocked)'],
  ['invalid_dpop_proof', " (or this device's clock is wrong)"],
])

/** More is a mistake, in seconds: a page that lives on would never ask again. */
const longestPause = 86_400

/** What oauth4webapi throws: error responses, refused answers, and whatever `fetch` throws. */
interface LibraryError {
  name: string
  message: string
  code?: string
  error?: string
  error_description?: unknown
  cause?: {
    claim?: string
    claims?: { iss?: string }
    header?: { alg?: unknown }
    parameters?: URLSearchParams
    body?: { issuer?: string }
    expected?: unknown
  }
}

/**
 * Turns whatever a library threw into an `AuthError`, field by field: the thrown object itself can hold tokens, codes
 * and bodies (`cause`), and goes no further than this function.
 *
 * @param endpoint what was asked, as the subject of the message
 * @param otherwise the code of an answer that cannot be used
 * @param exchange what was sent and came back
 * @param hint what to do when there is no answer
 */
export function toAuthError(
  thrown: unknown,
  endpoint: string,
  otherwise: AuthErrorCode,
  exchange: Exchange,
  hint?: string,
): AuthError {
  if (isAuthError(thrown)) return thrown
  const library = thrown as LibraryError
  const { name, message, code } = library
  const { sent, status } = exchange
  const error = blankSecrets(library.error ?? exchange.error, sent)
  const error_description = blankSecrets(library.error_description ?? exchange.error_description, sent)
  // Of an error response it is the body: the server's words, not the library's.
  const cause = (error ? undefined : library.cause) ?? {}
  const { claims, header, parameters, body, expected } = cause
  const claim = cause.claim ?? /["`](?!response)(\w+)["`]/.exec(message)?.[1]
  const retryAfter = parsePause(exchange.pause)
  const build = (as: AuthErrorCode, text: string) =>
    new AuthError(as, `${endpoint} ${text}`, {
      error,
      error_description,
      status,
      retryAfter,
      cause: { code, claim },
    })

  if (status === 429 || status === 503 || error === 'slow_down')
    return build('temporarily_unavailable', `answered with HTTP ${status}: try again later`)
  const isKnown = error && registered.test(error)
  if (status! > 499 && !isKnown)
    return build('server_error', `answered with HTTP ${status}: check the log of the server`)
  if (error) {
    const said = error_description ? `: ${error_description}` : ''
    return build(
      isKnown ? (error as AuthErrorCode) : 'authorization_failed',
      `answered "${error}"${said}${doubts.get(error) ?? ''}`,
    )
  }
  if (name === 'TimeoutError') return build('timeout', 'did not answer in time: try again')
  // Whatever the library throws has one, if only an undefined one.
  if (!('code' in (thrown as object)))
    return build(
      'network_error',
      status ? 'closed the connection while it answered: try again' : `cannot be reached: ${hint}`,
    )
  if (status! > 399)
    return build(
      otherwise,
      `answered with HTTP ${status} without an OAuth error: check its URL, and register the client without a secret`,
    )
  const codeOfAnswer = claims || header ? 'invalid_id_token' : otherwise
  if (header && expected) {
    const alg = typeof header.alg === 'string' ? header.alg.slice(0, 20) : '(not a string)'
    return build(codeOfAnswer, `sent a JWT with "alg" ${alg}, but its metadata only allows ${expected}`)
  }
  const issuer = claims?.iss ?? parameters?.get('iss') ?? body?.issuer
  if ((claim === 'iss' || claim === 'issuer') && issuer && expected)
    return build(
      codeOfAnswer,
      `names the issuer ${issuer}, expected ${expected}: copy "issuer" exactly from the metadata of the server`,
    )
  return build(codeOfAnswer, `sent an invalid response: ${message}`)
}

/** Parses `Retry-After`, seconds or a date (RFC 9110 section 10.2.3). */
function parsePause(header: string | null | undefined): number | undefined {
  const seconds = isNaN(+header!) ? (Date.parse(header!) - Date.now()) / 1000 : +header!
  return seconds > 0 ? Math.min(seconds, longestPause) : undefined
}

/** Takes out of a server's words the secrets that were sent to it: as they are, percent-encoded, escaped or in base64. */
function blankSecrets(text: unknown, secrets: string[]): string | undefined {
  if (typeof text !== 'string') return undefined
  // Longer ones first: one can be a part of another.
  return secrets
    .toSorted((one, other) => other.length - one.length)
    .flatMap((secret) => [secret, toBase64(secret)])
    .reduce((rest, form) => rest.replace(buildPattern(form), '…'), text)
}

/** Encodes a text in base64, without what its end would be padded with. */
function toBase64(text: string): string {
  return /[^\0-\xff]/.test(text) ? text : btoa(text).replace(/=+$/, '')
}

/** Builds what finds a text in all of its spellings; the two alphabets of base64 are one. */
function buildPattern(text: string): RegExp {
  const spell = (char: string) => {
    const code = char.charCodeAt(0).toString(16)
    const alike = { '+': '|[- ]', '/': '|_' }[char] ?? ''
    return `(?:\\u${code.padStart(4, '0')}|%(?:25)*${code}|&#?\\w+;${alike})`
  }
  return new RegExp(text.replace(/[^\w]/g, spell), 'gi')
}

/**
 * Tells whether the authorization server itself said "later", which means that it did not process the request: it can be sent
 * again. A bare 429 or 503 says nothing: any gateway can send it, also when the server has processed the request.
 */
export function isUnprocessed({ error, status, retryAfter }: AuthError): boolean {
  if (error === 'temporarily_unavailable' || error === 'slow_down') return true
  // Gateways have JSON errors too, in prose ("Service Unavailable"); those of OAuth are names.
  return (status === 429 || status === 503) && (!!retryAfter || /^[a-z_]+$/.test(error ?? ''))
}

/**
 * Tells whether a token endpoint refused the refresh token that it was sent for the login's own scope and resource. Servers
 * call that `invalid_grant`, `invalid_request`, or nothing at all. A proof that was refused says nothing about the token.
 */
export function isRefusal({ code, status = 0 }: AuthError): boolean {
  return status > 399 && status < 500 && status !== 408 && status !== 429 && !isProofError(code)
}

/** Tells whether the server refused the proof of the key (RFC 9449), which it looks at before the token. */
export function isProofError(code: AuthErrorCode): boolean {
  return code.includes('dpop')
}

/** Tells whether a failure can come of metadata that were true once: an endpoint has moved, PAR or `iss` is handled otherwise. */
export function isByOldMetadata({ code, status, cause }: AuthError): boolean {
  return (
    isGone(status) ||
    cause?.claim === 'iss' ||
    /^(network_error|discovery_failed|invalid_request)$/.test(code)
  )
}

/** Tells whether there is nothing at a URL that could have processed a request. */
export function isGone(status: number | undefined): boolean {
  return status === 404 || status === 405 || status === 410
}

/** Builds the error for what is wrong with one claim, parameter or field, by default that it is not what was asked for. */
export function refuse(
  code: AuthErrorCode,
  claim: string,
  message = `the response of the server ${code === 'user_changed' ? 'is about another user: unexpected' : 'has an unexpected'} "${claim}"`,
): AuthError {
  return new AuthError(code, message, { cause: { claim } })
}
