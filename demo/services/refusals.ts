import type { Needs, Refusal } from './access.js'

/** The refusals of one API. Its name is the realm of the challenges (RFC 6750 section 3). */
export interface Refusals {
  noToken: Refusal
  malformed: Refusal
  badToken: Refusal
  unavailable: Refusal
  /** An invalid proof (RFC 9449 section 7.1), or a missing or old nonce, for which a new one is sent (section 9). */
  badProof(nonce: string, wanted?: 'nonce'): Refusal
  /** A refusal if a valid token does not meet the requirements of a path, otherwise undefined. */
  lacking(claims: { scope?: unknown; acr?: unknown; auth_time?: unknown }, needs: Needs): Refusal | undefined
}

/** Builds the refusals of one API. */
export function buildRefusals(realm: string): Refusals {
  const challenge = (scheme: string, parameters: Record<string, string | number | undefined>) => ({
    'WWW-Authenticate': [`${scheme} realm="${realm}"`]
      .concat(
        Object.entries(parameters).flatMap(([name, value]) =>
          value === undefined ? [] : `${name}="${value}"`,
        ),
      )
      .join(', '),
  })
  const refuse = (status: 400 | 401 | 403, error: string, description: string, more = {}): Refusal => ({
    status,
    error,
    description,
    headers: challenge('Bearer', { error, error_description: description, ...more }),
  })
  return {
    // The request has no token, so the challenge must not contain an error (RFC 6750 section 3.1).
    noToken: {
      status: 401,
      error: 'token_required',
      description: 'Send an access token in the Authorization header',
      headers: challenge('Bearer', {}),
    },
    malformed: refuse(400, 'invalid_request', 'The Authorization header is malformed'),
    badToken: refuse(
      401,
      'invalid_token',
      'The access token is expired, revoked, malformed or not issued for this API',
    ),
    unavailable: {
      status: 503,
      error: 'temporarily_unavailable',
      description: 'The authorization server cannot be reached',
      headers: { 'Retry-After': '1' },
    },
    badProof(nonce, wanted) {
      const error = wanted ? 'use_dpop_nonce' : 'invalid_dpop_proof'
      const description = wanted
        ? 'Send the nonce of the DPoP-Nonce header in the proof'
        : 'The proof was already used, or does not match this request and token'
      return {
        status: 401,
        error,
        description,
        headers: { ...challenge('DPoP', { error }), 'DPoP-Nonce': nonce },
      }
    },
    lacking(claims, { scope, acr, maxAge }) {
      const since = Date.now() / 1000 - Number(claims.auth_time ?? 0)
      if ((acr && claims.acr !== acr) || (maxAge !== undefined && !(since <= maxAge)))
        return refuse(401, 'insufficient_user_authentication', 'A stronger or more recent login is needed', {
          acr_values: acr,
          max_age: maxAge,
        })
      // One string by RFC 9068; some servers write a list.
      const granted = [claims.scope ?? ''].flat().join(' ').split(' ')
      if (granted.includes(scope)) return undefined
      return refuse(403, 'insufficient_scope', `The access token lacks the scope ${scope}`, { scope })
    },
  }
}
