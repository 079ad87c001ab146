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
}

/** Everything that was seen at the server; the checks look at nothing else. */
export interface Facts extends Question {
  /** The answers at the two places where metadata can be. */
  discovery: Record<'oidc' | 'oauth2', Outcome>
  /** Where the metadata was found; without it there is nothing below. */
  found?: 'oidc' | 'oauth2'
  metadata?: AuthorizationServer
  /** The answers of the endpoints that a page calls. */
  jwks?: Outcome
  token?: Outcome
  /** What the token endpoint answers to the same with a proof of a key; only where the server has DPoP with ES256. */
  tokenWithProof?: Outcome
  tokenPreflight?: Outcome
  userinfo?: Outcome
  userinfoPreflight?: Outcome
  revocation?: Outcome
  pushed?: Outcome
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
}
