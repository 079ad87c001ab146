import {
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  generateRandomNonce,
  generateRandomState,
} from 'oauth4webapi'

/** One login in progress, stored under its own `state` and used once (RFC 9700 sections 4.4.2.1 and 4.7.1). */
export interface Transaction {
  /** A letter for how the response comes back, and 32 random bytes. The letter is a hint, not a proof. */
  state: string
  /** Only with the scope `openid`. */
  nonce?: string | undefined
  codeVerifier: string
  issuer: string
  clientId: string
  redirectUri: string
  scope: string
  resources: string[]
  /** Raw parameters of this login that are stored with its session. */
  params?: Record<string, string | undefined>
  authorizationDetails?: object[] | undefined
  /** In seconds. */
  maxAge?: number | undefined
  /** Space-separated; the login must satisfy one of them. */
  acrValues?: string | undefined
  /** The only user who may log in. */
  sub?: string | undefined
  /** The generation of the session that it continues. */
  since?: number | undefined
  /** The page that a redirect login returns to. */
  returnTo?: string | undefined
  appState?: unknown
  /** In milliseconds since 1970. */
  expiresAt: number
}

/** The random parts of a transaction, used once. `prepare()` creates them in advance. */
export interface Randomness {
  state: string
  nonce: string
  codeVerifier: string
  codeChallenge: string
}

/** Creates the random parts, 32 bytes each (RFC 7636 section 4.1). */
export async function createRandomness(): Promise<Randomness> {
  const codeVerifier = generateRandomCodeVerifier()
  return {
    state: generateRandomState(),
    nonce: generateRandomNonce(),
    codeVerifier,
    codeChallenge: await calculatePKCECodeChallenge(codeVerifier),
  }
}
