import type { AuthError } from './errors.js'
import type { LoginOptions } from './login-options.js'
import type { LogoutOptions } from './logout-options.js'
import type { TokenOptions } from './token-options.js'

export type { Api } from './api.js'
export type { ClientOptions } from './client-options.js'
export type { LoginOptions } from './login-options.js'
export type { LogoutOptions } from './logout-options.js'
export type { Timeouts } from './timeouts.js'
export type { TokenOptions } from './token-options.js'

/** The claims of a validated ID token (OpenID Connect Core section 2). */
export interface Claims {
  /** The user's identifier, unique within the issuer. */
  sub: string
  /** The issuer that says so. */
  iss: string
  /** The name to show; most servers give it with the scope `profile`. */
  name?: string
  /** The e-mail address; most servers give it with the scope `email`. Unverified unless `email_verified` is true. */
  email?: string
  /** Whatever else the server says. */
  [claim: string]: unknown
}

/** Where a login that is under way stands: the window opens, the user is at the server, the code is redeemed. */
export type LoginStage = 'opening' | 'waiting' | 'redeeming'

/** Why nobody is logged in: the user logged out, here or in another tab, or the server ended the session. */
export type Reason = 'logout' | 'session_lost'

/** What an app shows. A new object each time something changed, the same object as long as nothing did. */
export type State =
  /** The store is being read, or a redirect login that came back is being finished. Stays so without a page (SSR). */
  | { status: 'loading' }
  /** `reason` says why, where it is known; `error` is the failure of a redirect login; `login` is one under way. */
  | { status: 'logged-out'; reason?: Reason; error?: AuthError; login?: LoginStage }
  /**
   * `user` is null without the scope `openid`; `appState` is what the login was given; `error` is the failure of another
   * redirect login; `login` is one under way.
   */
  | { status: 'logged-in'; user: Claims | null; appState?: unknown; error?: AuthError; login?: LoginStage }

/** An access token with what the server said of it. */
export interface TokenSet {
  /** The access token itself. */
  accessToken: string
  /** `bearer`, or `dpop` with the option of that name; in lower case (RFC 6750, RFC 9449 section 5). */
  tokenType: string
  /** When it ends, in milliseconds since 1970 by this device's clock; `Number.MAX_SAFE_INTEGER` when the server named no end. */
  expiresAt: number
  /** The scope that was granted, space-separated; empty when the server named none. */
  scope: string
  /** The resource (RFC 8707) that it was asked for. */
  resource?: string
  /** What the server says that it allows (RFC 9396 section 7). */
  authorizationDetails?: object[]
}

/** Things worth a line in a log or a devtools panel. No event carries a token, code, verifier or key. */
export type AuthEvent =
  /** A token was renewed: with the refresh token, by hidden iframe, or taken over from another tab. */
  | { type: 'renewed'; via: 'refresh' | 'iframe' | 'tab' }
  /** A renewal failed; `retryable` errors leave the session as it was. */
  | { type: 'renewal_failed'; error: AuthError }
  /** The store failed or hung and memory took its place: a reload will not find the session. */
  | { type: 'store_failed'; message: string }
  /** The window of a login was cut off from this page (COOP); the callback page is used from now on. */
  | { type: 'popup_cut_off' }
  /** A login failed after its answer came: the same error that `login()` rejects with, or that nobody waits for any more. */
  | { type: 'login_failed'; error: AuthError }
  /** What a logout left undone at the server: revocation or the end of the session there. */
  | { type: 'logout_incomplete'; error: AuthError }

/** One record of a store. What it holds is not the store's business. */
export interface StoreRecord {
  /** The version of the shape of `sealed`. */
  v: number
  /** Grows with each change; a writer commits only over the generation that it has read. */
  generation: number
  /** What is kept: sealed bytes where the store seals, plain data elsewhere. */
  sealed: unknown
}

/**
 * A place for records: a port with three functions, so that anybody can write another one.
 *
 * A store that throws or does not answer within 1.2 s is tried once more and then replaced by memory.
 */
export interface Store {
  /** Gets a record. */
  get(key: string): Promise<StoreRecord | undefined>
  /** Replaces a record by what the function makes of it, in one transaction; `undefined` keeps it as it is. */
  update(key: string, change: (old: StoreRecord | undefined) => StoreRecord | undefined): Promise<void>
  /** Removes all records; for apps, latchkey itself does not call it. */
  clear(): Promise<void>
  /** Lets go of what the store holds open; a later call opens it again. */
  close?(): void
  /** Whether all tabs of the origin see the same records; only then do they share one refresh token. */
  readonly shared: boolean
  /** Whether records may hold a `CryptoKey`; they are sealed with one then. */
  readonly sealed: boolean
}

