/**
 * Every reason a call can fail.
 *
 * Codes sent by an authorization server keep their registered name (RFC 6749 sections 4.1.2.1 and 5.2, OpenID Connect Core
 * section 3.1.2.6). The others are latchkey's own.
 */
export type AuthErrorCode =
  // sent by the authorization server
  /** The user or the server denied the request (RFC 6749 section 4.1.2.1). */
  | 'access_denied'
  /** The user must choose an account, which a silent login cannot ask for (OpenID Connect Core 3.1.2.6). */
  | 'account_selection_required'
  /** The user must give consent, which a silent login cannot ask for (3.1.2.6). */
  | 'consent_required'
  /** The user must interact with the server, which a silent login does not allow (3.1.2.6). */
  | 'interaction_required'
  /** A type or field of `authorizationDetails` is unknown or not allowed (RFC 9396 section 5). */
  | 'invalid_authorization_details'
  /** The server or an API rejected the DPoP proof (RFC 9449 section 5). */
  | 'invalid_dpop_proof'
  /** The server does not know `clientId`, or has it registered as a confidential client (RFC 6749 section 5.2). */
  | 'invalid_client'
  /** The code or refresh token is no longer valid (5.2). A renewal rejects with `session_lost` instead. */
  | 'invalid_grant'
  /** A parameter is missing, unknown or repeated (4.1.2.1, 5.2, OpenID Connect Core 4), or a token to exchange is not acceptable (RFC 8693 2.2.2). */
  | 'invalid_request'
  /** A scope is unknown or not allowed (4.1.2.1, 5.2). */
  | 'invalid_scope'
  /** A resource or audience is unknown or not allowed (RFC 8707 section 2, RFC 8693 section 2.2.2). */
  | 'invalid_target'
  /** Nobody is logged in, either here or, in a silent login, at the server (3.1.2.6). Call `login()`. */
  | 'login_required'
  /** The server failed: it sent this `error`, or an HTTP status of 500 or above. */
  | 'server_error'
  /** The server, or a gateway in front of it, is overloaded or down for maintenance. Also used for HTTP status 429 and 503. */
  | 'temporarily_unavailable'
  /** This client is not allowed to do that (4.1.2.1, 5.2). */
  | 'unauthorized_client'
  /** The server requires a DPoP nonce that this page cannot read: it must expose the `DPoP-Nonce` header (RFC 9449 section 8.2). */
  | 'use_dpop_nonce'
  /** The login was weaker or older than required, according to the server, `acr` or `auth_time` (RFC 9470 section 5). */
  | 'unmet_authentication_requirements'
  /** The server does not offer this grant, such as refresh tokens, to this client (5.2). */
  | 'unsupported_grant_type'
  /** The server does not support the authorization code flow (4.1.2.1). */
  | 'unsupported_response_type'
  /** The server sent an `error` that has no code here, such as `invalid_token` from the userinfo endpoint. Read it from `error`. */
  | 'authorization_failed'
  // between this page and the server
  /** The browser blocked the popup: call `login()` in a click or key handler, before any `await`. */
  | 'popup_blocked'
  /** The user closed the window or the overlay, or another overlay replaced it. */
  | 'popup_closed'
  /** COOP severed the popup while `web_message` was awaited. The next login uses the callback page. */
  | 'popup_cut_off'
  /** The function passed to `external()` threw or rejected. */
  | 'external_failed'
  /** A redirect login did not leave the page, or the user returned with the back button. */
  | 'redirect_not_left'
  /** A hidden iframe did not answer, or this page's CSP blocked it or the iframe of an overlay. */
  | 'frame_silent'
  /** No answer arrived within the time limit. */
  | 'timeout'
  /** The device is offline, CORS or CSP `connect-src` blocked the request, or the server is down. Browsers do not say which. */
  | 'network_error'
  /** The metadata or keys are missing, belong to another issuer, or lack something the options require (PAR, DPoP). */
  | 'discovery_failed'
  /** Another issuer on this page uses the same `redirectUri`, and at least one of the two servers does not promise to send `iss`. */
  | 'redirect_uri_shared'
  /** The response belongs to a login this tab does not know. */
  | 'unknown_transaction'
  // failed checks
  /** The authorization response failed a check (`state`, `iss`, redirect URI), or the userinfo response is unusable. */
  | 'invalid_response'
  /** The ID token, or a signed userinfo response, failed a check. `cause.claim` names the claim. */
  | 'invalid_id_token'
  /** The response of the token, revocation or PAR endpoint is unusable, or the server refused the request (4xx) without saying why. */
  | 'invalid_token_response'
  /** This device's clock is off by more than `clockTolerance`. The message says by how many seconds. */
  | 'clock_skew'
  /** A renewal or userinfo response was about another user (nothing was stored), or the user changed during `fetch` (nothing was sent). */
  | 'user_changed'
  // about the session and its tokens
  /** The server rejected the refresh token, and a hidden iframe found nobody logged in. The state is now `logged-out`. */
  | 'session_lost'
  /** The server granted less than requested, or userinfo was requested after a login without `openid`. */
  | 'insufficient_scope'
  /** The login did not request this resource. Rejected without contacting the server. */
  | 'resource_not_requested'
  /** Another tab is still waiting for the response to a refresh, or the refresh token to exchange may have been replaced. */
  | 'busy'
  /** No entry of `apis` covers the URL. */
  | 'origin_not_allowed'
  /** An API requires the request to be sent again, but its body was a stream, which can only be sent once. */
  | 'body_not_replayable'
  /** An API answered with a redirect. Tokens are never sent to the target of a redirect. */
  | 'redirect_refused'
  // about the page
  /** A script file that the app loads later could not be loaded (`latchkey/lazy`). If trying again does not help, reload the page. */
  | 'code_not_loaded'
  /** The worker (`latchkey/worker`) or the store that holds the refresh token does not respond. The session is kept. */
  | 'vault_unavailable'
  /** There is no page here (SSR or a worker), and the call or the login mode needs one. */
  | 'no_window'
  /** The page is not a secure context, so Web Crypto is unavailable. */
  | 'insecure_context'
  /** The browser denied `sessionStorage` to a redirect login, or did not let a logout end or remove the stored session. */
  | 'storage_unavailable'
  /** `close()` was called. */
  | 'client_closed'

