import { AuthError, type AuthErrorCode } from '../base/errors.js'
import { isAuthError } from '../base/is-auth-error.js'
import type { Exchange } from './read-answer.js'

/** The errors of RFC 6749, RFC 8707, RFC 9396, RFC 9449, RFC 9470 and OpenID Connect Core. Our codes have the same names. */
const registered =
  /^(access_denied|(account_selection|consent|interaction|login)_required|invalid_(authorization_details|client|dpop_proof|grant|request|scope|target)|server_error|temporarily_unavailable|unauthorized_client|unmet_authentication_requirements|unsupported_(grant|response)_type|use_dpop_nonce)$/

/** Other causes of an error than the one that it names. */
const otherCauses: ReadonlyMap<string, string> = new Map([
  // A frame without cookies gets the same answer as a user who is not logged in.
  ['login_required', ' (or third-party cookies are blocked)'],
  ['invalid_dpop_proof', " (or this device's clock is wrong)"],
])

/**
 * The longest `Retry-After` that counts, in seconds. If a server sent a longer one by mistake, an open page would never try again.
 */
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
    expected?: unknown
  }
}

/**
 * Turns whatever a library threw into an `AuthError`, field by field. The thrown object itself can hold tokens, codes and bodies
 * (`cause`), so it goes no further than this function.
 *
 * @param endpoint the subject of the message
 * @param otherwise the code of a response that cannot be used
 * @param exchange the request and its response
 * @param hint what to do if there is no response
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
  const { secrets, status } = exchange
  const error = blankSecrets(library.error ?? exchange.error, secrets)
  const error_description = blankSecrets(library.error_description ?? exchange.error_description, secrets)
  // The cause of an error response is its body, which comes from the server, not from the library.
  const cause = (error ? undefined : library.cause) ?? {}
  const { claims, header, parameters, expected } = cause
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
  const isRegistered = error && registered.test(error)
  if (status! > 499 && !isRegistered)
    return build('server_error', `answered with HTTP ${status}: check the log of the server`)
  if (error) {
    const description = error_description ? `: ${error_description}` : ''
    return build(
      isRegistered ? (error as AuthErrorCode) : 'authorization_failed',
      `answered "${error}"${description}${otherCauses.get(error) ?? ''}`,
    )
  }
  if (name === 'TimeoutError') return build('timeout', 'did not answer in time: try again')
  // Everything that the library throws has a `code`, even if it is undefined.
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
  const issuer = claims?.iss ?? parameters?.get('iss')
  if (claim === 'iss' && issuer && expected)
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

/** The longest `error` or `error_description` that is reported, in characters. */
const longestText = 5000

/**
 * Removes the secrets that were sent to a server from a text that it sent: plain, percent-encoded, escaped or in base64. Drops a text
 * that is too long to be an explanation.
 */
function blankSecrets(text: unknown, secrets: string[]): string | undefined {
  if (typeof text !== 'string' || text.length > longestText) return undefined
  return (
    secrets
      // A longer one is not in the text, and can be too long for a pattern: the error would repeat it.
      .filter((secret) => secret.length <= text.length)
      // Longer ones first: one secret can be part of another.
      .toSorted((one, other) => other.length - one.length)
      .flatMap((secret) => [secret, toBase64(secret)])
      .reduce((rest, form) => rest.replace(buildPattern(form), '…'), text)
  )
}

/** Encodes a text in base64, without padding. */
function toBase64(text: string): string {
  return /[^\0-\xff]/.test(text) ? text : btoa(text).replace(/=+$/, '')
}

/** Builds a pattern that finds a text in each of its encodings, with either alphabet of base64. */
function buildPattern(text: string): RegExp {
  const spell = (char: string) => {
    const code = char.charCodeAt(0).toString(16)
    const variants = { '+': '|[- ]', '/': '|_' }[char] ?? ''
    return `(?:\\u${code.padStart(4, '0')}|%(?:25)*${code}|&#?\\w+;${variants})`
  }
  return new RegExp(text.replace(/[^\w]/g, spell), 'gi')
}

/**
 * Tells whether the authorization server itself asked to try later. It did not process the request then, so it can be sent again.
 * A bare 429 or 503 is not enough: any gateway can send it, even if the server has processed the request.
 */
export function isUnprocessed({ error, status, retryAfter }: AuthError): boolean {
  if (error === 'temporarily_unavailable' || error === 'slow_down') return true
  // Gateways send JSON errors too, in prose ("Service Unavailable"). OAuth errors are names.
  return (status === 429 || status === 503) && (!!retryAfter || /^[a-z_]+$/.test(error ?? ''))
}

/**
 * Tells whether a token endpoint refused the refresh token, in a request for the scope and resource of the login. Servers answer
 * that with `invalid_grant`, `invalid_request`, or without an error. A refused DPoP proof says nothing about the token.
 */
export function isRefusal(error: AuthError): boolean {
  const { status = 0 } = error
  return status > 399 && status < 500 && status !== 408 && status !== 429 && !isProofError(error)
}

/** Tells whether the server refused the DPoP proof (RFC 9449), which it checks before the token. */
export function isProofError({ code, error = code }: AuthError): boolean {
  return error.includes('dpop')
}

/** Tells whether outdated metadata can be the cause: an endpoint has moved, or the rules for PAR or `iss` have changed. */
export function isByOldMetadata({ code, status, cause }: AuthError): boolean {
  return (
    isGone(status) ||
    cause?.claim === 'iss' ||
    /^(network_error|discovery_failed|invalid_request)$/.test(code)
  )
}

/** Tells by its status whether there is nothing at a URL that could have processed a request. */
export function isGone(status: number | undefined): boolean {
  return status === 404 || status === 405 || status === 410
}
