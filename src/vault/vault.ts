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

/** What the page gets to know of the session. Never a refresh token. */
export interface SessionView {
  /** Moves with each change of the stored session. */
  generation: number
  /** Null when nobody is logged in. */
  session: {
    user: Claims | null
    /** The scope that was asked for at login. */
    scope: string
    /** The resources that were asked for at login. */
    resources: string[]
    /** Raw parameters of the login, which another grant is asked for with. */
    params?: Record<string, string | undefined> | undefined
    /** The authorization details that were asked for at login (RFC 9396). */
    authorizationDetails?: object[] | undefined
    /** Access tokens by their key (session/tokens.ts). */
    tokens: Record<string, TokenSet>
    /** When the user logged in, in milliseconds since 1970. */
    loggedInAt: number
    /** Whether there is a refresh token. */
    refreshable: boolean
    /** Whether a refresh token was sent and its answer never arrived: the server may have rotated it. */
    inDoubt?: boolean
    /** Whether the server refused the refresh token, which is gone since. */
    refused?: boolean
  } | null
  reason?: Reason | undefined
}

/** What is known of the authorization server: its metadata, and what was learned about it here. */
export interface ServerView {
  metadata: AuthorizationServer
  hints: ServerHints
  /** The thumbprint of the key that tokens are to be bound to (RFC 9449 section 10). */
  jkt?: string | undefined
  /** The ID token of the session that was read last, for a request that renews it. */
  idTokenHint?: string | undefined
}

/** Things that were learned the hard way, and are forgotten again. */
export interface ServerHints {
  /** Until when its windows are taken to be cut off from us (COOP), in milliseconds since 1970. */
  cutOffUntil?: number
  /** How often in a row a hidden frame did not answer; 2 is hopeless. A login clears it, and so does a frame that answers. */
  silentFrames?: number
  /** Until when that is held against it, in milliseconds since 1970. */
  silentUntil?: number
}

/** An answer of the server, with the transaction that it has to fit. */
export interface Redemption {
  reply: Reply
  transaction: Transaction
  /** The key that its access token is kept under. */
  key: string
  /** The generation that it may be written over; over any when it is left out. */
  over?: number
  /** Whether it renews the stored session; it starts a new one otherwise. */
  renews?: true
  /** What a login has shown about the server. */
  hints?: ServerHints
}

/**
 * The only home of refresh tokens: redeems, refreshes, keeps and revokes them. Every argument and result can be cloned, so that
 * the same port can lie over a worker; an error restores itself from its clone (`isAuthError`). The vault does not lock: the
 * generation decides who may send the refresh token.
 */
export interface Vault {
  /**
   * Reads what is stored. `loggedOut`: when the user has logged out in another tab, which ends what was stored before that, in
   * whatever store.
   */
  load(loggedOut?: number): Promise<SessionView>
  /**
   * Gets metadata and hints, from memory, the store or the server. For an attempt to log in the metadata are fetched anew where
   * the one before it had no answer, since a page of the server can have moved: `again` says so, and the vault knows it of its own.
   */
  server(attempt?: 'first' | 'again'): Promise<ServerView>
  /** Gets the server's keys ready. */
  warm(): Promise<unknown>
  /** Sends an authorization request to the server ahead (RFC 9126), and gives the URL that stands for it. */
  push(url: string): Promise<string>
  /** Builds the proof for a request to an API (RFC 9449 section 7). */
  prove(request: ProofRequest): Promise<string>
  /** Changes the hints. */
  updateHints(hints: ServerHints): Promise<void>
  /** Validates and redeems an answer and stores the session. */
  redeem(redemption: Redemption): Promise<SessionView>
  /**
   * Gets another access token with the refresh token and stores what comes. The session is marked before the token is sent
   * (`inDoubt`), and only over the generation `over`: who decided by an older one rejects with `busy`, and sends nothing. What the
   * server said about the refresh token is in the session afterwards (`inDoubt`, `refused`), also when this rejects.
   */
  token(request: RefreshRequest & { key: string; over: number }): Promise<SessionView>
  /**
   * Makes a request of an add-on at the server: that of another grant, or for the user's claims. It leaves the session as it is.
   *
   * @param request runs inside the vault, and may send the refresh token from there. It does not cross to a vault in a worker,
   * which has a copy of its own, found by the `grant_type` among the parameters (without one it is for the claims); those and
   * the result can be cloned.
   */
  grant<T>(parameters: GrantParameters, request: GrantRequest<T>): Promise<T>
  /**
   * Ends the session in the store: at once, or only over a generation. Gives the hint for the server's own logout. With `revoke`
   * the vault keeps the refresh token until `revoke()` is called.
   */
  clear(reason: Reason, options: { revoke: boolean; over?: number }): Promise<Cleared>
  /**
   * Revokes the refresh token of a session that was cleared, where there is one, for 2 s at most. Rejects where the server did not
   * confirm it.
   */
  revoke(): Promise<void>
}

/** The parameters of a request: of a token request `grant_type` among them, client authentication not. */
export type GrantParameters = [name: string, value: string][]

/** Makes a request of one kind, and validates what comes. Its result is for the page: no refresh token in it. */
export type GrantRequest<T> = (
  server: GrantServer,
  parameters: GrantParameters,
  getSession: () => Promise<StoredSession | null>,
) => Promise<T>

/** What is left to do after the session was ended here. */
export interface Cleared {
  view: SessionView
  idTokenHint?: string | undefined
  /** When the user has logged out, by the measure that `load` takes. */
  loggedOut?: number | undefined
  /** Whether a reload would find the session again: it could neither be ended in the store nor removed from it. */
  stillStored?: boolean
}
