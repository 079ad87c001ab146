import type { AuthError } from '../base/errors.js'
import type { Claims } from './claims.js'
import type { Client } from './client.js'
import type { LoginStage, Reason, State } from './state.js'

/** The state as every binding shows it: one field for each fact, undefined while it does not apply. */
export interface AuthState {
  /** The current status; `loading` on a server, and in the browser until hydration is done. */
  status: State['status']
  /**
   * The claims of the ID token; null while nobody is logged in, and without the scope `openid`. Keeps its identity when a renewal
   * brings an ID token that differs only in its timestamps and identifiers; `client.getUser()` returns the newest.
   */
  user: Claims | null
  /** The error of a redirect login, until the next login starts. Errors that `login()` rejects with are not here: catch them. */
  error: AuthError | undefined
  /** Why nobody is logged in, if known. */
  reason: Reason | undefined
  /** The stage of the login in progress. */
  loginStage: LoginStage | undefined
  /** When the session ends, in milliseconds since 1970, if the server has announced it. A renewal can move it. */
  endsAt: number | undefined
  /** The `appState` that was passed to the login. */
  appState: unknown
}

/** The client, and its functions as every binding passes them on. They keep their identity. */
export interface AuthFunctions {
  /** Logs the user in: call it in a click or key handler, before any `await`. */
  login: Client['login']
  /** Logs the user out, in every tab. */
  logout: Client['logout']
  /** Gets a valid access token. For a request, use this instead of a token that you rendered. */
  getToken: Client['getToken']
  /** Gets an access token with its type, expiry and scope. */
  getTokenSet: Client['getTokenSet']
  /** Sends a request to one of the `apis`, with an access token. */
  fetch: Client['fetch']
  /** Prepares the next login: call it on hover or focus. */
  prepare: Client['prepare']
  /** Brings the popup of the login in progress to the front. */
  focusWindow: Client['focusWindow']
  /** The client that was provided to the app. */
  client: Client
}
