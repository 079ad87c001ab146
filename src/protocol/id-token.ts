import {
  customFetch,
  jwksCache,
  validateApplicationLevelSignature,
  type AuthorizationServer,
  type JWKS,
  type IDToken,
} from 'oauth4webapi'
import { isAuthError } from '../base/errors.js'
import { buildClockSkew, refuse } from './failure.js'
import { decodeJwtPart } from './jwt-part.js'

/** The keys of the server, as they are known or as they are now. */
export type GetKeys = (fresh: boolean) => Promise<JWKS>

/**
 * Checks what oauth4webapi leaves open: `iat` in the future, `azp` with one audience, `at_hash`, and on a renewal the
 * subject and nonce. Throws `clock_skew`, `user_changed` or `invalid_id_token`.
 *
 * @param expected what claims must be where they are given
 * @param tolerance in seconds
 */
export async function checkIdToken(
  idToken: string,
  claims: IDToken,
  expected: Record<string, string | undefined>,
  accessToken: string,
  tolerance: number,
): Promise<void> {
  const skew = Math.floor(Date.now() / 1000) - claims.iat
  if (skew < -tolerance) throw buildClockSkew(skew)
  const all = { ...expected, at_hash: await hashAccessToken(idToken, accessToken) }
  for (const [claim, value] of Object.entries(all))
    if (claims[claim] !== undefined && value !== undefined && claims[claim] !== value)
      throw refuse(claim === 'sub' ? 'user_changed' : 'invalid_id_token', claim)
}

/** Verifies the signature with the server's keys; an unknown key is asked for once. Throws `invalid_id_token`. */
export async function verifyIdTokenSignature(
  as: AuthorizationServer,
  response: Response,
  getKeys: GetKeys,
): Promise<void> {
  const verify = async (fresh: boolean) => {
    // Given by value and as fresh: the library then never fetches, nor remembers keys for this `as`.
    const cache = { jwks: await getKeys(fresh), uat: Math.floor(Date.now() / 1000) }
    const never = () => Promise.reject(new Error())
    await validateApplicationLevelSignature({ ...as }, response, { [jwksCache]: cache, [customFetch]: never })
  }
  try {
    await verify(false).catch((error: unknown) => {
      if (isAuthError(error)) throw error
      return verify(true)
    })
  } catch (error) {
    throw isAuthError(error) ? error : refuse('invalid_id_token', 'signature')
  }
}

/** The left half of the access token's hash, by the hash of the ID token's algorithm (OpenID Connect Core 3.1.3.6). */
async function hashAccessToken(idToken: string, accessToken: string): Promise<string> {
  const { alg } = decodeJwtPart(idToken, 0)
  // `Ed25519` and `EdDSA` go with SHA-512.
  const bits = /256$|384$/.exec(alg) ?? 512
  const digest = new Uint8Array(
    await crypto.subtle.digest('SHA-' + bits, new TextEncoder().encode(accessToken)),
  )
  const text = btoa(String.fromCharCode(...digest.subarray(0, digest.length / 2)))
  return text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '')
}
