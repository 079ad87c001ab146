import {
  customFetch,
  jwksCache,
  validateApplicationLevelSignature,
  type AuthorizationServer,
  type JWKS,
  type IDToken,
} from 'oauth4webapi'
import { buildClockError } from '../base/clock-error.js'
import { AuthError } from '../base/errors.js'
import { isAuthError } from '../base/is-auth-error.js'
import { withoutPrototype } from '../base/without-prototype.js'
import type { Claims } from '../api/claims.js'
import { isDeep } from './depth.js'
import { refuse } from './refuse.js'
import { decodeJwtPart } from './jwt.js'

/** Gets the server's keys: cached, or `fresh` from the server. */
export type GetKeys = (fresh: boolean) => Promise<JWKS>

/**
 * Checks what oauth4webapi does not: `azp` with one audience, `at_hash`, and in a renewal the subject and nonce. Throws
 * `user_changed` or `invalid_id_token`.
 *
 * @param expected the values of claims, if they are in the ID token
 * @param accessToken undefined if the ID token came with another one
 */
export async function checkIdToken(
  idToken: string,
  claims: IDToken,
  expected: Record<string, string | undefined>,
  accessToken: string | undefined,
): Promise<void> {
  if (isDeep(claims)) throw refuse('invalid_id_token', 'claims')
  const all = { ...expected, at_hash: accessToken && (await hashAccessToken(idToken, accessToken)) }
  for (const [claim, value] of Object.entries(all))
    if (claims[claim] !== undefined && value !== undefined && claims[claim] !== value)
      throw refuse(claim === 'sub' ? 'user_changed' : 'invalid_id_token', claim)
}

/** Tells whether an ID token is the one that the session already has, or an older one. */
export function isRepeated(claims: IDToken, current: Claims): boolean {
  return claims.iat < (current['iat'] as number) || JSON.stringify(claims) === JSON.stringify(current)
}

/**
 * Checks the times against this device's clock; `tolerance` in seconds. This is the last check: `clock_skew` means that nothing
 * else is wrong. Throws that or `invalid_id_token`.
 */
export function checkIdTokenTimes({ iat, nbf = iat, exp }: IDToken, tolerance: number): void {
  const now = Math.floor(Date.now() / 1000)
  const skew = now - Math.max(iat, nbf)
  const isExpired = exp <= now - tolerance
  if (skew < -tolerance || (isExpired && skew > tolerance))
    throw buildClockError(skew, 'set it or raise "clockTolerance"')
  if (isExpired) throw refuse('invalid_id_token', 'exp')
}

/**
 * Verifies the signature with the server's keys. If that fails, the keys are fetched once more: the server may have a new key, even
 * with the same `kid` or without one. Throws `invalid_id_token`, or why the keys are not available.
 */
export async function verifyIdTokenSignature(
  as: AuthorizationServer,
  response: Response,
  getKeys: GetKeys,
): Promise<void> {
  const verify = async (fresh: boolean) => {
    // Passed by value and as fresh, so that the library never fetches keys, nor caches them for this `as`.
    const cache = { jwks: await getKeys(fresh), uat: Math.floor(Date.now() / 1000) }
    const never = () => Promise.reject(new Error())
    await validateApplicationLevelSignature(withoutPrototype(as), response, {
      [jwksCache]: cache,
      [customFetch]: never,
    })
  }
  try {
    await verify(false).catch((error: unknown) => {
      if (isAuthError(error)) throw error
      return verify(true)
    })
  } catch (error) {
    if (isAuthError(error)) throw error
    // The library reports a wrong signature, no matching key, or several. An error of the browser is about the type of the key.
    const { code, message } = error as { code?: string; message: string }
    const why = code ? message : 'this browser does not support the type of the key'
    throw new AuthError('invalid_id_token', `the signature of the JWT could not be verified: ${why}`, {
      cause: { code, claim: 'signature' },
    })
  }
}

/** The left half of the access token's hash, by the hash of the ID token's algorithm (OpenID Connect Core 3.1.3.6). */
async function hashAccessToken(idToken: string, accessToken: string): Promise<string> {
  const { alg } = decodeJwtPart(idToken, 0)
  // For an unknown algorithm, the hash is unknown, too.
  if (!/^([RPE]S(256|384|512)|Ed25519|EdDSA|ML-DSA-\d\d)$/.test(alg))
    throw refuse(
      'invalid_id_token',
      'alg',
      `the ID token has an unsupported "alg" ${alg}: have the server use ES256 or RS256`,
    )
  // `Ed25519` and `EdDSA` use SHA-512.
  const bits = /256$|384$/.exec(alg) ?? 512
  const digest = new Uint8Array(
    await crypto.subtle.digest('SHA-' + bits, new TextEncoder().encode(accessToken)),
  )
  const text = btoa(String.fromCharCode(...digest.subarray(0, digest.length / 2)))
  return text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '')
}
