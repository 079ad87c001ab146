import { generateKeyPairSync, randomUUID } from 'node:crypto'
import type { JWK } from 'oidc-provider'

/** Generates an ES256 key as a private JWK with a `kid` of its own. */
export function generateSigningKey(): JWK & { kid: string } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { kty, crv, x, y, d } = privateKey.export({ format: 'jwk' })
  return { kty, crv, x, y, d, use: 'sig', alg: 'ES256', kid: randomUUID() }
}

let processKey: (JWK & { kid: string }) | undefined

/** Gets the key that every authorization server of this process starts with. */
export function getSigningKey(): JWK & { kid: string } {
  return (processKey ??= generateSigningKey())
}
