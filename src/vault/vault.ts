import type { AuthorizationServer } from 'oauth4webapi'
import type { ProofRequest } from '../api/dpop.js'
import type { Claims } from '../api/claims.js'
import type { Reason } from '../api/state.js'
import type { TokenSet } from '../api/token-set.js'
import type { Reply } from '../browser/messages/response-listener.js'
import type { GrantServer } from '../protocol/grant-server.js'
import type { RefreshRequest } from '../protocol/token-request.js'
import type { Transaction } from '../protocol/transaction.js'
import type { StoredSession } from './stored-session.js'

/** The session as the page knows it, without the refresh token. */
export interface SessionView {
  /** Increases with each change of the stored session. */
  generation: number
  /** Null if nobody is logged in. */
  session: {
    user: Claims | null
    /** The scope that the login requested. */
    scope: string
    /** The resources that the login requested. */
    resources: string[]
    /** Raw parameters of the login, which later grants of the session are requested with. */
    params?: Record<string, string | undefined> | undefined
    /** The authorization details that the login requested (RFC 9396). */
    authorizationDetails?: object[] | undefined
    /** Access tokens by key (session/tokens.ts). */
    tokens: Record<string, TokenSet>
    /** The `session_state` of the last authorization response (OpenID Connect Session Management 1.0 section 2), unchecked. */
    sessionState?: string | null
    /** When the session ends, by the field that announced it, in milliseconds since 1970 (session/session-end.ts). */
    ends?: Record<string, number> | undefined
    /** When the user logged in, in milliseconds since 1970. */
    loggedInAt: number
    /** Whether there is a refresh token. */
    refreshable: boolean
    /** Whether there is a refresh token that cannot be sent now, because the store does not respond, and other tabs may use it. */
    isWithheld?: boolean | undefined
    /** Whether the refresh token was sent and no response arrived: the server may have rotated it. */
    inDoubt?: boolean
    /** Whether the server refused the refresh token, which was then deleted. */
    refused?: boolean
  } | null
  reason?: Reason | undefined
}

/** The metadata of the authorization server, and hints about it. */
export interface ServerView {
  metadata: AuthorizationServer
  hints: ServerHints
  /** The thumbprint of the key that new tokens are bound to (RFC 9449 section 10). */
  jkt?: string | undefined
  /** The ID token of the session that was read last, for a request that renews the session. */
  idTokenHint?: string | undefined
}

/** How past logins failed. Each hint expires. */
export interface ServerHints {
  /** Until when its popups are assumed to be severed from this page (COOP), in milliseconds since 1970. */
  cutOffUntil?: number
  /** How many hidden frames in a row did not answer; after 2, none is tried. A login resets it, and so does a frame that answers. */
  silentFrames?: number
  /** Until when `silentFrames` counts, in milliseconds since 1970. */
  silentUntil?: number
}

/** A response of the server, with the transaction that it must match. */
export interface Redemption {
  reply: Reply
  transaction: Transaction
  /** The key that its access token is stored under. */
  key: string
  /** The only generation that it may overwrite; any if undefined. */
  ifGeneration?: number | undefined
  /** Whether it renews the stored session instead of starting a new one. */
  renews?: true
}

/** The ID token of the stored session and its claims, as far as there are any. */
export interface StoredIdToken {
  idToken?: string | undefined
  user?: Claims | null | undefined
}

/**
 * The only place that has refresh tokens: it redeems, refreshes, stores and revokes them. Every argument and result can be cloned,
 * so a vault can run in a worker; `isAuthError` restores an error from its clone. The vault does not lock: the generation decides
 * who may send the refresh token.
 */
export interface Vault {
  /**
   * Reads the stored session. `loggedOut`: when the user logged out in another tab, which ends every session that was stored before,
   * in any store.
   */
  load(loggedOut?: number): Promise<SessionView>
  /**
   * Gets metadata and hints, from memory, the store or the server. If the previous login got no response, a page of the server may
   * have moved, so the next one requests the metadata again. The vault remembers its own logins; `again` tells it of one before a
   * page load.
   */
  server(attempt?: 'first' | 'again'): Promise<ServerView>
  /** Fetches the server's keys in advance. */
  warm(): Promise<unknown>
  /** Pushes an authorization request to the server (RFC 9126), and returns the URL that refers to it. */
  push(url: string): Promise<string>
  /** Builds the proof for a request to an API (RFC 9449 section 7). */
  prove(request: ProofRequest): Promise<string>
  /** Changes the hints. */
  updateHints(hints: ServerHints): Promise<void>
  /** Validates and redeems a response, and stores the session. */
  redeem(redemption: Redemption): Promise<SessionView>
  /**
   * Gets another access token with the refresh token and stores the result. The session is marked (`inDoubt`) before the token is
   * sent, and only if it still has the generation `ifGeneration`; otherwise this rejects with `busy`, and sends nothing. Afterwards the
   * session says what happened to the refresh token (`inDoubt`, `refused`), even if this rejects.
   */
  token(request: RefreshRequest & { key: string; ifGeneration: number }): Promise<SessionView>
  /** Reads the ID token of the stored session and its claims. Contacts no server. */
  idToken(): Promise<StoredIdToken>
  /**
   * Makes a request of an add-on to the server: for another grant, or for the user's claims. It does not change the session.
   *
   * @param request runs inside the vault, and may send the refresh token from there. It cannot be sent to a vault in a worker, which
   * finds its own copy by the parameters: by the `grant_type`, or by its absence. The parameters and the result can
   * be cloned.
   */
  grant<T>(parameters: GrantParameters, request: GrantRequest<T>): Promise<T>
  /**
   * Ends the session in the store, either in any case or only if it still has the generation `ifGeneration`. With `revoke`, the vault keeps
   * the refresh token until `revoke()` is called.
   */
  clear(reason: Reason, options: { revoke: boolean; ifGeneration?: number }): Promise<Cleared>
  /**
   * Revokes the refresh token of a session that was cleared, if it had one. Takes 2 s at most. Rejects if the server did not confirm
   * it.
   */
  revoke(): Promise<void>
}

/** The parameters of a request. Those of a token request include `grant_type`, but not the client authentication. */
export type GrantParameters = [name: string, value: string][]

/** Makes one kind of request, and validates the response. The result is for the page, so it never contains a refresh token. */
export type GrantRequest<T> = (
  server: GrantServer,
  parameters: GrantParameters,
  getSession: () => Promise<StoredSession | null>,
) => Promise<T>

/** What a logout still has to do after the session has ended here. */
export interface Cleared {
  view: SessionView
  idTokenHint?: string | undefined
  /** When the user logged out, as `load` takes it. */
  loggedOut?: number | undefined
  /** Whether a reload would find the session again, because it could neither be ended in the store nor removed from it. */
  stillStored?: boolean
}
