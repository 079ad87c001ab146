import { decodeJwt } from 'jose'
import * as oauth from 'oauth4webapi'
import type { Access, AccessCheck } from './access.js'
import { readToken } from './brought-token.js'
import { createServerFinder } from './find-server.js'
import { readPresented } from './presented-claims.js'
import { validateProof } from './proof.js'
import type { ProofMemory } from './proof-memory.js'
import { buildRefusals } from './refusals.js'

/** Options of an API's access token check. */
export interface CheckOptions {
  /** The API's name in its challenges. */
  realm: string
  issuer: string
  /** The resource (RFC 8707) that tokens must be issued for. */
  audience: string
}

/**
 * Creates the check of an API that accepts JWT access tokens (RFC 9068). It checks issuer, audience and scope. If the token is bound
 * to a key, the request must prove possession of that key (RFC 9449).
 */
export function createJwtCheck({ realm, issuer, audience }: CheckOptions, proofs: ProofMemory): AccessCheck {
  const server = createServerFinder(issuer)
  const refusals = buildRefusals(realm)

  return async function check(request, url, needs): Promise<Access> {
    const brought = readToken(request, refusals)
    if ('error' in brought) return brought
    const { scheme, token, proof } = brought
    let metadata
    try {
      metadata = await server.find()
    } catch {
      return refusals.unavailable
    }
    try {
      // The first request fetches the keys. An unknown key ID fetches them again, after a pause.
      const claims = await oauth.validateJwtAccessToken(
        metadata,
        new Request(url, {
          method: request.method!,
          headers: { authorization: `${scheme} ${token}`, ...(proof && { dpop: proof }) },
        }),
        audience,
        server.options,
      )
      if (proof && !proofs.hasNonce(proof)) return refusals.badProof(proofs.nonce(), 'nonce')
      if (proof && !proofs.take(proof)) return refusals.badProof(proofs.nonce())
      const refusal = refusals.lacking(claims, needs)
      if (refusal) return refusal
      return {
        presented: readPresented(claims),
        token,
        headers: proof ? { 'DPoP-Nonce': proofs.nonce() } : {},
      }
    } catch (error) {
      if (!isVerdict(error)) return refusals.unavailable
      // The library uses the same codes for a token and its proof, so check again which one was invalid.
      const jkt = scheme === 'dpop' && readThumbprint(token)
      if (jkt && !(await validateProof(proof ?? '', { method: request.method!, url, token, jkt })))
        return refusals.badProof(proofs.nonce())
      return refusals.badToken
    }
  }
}

/** Reads the thumbprint of the key that a JWT is bound to (RFC 9449 section 6.1), without verifying the JWT. */
function readThumbprint(token: string): string | undefined {
  try {
    return decodeJwt<{ cnf?: { jkt?: string } }>(token).cnf?.jkt
  } catch {
    return undefined
  }
}

/** Checks whether an error means that the token is invalid; any other error means that it could not be checked. */
function isVerdict(error: unknown): boolean {
  return (
    (error instanceof oauth.OperationProcessingError && error.code !== oauth.RESPONSE_IS_NOT_CONFORM) ||
    error instanceof oauth.UnsupportedOperationError
  )
}
