import { createPrivateKey, type JsonWebKey } from 'node:crypto'
import * as oauth from 'oauth4webapi'

/** How a service proves to the authorization server who it is. Unlike a browser app, it can keep a secret. */
export type ServiceSecret =
  /** A secret that both know (`client_secret_basic`). */
  | { clientSecret: string }
  /** A P-256 key, as a JWK with a `kid`, whose public half the server has: it signs an assertion for each request (`private_key_jwt`). */
  | { privateKey: JsonWebKey }

/** Builds the client authentication of a service (RFC 6749 section 2.3.1, or RFC 7523 section 2.2). */
export function buildClientAuthentication(secret: ServiceSecret): oauth.ClientAuth {
  if ('clientSecret' in secret) return oauth.ClientSecretBasic(secret.clientSecret)
  const { privateKey } = secret
  const imported = importSigningKey(privateKey)
  return async (...request) =>
    oauth.PrivateKeyJwt({ key: await imported, kid: String(privateKey['kid']) })(...request)
}

/** Removes the private half of a key: the rest is what the authorization server is given. */
export function toPublicKey({ d: _, ...publicKey }: JsonWebKey): JsonWebKey {
  return publicKey
}

async function importSigningKey(key: JsonWebKey): Promise<CryptoKey> {
  const der = createPrivateKey({ key, format: 'jwk' }).export({ format: 'der', type: 'pkcs8' })
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  return crypto.subtle.importKey('pkcs8', new Uint8Array(der), algorithm, false, ['sign'])
}