/** The client of one app at one authorization server. */
export interface Client {
  /**
   * Resolves with the first state after `loading`, within 3 s where no redirect login came back; that one is finished by
   * then, and its failure is in `state.error`. Stays pending without a page (SSR). Rejects with `client_closed`.
   *
   * @example
   * const state = await auth.ready()
   * if (state.status === 'logged-out' && state.error) console.warn(state.error.message)
   */
  ready(): Promise<State>
  /**
   * Logs the user in. Call it from a click or key handler, before any `await`: browsers allow a window only then. Always
   * settles: with the state, with one `AuthError`, or with `signal.reason`.
   *
   * Rejects with `popup_blocked`, `popup_closed`, `popup_cut_off`, `timeout`, `redirect_not_left`, `storage_unavailable`,
   * `frame_silent`, the server's own error, `invalid_response`, `invalid_id_token`, `invalid_token_response`, `clock_skew`,
   * `network_error`, `discovery_failed`, `insecure_context`, `no_window`; with a `TypeError` for a wrong option.
   *
   * @example
   * button.onclick = () => auth.login().catch((error) => show(error.message))
   * @see RFC 6749 section 4.1, RFC 7636, OpenID Connect Core section 3.1
   */
  login(options?: LoginOptions): Promise<State>
  /**
   * Gets an access token that is good for `minValidity` seconds: from memory, from another tab, by refresh token or by
   * hidden iframe. Renews a session and never starts one; never navigates, never opens a window.
   *
   * Rejects with `login_required`, `session_lost`, `insufficient_scope`, `resource_not_requested`, `user_changed`, or with
   * one that is `retryable`, after which the session is as it was.
   *
   * @example
   * const token = await auth.getToken()
   * @see RFC 6749 section 6, RFC 8707 section 2.2
   */
  getToken(options?: TokenOptions): Promise<string>
  /**
   * Gets an access token as `getToken` does, with its type, end, scope and resource.
   *
   * @example
   * const { accessToken, expiresAt } = await auth.getTokenSet({ scope: 'orders:read' })
   */
  getTokenSet(options?: TokenOptions): Promise<TokenSet>
  /**
   * Returns the claims of the ID token, or null: nobody is logged in, or the login had no `openid`.
   *
   * @example
   * const name = auth.getUser()?.name ?? 'guest'
   */
  getUser(): Claims | null
  /** Returns the state, the same object as long as nothing changed. */
  getState(): State
  /**
   * Calls back with each new state, not with the present one. Returns the function that ends it.
   *
   * @example
   * const stop = auth.subscribe((state) => render(state))
   */
  subscribe(listener: (state: State) => void): () => void
  /**
   * Fetches from one of the `apis`, with its token; after a 401 `invalid_token` once more with a fresh one (RFC 6750 section
   * 3.1; the API must expose `WWW-Authenticate`). Other answers come back untouched. Follows no redirect.
   *
   * Rejects with `origin_not_allowed`, `redirect_refused`, whatever `getToken` rejects with, and whatever `fetch` does.
   *
   * @example
   * const response = await auth.fetch('https://api.example.com/orders')
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>
  /**
   * Logs out: here and in every tab at once; then the refresh token is revoked (RFC 7009), for 2 s at most; then the page goes
   * to the server's end-session endpoint (OpenID Connect RP-Initiated Logout 1.0), where it has one. What could not be done
   * at the server is an event, `logout_incomplete`, no rejection.
   *
   * @example
   * await auth.logout({ returnTo: '/goodbye' })
   */
  logout(options?: LogoutOptions): Promise<void>
  /**
   * Gets metadata, keys and PKCE ready, so that the next popup opens straight at the server. Good for one login. Rejects
   * with `network_error`, `timeout` or `discovery_failed`.
   *
   * @example
   * button.onpointerenter = () => auth.prepare().catch(() => {})
   */
  prepare(): Promise<void>
  /**
   * Removes every listener, timer, channel and frame and closes the store; pending and later calls reject with
   * `client_closed`. The session stays.
   */
  close(): void
}
