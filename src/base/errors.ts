/**
 * Every reason why a call of latchkey can fail.
 *
 * Codes that an authorization server sends keep their registered name (RFC 6749 sections 4.1.2.1 and 5.2,
 * OpenID Connect Core section 3.1.2.6); the others are latchkey's own.
 */
export type AuthErrorCode =
  // sent by the authorization server
  /** The user, or the server, said no (RFC 6749 section 4.1.2.1). */
  | 'access_denied'
  /** The user must choose an account; no silent login can (OpenID Connect Core 3.1.2.6). */
  | 'account_selection_required'
  /** The user must consent; no silent login can (3.1.2.6). */
  | 'consent_required'
  /** The user must do something; no silent login can (3.1.2.6). */
  | 'interaction_required'
  /** A type or field of `authorizationDetails` is unknown or not allowed (RFC 9396 section 5). */
  | 'invalid_authorization_details'
  /** The server or an API refused the proof of the key (RFC 9449 section 5). */
  | 'invalid_dpop_proof'
  /** The server does not know `clientId`, or takes it for a confidential client (RFC 6749 section 5.2). */
  | 'invalid_client'
  /** The code or refresh token is no longer valid (5.2). A renewal rejects with `session_lost` instead; a token exchange ends nothing. */
  | 'invalid_grant'
  /** A parameter is missing, unknown or given twice (4.1.2.1, 5.2); a token to exchange is not acceptable (RFC 8693 section 2.2.2). */
  | 'invalid_request'
  /** A scope is unknown or not allowed (4.1.2.1, 5.2). */
  | 'invalid_scope'
  /** A resource or audience is unknown or not allowed (RFC 8707 section 2, RFC 8693 section 2.2.2). */
  | 'invalid_target'
  /** Nobody is logged in: here, or at the server in a silent login (3.1.2.6). Call `login()`. */
  | 'login_required'
  /** The server failed: its own `error`, or an HTTP status above 499. */
  | 'server_error'
  /** The server, or a gateway in front of it, is overloaded or closed for a while; also an HTTP status of 429 or 503. */
  | 'temporarily_unavailable'
  /** This client may not do that (4.1.2.1, 5.2). */
  | 'unauthorized_client'
  /** The server wants a nonce in the proof that this page cannot read: it must expose `DPoP-Nonce` (RFC 9449 section 8.2). */
  | 'use_dpop_nonce'
  /** The user was not logged in as strongly or as lately as was asked for: the server says so, or `acr` or `auth_time` (RFC 9470 section 5). */
  | 'unmet_authentication_requirements'
  /** The server offers no such grant to this client (5.2): refresh tokens, for instance. */
  | 'unsupported_grant_type'
  /** The server does not do the code flow (4.1.2.1). */
  | 'unsupported_response_type'
  /** An `error` that has no code here, such as `invalid_token` of the userinfo endpoint; it stands in `error`. */
  | 'authorization_failed'
  // on the way to the server and back
  /** The browser allowed no window: call `login()` in a click or key handler, before any `await`. */
  | 'popup_blocked'
  /** The user closed the window or the overlay, or another overlay took its place. */
  | 'popup_closed'
  /** COOP cut the window off while `web_message` was awaited; the next login uses the callback page. */
  | 'popup_cut_off'
  /** A redirect login did not leave the page, or the user came back with the back button. */
  | 'redirect_not_left'
  /** A hidden iframe did not answer, or this page's CSP blocked it, or the iframe of an overlay. */
  | 'frame_silent'
  /** No answer within the time limit. */
  | 'timeout'
  /** No connection: offline, CORS, CSP `connect-src`, or the server is down; a browser does not say which. */
  | 'network_error'
  /** The metadata or keys are missing, not those of `issuer`, or lack what the options ask for (PAR, DPoP). */
  | 'discovery_failed'
  /** Another issuer of this page has the same `redirectUri`, and one of the two servers does not promise to send `iss`. */
  | 'redirect_uri_shared'
  /** An answer came back that this tab does not know. */
  | 'unknown_transaction'
  // checks that an answer did not pass
  /** The authorization response failed a check: `state`, `iss`, redirect URI, a parameter twice. Or userinfo cannot be used. */
  | 'invalid_response'
  /** The ID token, or a signed answer of the userinfo endpoint, failed a check; `cause.claim` names it. */
  | 'invalid_id_token'
  /** The answer of the token, revocation or PAR endpoint cannot be used; or it was refused, and the answer does not say why (4xx). */
  | 'invalid_token_response'
  /** This device's clock differs by more than `clockTolerance`; the message names the seconds. */
  | 'clock_skew'
  /** A renewal or userinfo was about another user, and nothing was stored; or one came during `fetch`, and nothing was sent. */
  | 'user_changed'
  // about the session and its tokens
  /** The server refused the refresh token, and a hidden iframe found nobody logged in; the state is logged-out. */
  | 'session_lost'
  /** The server granted less than was asked for; or the login did not ask for `openid`, and userinfo needs it. */
  | 'insufficient_scope'
  /** The resource was not among those of the login; refused without a request. */
  | 'resource_not_requested'
  /** Another tab is still waiting for the answer to the refresh token; or one that may have been replaced was to be exchanged. */
  | 'busy'
  /** No entry of `apis` covers the URL. */
  | 'origin_not_allowed'
  /** An API wants the request again, and its body was a stream, which can be sent once. */
  | 'body_not_replayable'
  /** An API answered with a redirect, which no token follows. */
  | 'redirect_refused'
  // about the page
  /** A script file that the app loads later could not be loaded (`latchkey/lazy`). Where trying again does not help, reload the page. */
  | 'code_not_loaded'
  /** There is no page here (SSR, a worker). */
  | 'no_window'
  /** The page is no secure context, so there is no cryptography. */
  | 'insecure_context'
  /** The browser lets the page store nothing where it must: `sessionStorage` for a redirect login, the end of a session at a logout. */
  | 'storage_unavailable'
  /** `close()` was called. */
  | 'client_closed'

