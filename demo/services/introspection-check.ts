import * as oauth from 'oauth4webapi'
import type { Access, AccessCheck } from './access.js'
import { readToken } from './brought-token.js'
import { createIntrospection, type IntrospectionClient } from './introspect.js'
import type { CheckOptions } from './jwt-check.js'
import { readPresented } from './presented-claims.js'
import { validateProof } from './proof.js'
import type { ProofMemory } from './proof-memory.js'
import { buildRefusals } from './refusals.js'

/** Options of `createIntrospectionCheck`. */
export type IntrospectionOptions = CheckOptions & IntrospectionClient

/**
 * Creates the check of an API that accepts opaque access tokens. It introspects the token at every request (RFC 7662), so that a
 * revoked token is refused immediately. If the token is bound to a key, the request must prove possession of that key (RFC 9449).
 */
export function createIntrospectionCheck(options: IntrospectionOptions, proofs: ProofMemory): AccessCheck {
  const { realm, audience } = options
  const refusals = buildRefusals(realm)
  const introspect = createIntrospection(options)

  return async function check(request, url, needs): Promise<Access> {
    const brought = readToken(request, refusals)
    if ('error' in brought) return brought
    const { scheme, token, proof = '' } = brought
    let answer
    try {
      answer = await introspect(token)
    } catch (error) {
      // The server does not introspect other APIs' JWTs. Any other error is not the token's fault.
      const isForeign = error instanceof oauth.ResponseBodyError && error.error === 'unsupported_token_type'
      return isForeign ? refusals.badToken : refusals.unavailable
    }
    if (!answer.active || ![answer.aud].flat().includes(audience)) return refusals.badToken
    const { jkt } = answer.cnf ?? {}
    // A key-bound token must not be used as a bearer token, or the other way round (RFC 9449 section 7.2).
    if ((scheme === 'dpop') !== (jkt !== undefined)) return refusals.badToken
    if (jkt) {
      if (!(await validateProof(proof, { method: request.method!, url, token, jkt })))
        return refusals.badProof(proofs.nonce())
      if (!proofs.hasNonce(proof)) return refusals.badProof(proofs.nonce(), 'nonce')
      if (!proofs.take(proof)) return refusals.badProof(proofs.nonce())
    }
    const refusal = refusals.lacking(answer, needs)
    if (refusal) return refusal
    return {
      presented: readPresented(answer),
      token,
      headers: jkt ? { 'DPoP-Nonce': proofs.nonce() } : {},
    }
  }
}
