import { createHash } from 'node:crypto'
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose'

/** The request that a proof must match. */
export interface ProofTarget {
  method: string
  /** The URL of the request, without query and fragment. */
  url: string
  /** The access token sent with it. */
  token: string
  /** The thumbprint of the key that the token is bound to (RFC 7638). */
  jkt: string
}

/** The maximum age of a proof, and the clock tolerance, in seconds. */
const window = 60

/** Checks whether a DPoP proof matches this request, this token and its key (RFC 9449 section 4.3). */
export async function validateProof(
  proof: string,
  { method, url, token, jkt }: ProofTarget,
): Promise<boolean> {
  try {
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      typ: 'dpop+jwt',
      algorithms: ['ES256'],
      maxTokenAge: window,
      clockTolerance: window,
      requiredClaims: ['jti', 'htm', 'htu', 'ath'],
    })
    return (
      payload['htm'] === method &&
      payload['htu'] === url &&
      payload['ath'] === createHash('sha256').update(token).digest('base64url') &&
      (await calculateJwkThumbprint(protectedHeader.jwk!)) === jkt
    )
  } catch {
    return false
  }
}