/** What is known about a failure beside its code and message. No token, code, verifier or key is in any of it. */
export interface AuthErrorDetails {
  /** The `error` that the server sent. */
  error?: string | undefined
  /** The `error_description` that the server sent. */
  error_description?: string | undefined
  /** The HTTP status of the answer. */
  status?: number | undefined
  /** For how many seconds the server asked to be left alone (`Retry-After`), a day at most. */
  retryAfter?: number | undefined
  /** What a library reported, copied field by field. */
  cause?: AuthErrorCause | undefined
}

/** What is taken over from a library's error: never the error itself, which can hold tokens. */
export interface AuthErrorCause {
  /** @internal The fields of the error itself: all that a structured clone of it keeps beside its message. */
  authError?: Omit<AuthErrorDetails, 'cause'> & { code: AuthErrorCode; retryable: boolean }
  /** The library's own code, for example `OAUTH_JWT_CLAIM_COMPARISON_FAILED`. */
  code?: string | undefined
  /** The name of the claim or parameter that was refused. */
  claim?: string | undefined
}

/** Codes of failures that pass; an HTTP status of 429 or above 499 says the same. */
const passing =
  /^(busy|code_not_loaded|frame_silent|invalid_token_response|network_error|popup_cut_off|redirect_not_left|server_error|temporarily_unavailable|timeout)$/

const mark = Symbol.for('latchkey.AuthError')

/** The one error of latchkey: what went wrong as a `code` to branch on, and what to do as a `message` to read. */
export class AuthError extends Error {
  /** Always `AuthError`. */
  override readonly name = 'AuthError'
  /** What went wrong, to branch on. */
  declare readonly code: AuthErrorCode
  /** True when the same call can succeed later without anybody changing anything. */
  declare readonly retryable: boolean
  /** The `error` that the server sent (RFC 6749 sections 4.1.2.1 and 5.2). */
  declare readonly error?: string
  /** The server's own words: never show them as HTML. */
  declare readonly error_description?: string
  /** The HTTP status of the answer, where there was one. */
  declare readonly status?: number
  /**
   * For how many seconds the server asked to be left alone, a day at most, where it exposes `Retry-After` (RFC 9110 section
   * 10.2.3).
   */
  declare readonly retryAfter?: number
  /** What a library reported, copied field by field. */
  declare readonly cause?: AuthErrorCause

  constructor(code: AuthErrorCode, message: string, details?: AuthErrorDetails) {
    super(message)
    const { cause, ...more } = details ?? {}
    const { status } = more
    // A 4xx is the server's last word; some name no error in it.
    const isRefusal = code === 'invalid_token_response' && status! > 399 && status !== 408
    const retryable = (passing.test(code) && !isRefusal) || status === 429 || status! > 499
    const authError = { ...more, code, retryable }
    Object.assign(this, authError, { cause: { ...cause, authError } })
  }

  static {
    // On the prototype: a spread copy is no error of ours.
    Object.assign(this.prototype, { [mark]: true })
  }
}

/**
 * Tells whether a value is an `AuthError`, also one of another window or of a second copy of latchkey.
 *
 * A structured clone (`structuredClone`, `postMessage` to a worker or window) is one as well: browsers keep no more of an error than
 * its message, stack and cause, and this call restores the rest.
 *
 * @example
 * import { isAuthError } from 'latchkey'
 * if (isAuthError(error) && error.code === 'popup_blocked') show('Please allow the window')
 */
export function isAuthError(value: unknown): value is AuthError {
  const error = value as { [mark]?: true; cause?: AuthErrorCause } | null | undefined
  if (error?.[mark] === true) return true
  const known = error instanceof Error && error.cause?.authError
  // One that is frozen cannot be restored.
  if (!known || !Reflect.setPrototypeOf(error, AuthError.prototype)) return false
  Object.assign(error, { name: 'AuthError' }, known)
  return true
}
