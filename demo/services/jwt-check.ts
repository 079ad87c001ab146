import { decodeJwt } from 'jose'
import * as oauth from 'oauth4webapi'
import type { Access, AccessCheck } from './access.js'
import { readToken } from './brought-token.js'
import { createServerFinder } from './find-server.js'
import { readPresented } from './presented-claims.js'
import { validateProof } from './proof.js'
import type { ProofMemory } from './proof-memory.js'
import { buildRefusals } from './refusals.js'

/** Whose tokens an API takes, and for what. */
export interface CheckOptions {
  /** The API's name, for its challenges. */
  realm: string
  issuer: string
  /** The resource (RFC 8707) that tokens must be for. */
  audience: string
}

/**
 * Creates the check of an API that takes JWT access tokens (RFC 9068): is the token from our issuer, for us, with that scope,
 * and, where it is bound to a key, does the request prove that key (RFC 9449)?
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
      // The keys are fetched by the first request and again, after a pause, for a key identifier that is not among them.
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
      // The library has the same codes for a token and its proof: which of them it was is looked at again.
      const jkt = scheme === 'dpop' && readThumbprint(token)
      if (jkt && !(await validateProof(proof ?? '', { method: request.method!, url, token, jkt })))
        return refusals.badProof(proofs.nonce())
      return refusals.badToken
    }
  }
}

/** Reads the thumbprint of the key that a JWT says it is bound to (RFC 9449 section 6.1); nothing of it is verified here. */
function readThumbprint(token: string): string | undefined {
  try {
    return decodeJwt<{ cnf?: { jkt?: string } }>(token).cnf?.jkt
  } catch {
    return undefined
  }
}

/** Tells whether the token was found wanting; anything else means that it could not be looked at. */
function isVerdict(error: unknown): boolean {
  return (
    (error instanceof oauth.OperationProcessingError && error.code !== oauth.RESPONSE_IS_NOT_CONFORM) ||
    error instanceof oauth.UnsupportedOperationError
  )
}
