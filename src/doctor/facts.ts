import type { AuthorizationServer } from 'oauth4webapi'
import type { PageWalk } from './page-walk.js'
import type { Outcome } from './probe.js'

/** What to check. */
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
 * The responses of the endpoints to one client without a secret. Each request is sent twice: with the client ID of the app, and
 * with an unregistered one. If both get the same response, it says nothing about the client of the app.
 */
export interface ClientFacts {
  /** The response to a code that was never issued. */
  token?: Outcome
  /** The same with a DPoP proof. Only if the server supports DPoP with ES256. */
  tokenWithProof?: Outcome
  /** The same with the nonce that the previous response required. */
  tokenWithNonce?: Outcome
  /** The response to the revocation of a token that was never issued. */
  revocation?: Outcome
  /** The response to a pushed authorization request. */
  pushed?: Outcome
}

/** All responses of the server. The checks use nothing else. */
export interface Facts extends Question, ClientFacts {
  /** The responses at the two well-known URLs of the metadata. */
  discovery: Record<'oidc' | 'oauth2', Outcome>
  /** Where the metadata was found. Everything below is missing without it. */
  found?: 'oidc' | 'oauth2'
  metadata?: AuthorizationServer
  /** The responses of the endpoints that a page calls. */
  jwks?: Outcome
  /** The responses to an unregistered client ID. Only with a client ID. */
  nobody?: ClientFacts
  /** The response to `token` with an invalid proof. */
  tokenWithWrongProof?: Outcome
  /** The response to a refresh token that was never issued. Only with a client ID. */
  refresh?: Outcome
  tokenPreflight?: Outcome
  userinfo?: Outcome
  userinfoPreflight?: Outcome
  /** The pages that a window loads. Only with a client ID. */
  pages?: Pages
}

/** Tells whether the server issues ID tokens. `scopes_supported` may be missing. */
export function offersOpenId(metadata: AuthorizationServer): boolean {
  const { scopes_supported: scopes, id_token_signing_alg_values_supported: algorithms } = metadata
  return scopes?.includes('openid') ?? algorithms !== undefined
}

/** The authorization requests that were made. */
export interface Pages {
  /** With `prompt=none`, and a response by redirect. */
  silent: PageWalk
  /** With `prompt=none`, and a response as a web message. Only if the server supports that. */
  message?: PageWalk
  /** An ordinary one, up to the sign-in page. */
  login: PageWalk
  /** The end-session endpoint, called without a session. Only if the metadata has it. */
  logout?: PageWalk
  /** As `logout`, with an unregistered URI to return to. */
  logoutElsewhere?: PageWalk
  /** As `silent`, with an unregistered client ID. */
  nobody: PageWalk
  /** As `silent`, with an unregistered redirect URI at another origin. */
  elsewhere: PageWalk
}
