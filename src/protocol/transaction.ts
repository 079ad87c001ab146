import {
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  generateRandomNonce,
  generateRandomState,
} from 'oauth4webapi'

/** One login under way, kept under its own `state` and consumed once (RFC 9700 sections 4.4.2.1 and 4.7.1). */
export interface Transaction {
  /** A letter for the way it travels and 32 random bytes: a hint and a name, no proof. */
  state: string
  /** Only with the scope `openid`. */
  nonce?: string | undefined
  codeVerifier: string
  issuer: string
  clientId: string
  redirectUri: string
  scope: string
  resources: string[]
  /** Raw parameters of this login that its session keeps. */
  params?: Record<string, string | undefined>
  authorizationDetails?: object[] | undefined
  /** In seconds. */
  maxAge?: number | undefined
  /** Space-separated: one of them must be met. */
  acrValues?: string | undefined
  /** The one user who may answer. */
  sub?: string | undefined
  /** The generation of the session that it goes on with. */
  since?: number | undefined
  /** The page that a redirect login comes back to. */
  returnTo?: string | undefined
  appState?: unknown
  /** In milliseconds since 1970. */
  expiresAt: number
}

/** The random parts of a transaction; made ahead by `prepare()`, used once. */
export interface Randomness {
  state: string
  nonce: string
  codeVerifier: string
  codeChallenge: string
}

/** Makes the random parts, 32 bytes each (RFC 7636 section 4.1). */
export async function createRandomness(): Promise<Randomness> {
  const codeVerifier = generateRandomCodeVerifier()
  return {
    state: generateRandomState(),
    nonce: generateRandomNonce(),
    codeVerifier,
    codeChallenge: await calculatePKCECodeChallenge(codeVerifier),
  }
}
