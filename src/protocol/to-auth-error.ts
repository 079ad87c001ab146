import { AuthError, isAuthError, type AuthErrorCode } from '../base/errors.js'

/** The errors of RFC 6749, RFC 8707, RFC 9396, RFC 9449, RFC 9470 and OpenID Connect Core that are codes of ours by the same name. */
const registered =
  /^(access_denied|(account_selection|consent|interaction|login)_required|invalid_(authorization_details|client|dpop_proof|grant|request|scope|target)|server_error|temporarily_unavailable|unauthorized_client|unmet_authentication_requirements|unsupported_(grant|response)_type|use_dpop_nonce)$/

/** More is a mistake, in seconds: a page that lives on would never ask again. */
const longestPause = 86_400

/** What oauth4webapi throws: error responses, refused answers, and whatever `fetch` throws. */
interface LibraryError {
  name: string
  message: string
  code?: string
  error?: string
  error_description?: unknown
  status?: number
  response?: Response
  cause?: Partial<Response> & {
    claim?: string
    claims?: { iat: number }
    header?: unknown
    now: number
    tolerance: number
  }
}

/**
 * Turns whatever a library threw into an `AuthError`, field by field: the thrown object itself can hold tokens, codes
 * and bodies (`cause`), and goes no further than this function.
 *
 * @param otherwise the code of an answer that cannot be used
 * @param hint what to do when there is no answer
 */
export function toAuthError(
  thrown: unknown,
  doing: string,
  otherwise: AuthErrorCode,
  hint?: string,
): AuthError {
  if (isAuthError(thrown)) return thrown
  const { name, message, code, cause: found, response = found, ...own } = thrown as LibraryError
  const error = clean(own.error)
  // Of an error response it is the body: the server's words, not the library's.
  const cause = error ? undefined : found
  const error_description = clean(own.error_description)
  const status = own.status ?? response?.status
  const claim = cause?.claim ?? /["`](?!response)(\w+)["`]/.exec(message)?.[1]
  // Seconds or a date (RFC 9110 section 10.2.3); seen only where the server exposes it.
  const pause = response?.headers?.get('retry-after') ?? ''
  const seconds = isNaN(+pause) ? (Date.parse(pause) - Date.now()) / 1000 : +pause
  const retryAfter = seconds > 0 ? Math.min(seconds, longestPause) : undefined
  const build = (as: AuthErrorCode, text: string) =>
    new AuthError(as, `${doing}: ${text}`, {
      error,
      error_description,
      status,
      retryAfter,
      cause: { code, claim },
    })

  const skew = cause?.claims && /exp|nbf/.test(claim!) ? cause.now - cause.claims.iat : 0
  if (Math.abs(skew) > cause?.tolerance!) return buildClockSkew(skew)
  if (isUnprocessed({ status })) return build('temporarily_unavailable', `status ${status}`)
  if (error) {
    const known = registered.test(error) ? (error as AuthErrorCode) : 'authorization_failed'
    // A frame whose cookies the browser keeps back gets the same answer as a user who is not logged in.
    const why = error === 'login_required' ? ' (or third-party cookies are blocked)' : ''
    return build(known, `"${error}" ${error_description ?? ''}${why}`)
  }
  if (name === 'TimeoutError') return build('timeout', 'no answer in time')
  if (!code) return build('network_error', `no connection: ${hint}`)
  if (cause?.claims || cause?.header) return build('invalid_id_token', message)
  return status! > 499 ? build('server_error', `status ${status}`) : build(otherwise, message)
}

/** Takes out what is for nobody to read: some servers repeat what they were sent, and long words with digits are no prose. */
function clean(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined
  return text.replace(/[\w-]{20,}(\.[\w-]+)*/g, (word) => (/[A-Z\d]/.test(word) ? '…' : word))
}

/** Tells whether the server said that it did not process the request (429, 503): it can be sent again. */
export function isUnprocessed({ status }: { status?: number | undefined }): boolean {
  return status === 429 || status === 503
}

/** Builds the error for a token that was issued just now, by a clock that says otherwise. */
export function buildClockSkew(seconds: number): AuthError {
  const direction = seconds > 0 ? 'ahead of' : 'behind'
  return new AuthError(
    'clock_skew',
    `this clock is ${Math.abs(seconds)} s ${direction} the server's: set it or raise "clockTolerance"`,
  )
}

/** Builds the error for an answer with something else in it than what was asked for. */
export function refuse(code: AuthErrorCode, claim: string): AuthError {
  return new AuthError(code, `refused: unexpected "${claim}"`, { cause: { claim } })
}
