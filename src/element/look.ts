import type { Claims } from '../api/claims.js'
import type { State } from '../api/state.js'
import type { TextName } from './texts.js'

/** What a button shows. */
export interface Look {
  /** The label and action of the main button. */
  action: 'log-in' | 'log-out' | 'show-window'
  /** Whether the main button is disabled. */
  off?: boolean | undefined
  /** Whether it is not known yet if the user is logged in. */
  loading?: boolean
  /** Whether there is a login to cancel. */
  cancel?: boolean
  /** The text next to the button. */
  status?: TextName | undefined
  /** Whether a login is in progress. */
  working?: boolean
  /** The user's name, which sighted users see in place of the status. */
  user?: string | undefined
}

/** What the look depends on in addition to the state. */
export interface Doings {
  /** The previous state. */
  before?: State | undefined
  /** What this button is doing; `redirect` is a login without a popup. */
  busy?: 'login' | 'redirect' | 'logout' | undefined
}

/** Decides what a button shows; `state` is undefined until the button has a client. */
export function chooseLook(state: State | undefined, { before, busy }: Doings): Look {
  if (!state || state.status === 'loading') return { action: 'log-in', off: true, loading: true }
  const { status, login } = state
  if (login || busy === 'redirect')
    return {
      action: login ? 'show-window' : 'log-in',
      off: !login || login === 'redeeming',
      cancel: !!busy && login !== 'redeeming',
      status: login ?? 'opening',
      working: true,
    }
  if (status === 'logged-in') {
    // Some servers return the name only from their userinfo endpoint (OpenID Connect Core section 5.4).
    const { name, preferred_username: nick, email, sub } = state.user ?? ({} as Partial<Claims>)
    const user = [name, nick, email, sub].find((one): one is string => !!one && typeof one === 'string')
    return { action: 'log-out', status: 'logged-in', user }
  }
  const lost = state.reason === 'session_lost'
  const wasThere = before?.status === 'logged-in'
  return {
    action: 'log-in',
    off: busy === 'logout',
    status: lost ? 'session-lost' : wasThere ? 'logged-out' : undefined,
  }
}
