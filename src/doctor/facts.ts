import type { AuthorizationServer } from 'oauth4webapi'
import type { PageWalk } from './page-walk.js'
import type { Outcome } from './probe.js'

/** What the doctor is asked to look at. */
export interface Question {
  issuer: string
  /** The origin of the app. */
  origin: string
  redirectUri: string
  clientId?: string | undefined
  /** Whether the app uses `dpop()`. */
  dpop: boolean
  /** Whether the app uses `par: true`. */
  par: boolean
}

/**
 * What the endpoints answer to one client without a secret. Each is asked twice: for the app's client ID, and for one that nobody
 * has. Where both get the same answer, it says nothing about the app's client.
 */
export interface ClientFacts {
  /** A code that was never issued. */
  token?: Outcome
  /** The same with a proof of a key; only where the server has DPoP with ES256. */
  tokenWithProof?: Outcome
  /** The same with the nonce that this answer asked for. */
  tokenWithNonce?: Outcome
  /** The revocation of a token that was never issued. */
  revocation?: Outcome
  /** A complete authorization request, sent ahead. */
  pushed?: Outcome
}

/** Everything that was seen at the server; the checks look at nothing else. */
export interface Facts extends Question, ClientFacts {
  /** The answers at the two places where metadata can be. */
  discovery: Record<'oidc' | 'oauth2', Outcome>
  /** Where the metadata was found; without it there is nothing below. */
  found?: 'oidc' | 'oauth2'
  metadata?: AuthorizationServer
  /** The answers of the endpoints that a page calls. */
  jwks?: Outcome
  /** The answers to a client ID that nobody has; only with a client ID. */
  nobody?: ClientFacts
  /** The answer to `token` with a proof that is not one. */
  tokenWithWrongProof?: Outcome
  /** The answer to a refresh token that was never issued; only with a client ID. */
  refresh?: Outcome
  tokenPreflight?: Outcome
  userinfo?: Outcome
  userinfoPreflight?: Outcome
  /** What a window sees; only with a client ID. */
  pages?: Pages
}

/** Tells whether the server gives ID tokens; `scopes_supported` may be missing. */
export function offersOpenId(metadata: AuthorizationServer): boolean {
  const { scopes_supported: scopes, id_token_signing_alg_values_supported: algorithms } = metadata
  return scopes?.includes('openid') ?? algorithms !== undefined
}

/** The authorization requests that were made. */
export interface Pages {
  /** With `prompt=none`, the answer by redirect. */
  silent: PageWalk
  /** With `prompt=none`, the answer as a web message; only where the server has that. */
  message?: PageWalk
  /** An ordinary one, up to the sign-in page. */
  login: PageWalk
  /** The page that ends the session at the server, for who has none; only where the metadata names it. */
  logout?: PageWalk
  /** As `logout`, with a place to return to that nobody has registered. */
  logoutElsewhere?: PageWalk
  /** As `silent`, for a client ID that nobody has. */
  nobody: PageWalk
  /** As `silent`, with a redirect URI at an origin that is not the app's. */
  elsewhere: PageWalk
}
