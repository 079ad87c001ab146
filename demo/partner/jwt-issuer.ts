import { createPrivateKey, generateKeyPairSync, randomUUID, type JsonWebKey } from 'node:crypto'
import { SignJWT } from 'jose'

/** The content of a partner's JWT. */
export interface JwtAssertionOptions {
  /** Its subject. */
  subject: string
  /** Its audience: the issuer identifier of an authorization server, or the URL of its token endpoint. */
  audience: string
  /** Its expiry, in seconds from now. @default 60 */
  expiresIn?: number
}

/** A partner's identity provider that signs JWTs about the partner's users (RFC 7523 section 3). */
export interface JwtIssuer {
  issuer: string
  /** The public key, for the parties that trust this issuer. */
  publicKey: JsonWebKey
  /** Issues a signed assertion, which can be used once. */
  issue: (options: JwtAssertionOptions) => Promise<string>
}

/**
 * Creates a partner's identity provider, which issues assertions to any caller.
 *
 * @param privateKey a P-256 key; a new one if undefined
 */
export function createJwtIssuer(issuer: string, privateKey = generateKey()): JwtIssuer {
  const { d: _, ...publicKey } = privateKey
  const key = createPrivateKey({ key: privateKey, format: 'jwk' })
  return {
    issuer,
    publicKey,
    issue: ({ subject, audience, expiresIn = 60 }) =>
      new SignJWT()
        .setProtectedHeader({
          alg: 'ES256',
          ...(privateKey['kid'] !== undefined && { kid: String(privateKey['kid']) }),
        })
        .setIssuer(issuer)
        .setSubject(subject)
        .setAudience(audience)
        .setJti(randomUUID())
        .setIssuedAt()
        .setExpirationTime(Math.floor(Date.now() / 1000) + expiresIn)
        .sign(key),
  }
}

function generateKey(): JsonWebKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID() }
}
