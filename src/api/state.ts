import type { AuthError } from '../base/errors.js'
import type { Claims } from './claims.js'

/** The stage of a pending login: the window is opening, the user is at the server, or the code is being redeemed. */
export type LoginStage = 'opening' | 'waiting' | 'redeeming'

/** Why nobody is logged in: the user logged out, in this tab or another, or the server ended the session. */
export type Reason = 'logout' | 'session_lost'

/** The state of the client, for the app to render. Every change creates a new object; it stays the same otherwise. */
export type State =
  /** The store is being read, or a returning redirect login is being completed. Permanent if there is no page (SSR). */
  | { status: 'loading' }
  /**
   * Nobody is logged in. `reason` says why, if known. `error` is the error of a failed redirect login, until the next login starts.
   * `login` is the stage of a pending login.
   */
  | { status: 'logged-out'; reason?: Reason; error?: AuthError; login?: LoginStage }
  /**
   * A user is logged in. `user` is null without the scope `openid`. `endsAt` is when the session ends, in milliseconds since 1970, if
   * the server has announced it; a renewal can move it, by 5 seconds or more. `appState` is the one passed to the user's last login. `error` is the error of
   * a failed redirect login, until the next login starts. `login` is the stage of a pending login.
   */
  | {
      status: 'logged-in'
      user: Claims | null
      endsAt?: number
      appState?: unknown
      error?: AuthError
      login?: LoginStage
    }
