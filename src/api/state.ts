import type { AuthError } from '../base/errors.js'
import type { Claims } from './claims.js'

/** Where a login that is under way stands: the window opens, the user is at the server, the code is redeemed. */
export type LoginStage = 'opening' | 'waiting' | 'redeeming'

/** Why nobody is logged in: the user logged out, here or in another tab, or the server ended the session. */
export type Reason = 'logout' | 'session_lost'

/** What an app shows. A new object each time something changed, the same object as long as nothing did. */
export type State =
  /** The store is being read, or a redirect login that came back is being finished. Stays so without a page (SSR). */
  | { status: 'loading' }
  /** `reason` says why, where it is known; `error` is the failure of a redirect login, until the next one starts; `login` is one under way. */
  | { status: 'logged-out'; reason?: Reason; error?: AuthError; login?: LoginStage }
  /**
   * `user` is null without the scope `openid`; `appState` is what this user's last login was given; `error` is the
   * failure of another redirect login, until the next one starts; `login` is one under way.
   */
  | { status: 'logged-in'; user: Claims | null; appState?: unknown; error?: AuthError; login?: LoginStage }
