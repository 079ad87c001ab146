import type { IncomingMessage } from 'node:http'
import * as oauth from 'oauth4webapi'
import type { ProofMemory } from './proof-memory.js'

/** Who may come in, or what to answer instead (RFC 6750 section 3.1). */
export type Access = { subject: string } | Refusal

/** What to answer to a request that may not come in. */
export interface Refusal {
  status: 400 | 401 | 403 | 503
  error: string
  description: string
  /** The value of `WWW-Authenticate`. */
  challenge?: string
}

/**
 * Creates the check of one API: is this request's JWT access token (RFC 9068) from our issuer, for us, with that scope, and,
 * where it is bound to a key, does the request prove that key (RFC 9449)?
 */
export function createAccessCheck(
  { issuer, audience }: { issuer: string; audience: string },
  proofs: ProofMemory,
) {
  const insecure = isLoopback(issuer)
  let metadata: Promise<oauth.AuthorizationServer> | undefined

  async function discover(): Promise<oauth.AuthorizationServer> {
    const response = await oauth.discoveryRequest(new URL(issuer), {
      [oauth.allowInsecureRequests]: insecure,
    })
    return oauth.processDiscoveryResponse(new URL(issuer), response)
  }

  return async function check(
    request: IncomingMessage,
    url: string,
    scope: string,
    login: { acr?: string; maxAge?: number } = {},
  ): Promise<Access> {
    const { authorization, dpop } = request.headers
    if (!/^(Bearer|DPoP)(?: |$)/i.test(authorization ?? '')) return noToken
    if (!/^(Bearer|DPoP) +[\w.~+/-]+=*$/i.test(authorization!)) {
      return refuse(400, 'invalid_request', 'The Authorization header is malformed')
    }
    let server
    try {
      server = await (metadata ??= discover())
    } catch {
      metadata = undefined
      return unavailable
    }
    try {
      // The keys are fetched by the first request and again, after a pause, for a key identifier that is not among them.
      const claims = await oauth.validateJwtAccessToken(
        server,
        new Request(url, {
          method: request.method!,
          headers: { authorization: authorization!, ...(dpop && { dpop: `${dpop}` }) },
        }),
        audience,
        { [oauth.allowInsecureRequests]: insecure },
      )
      if (dpop && !proofs.hasNonce(`${dpop}`)) return nonceWanted
      if (dpop && !proofs.take(`${dpop}`)) return proofRefused
      const { acr = claims['acr'], maxAge = Infinity } = login
      const since = Date.now() / 1000 - Number(claims['auth_time'] ?? 0)
      if (claims['acr'] !== acr || since > maxAge)
        return refuse(
          401,
          'insufficient_user_authentication',
          'A stronger or more recent login is needed',
          (login.acr ? `, acr_values="${login.acr}"` : '') +
            (login.maxAge === undefined ? '' : `, max_age="${login.maxAge}"`),
        )
      if (claims.scope?.split(' ').includes(scope)) return { subject: claims.sub }
      return refuse(
        403,
        'insufficient_scope',
        `The access token lacks the scope ${scope}`,
        `, scope="${scope}"`,
      )
    } catch (error) {
      if (!isVerdict(error)) return unavailable
      return refuse(
        401,
        'invalid_token',
        'The access token is expired, revoked, malformed or not meant for this API',
      )
    }
  }
}

// Nothing was presented, so nothing was wrong: the challenge names no error (RFC 6750 section 3.1).
const noToken: Refusal = {
  status: 401,
  error: 'token_required',
  description: 'Send an access token in the Authorization header',
  challenge: 'Bearer realm="orders"',
}

const nonceWanted: Refusal = {
  status: 401,
  error: 'use_dpop_nonce',
  description: 'Send the nonce of the DPoP-Nonce header in the proof',
  challenge: 'DPoP realm="orders", error="use_dpop_nonce"',
}

const proofRefused: Refusal = {
  status: 401,
  error: 'invalid_dpop_proof',
  description: 'The proof was used before',
  challenge: 'DPoP realm="orders", error="invalid_dpop_proof"',
}

const unavailable: Refusal = {
  status: 503,
  error: 'temporarily_unavailable',
  description: 'The authorization server cannot be reached',
}

function refuse(status: 400 | 401 | 403, error: string, description: string, more = ''): Refusal {
  const challenge = `Bearer realm="orders", error="${error}", error_description="${description}"${more}`
  return { status, error, description, challenge }
}

/** Tells whether the token was found wanting; anything else means that it could not be looked at. */
function isVerdict(error: unknown): boolean {
  return (
    (error instanceof oauth.OperationProcessingError && error.code !== oauth.RESPONSE_IS_NOT_CONFORM) ||
    error instanceof oauth.UnsupportedOperationError
  )
}

function isLoopback(url: string): boolean {
  return /^(?:localhost|127\.0\.0\.1|\[::1\]|.+\.localhost)$/.test(new URL(url).hostname)
}