/** Details of a failure, in addition to its code and message. They never contain a token, code, verifier or key. */
export interface AuthErrorDetails {
  /** The `error` sent by the server. */
  error?: string | undefined
  /** The `error_description` sent by the server. */
  error_description?: string | undefined
  /** The HTTP status of the response. */
  status?: number | undefined
  /** How many seconds to wait before trying again (`Retry-After`), at most one day. */
  retryAfter?: number | undefined
  /** Fields copied from the error of a library. */
  cause?: AuthErrorCause | undefined
}

/** Fields copied from the error of a library. The error itself is never kept, because it can contain tokens. */
export interface AuthErrorCause {
  /** @internal The fields of the `AuthError`: a structured clone keeps only the message and the cause. */
  authError?: Omit<AuthErrorDetails, 'cause'> & { code: AuthErrorCode; retryable: boolean }
  /** The library's own code, such as `OAUTH_JWT_CLAIM_COMPARISON_FAILED`. */
  code?: string | undefined
  /** The name of the claim or parameter that failed. */
  claim?: string | undefined
}

/** Codes of transient failures. An HTTP status of 429 or above 499 makes any other code transient as well. */
const passing =
  /^(busy|code_not_loaded|frame_silent|invalid_token_response|network_error|popup_cut_off|redirect_not_left|server_error|temporarily_unavailable|timeout|vault_unavailable)$/

/** Marks every `AuthError`. In the global registry, because the error can come from another copy of latchkey. */
export const authErrorMark: unique symbol = Symbol.for('latchkey.AuthError')

/** The error of every failed call: a `code` to branch on, and a `message` that says what happened and what to do. */
export class AuthError extends Error {
  /** Always `AuthError`. */
  override readonly name = 'AuthError'
  /** The reason for the failure. Branch on this. */
  declare readonly code: AuthErrorCode
  /** Whether the same call can succeed later without any change. */
  declare readonly retryable: boolean
  /** The `error` sent by the server (RFC 6749 sections 4.1.2.1 and 5.2). */
  declare readonly error?: string
  /** The `error_description` sent by the server. Untrusted text: never render it as HTML. */
  declare readonly error_description?: string
  /** The HTTP status of the response, if there was one. */
  declare readonly status?: number
  /** How many seconds to wait before trying again, at most one day, if the server exposes `Retry-After` (RFC 9110 section 10.2.3). */
  declare readonly retryAfter?: number
  /** Fields copied from the error of a library. */
  declare readonly cause?: AuthErrorCause

  constructor(code: AuthErrorCode, message: string, details?: AuthErrorDetails) {
    super(message)
    const { cause, ...more } = details ?? {}
    const { status } = more
    // A 4xx is final, even from servers that do not send an `error` with it.
    const isRefusal = code === 'invalid_token_response' && status! > 399 && status !== 408
    const retryable = (passing.test(code) && !isRefusal) || status === 429 || status! > 499
    const authError = { ...more, code, retryable }
    Object.assign(this, authError, { cause: { ...cause, authError } })
  }

  static {
    // On the prototype, so that a spread copy is not taken for an AuthError.
    Object.assign(this.prototype, { [authErrorMark]: true })
  }
}
