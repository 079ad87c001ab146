import { createPrivateKey, sign, type KeyObject } from 'node:crypto'
import type { JWK } from 'oidc-provider'
import { generateSigningKey } from '../../demo/authorization-server/signing-key.js'

/** The claims or the header of a JWT. */
export type JsonObject = Record<string, unknown>

/** What becomes of an ID token; what is left out stays as it was. */
export interface IdTokenChange {
  claims?: JsonObject
  header?: JsonObject
  /** `own`: the server's key, so that only the content is wrong. `none`: `alg: none`. @default 'own' */
  signWith?: 'own' | 'foreign' | 'none'
  /** The whole ID token as it shall be sent. */
  raw?: string
}

/** Changes an ID token; `grantType` tells an answer to a code from one to a refresh token. */
export type TamperIdToken = (claims: JsonObject, header: JsonObject, grantType: string) => IdTokenChange

/** Changes an ID token and signs it again. */
export function tamperWithIdToken(
  idToken: string,
  tamper: TamperIdToken,
  grantType: string,
  ownKey: JWK,
): string {
  const header = decodePart(idToken, 0)
  const claims = decodePart(idToken, 1)
  const change = tamper({ ...claims }, { ...header }, grantType)
  if (change.raw !== undefined) return change.raw
  const newClaims = change.claims ?? claims
  const newHeader = change.header ?? header
  if (change.signWith === 'none') return `${encode({ ...newHeader, alg: 'none' })}.${encode(newClaims)}.`
  const key = change.signWith === 'foreign' ? generateSigningKey() : ownKey
  return signJwt(newHeader, newClaims, importKey(key))
}

/** Decodes the header (0) or the claims (1) of a JWT. */
export function decodePart(jwt: string, part: 0 | 1): JsonObject {
  return JSON.parse(Buffer.from(jwt.split('.')[part]!, 'base64url').toString()) as JsonObject
}

function signJwt(header: JsonObject, claims: JsonObject, key: KeyObject): string {
  const input = `${encode(header)}.${encode(claims)}`
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

function importKey({ kty, crv, x, y, d }: JWK): KeyObject {
  return createPrivateKey({ key: JSON.parse(JSON.stringify({ kty, crv, x, y, d })), format: 'jwk' })
}

function encode(value: JsonObject): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
