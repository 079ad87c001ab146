import type { Claims } from '../api/claims.js'
import type { State } from '../api/state.js'
import type { TextName } from './texts.js'

/** What a button shows. */
export interface Look {
  /** What the main button says and does. */
  action: 'log-in' | 'log-out' | 'show-window'
  /** Whether the main button does nothing just now. */
  off?: boolean | undefined
  /** Whether nobody knows yet if the user is logged in. */
  loading?: boolean
  /** Whether there is a login to cancel. */
  cancel?: boolean
  /** What is said beside the button. */
  status?: TextName | undefined
  /** Whether a login is under way. */
  working?: boolean
  /** The user's name, in place of the status for those who see it. */
  user?: string | undefined
}

/** What is known beside the state. */
export interface Doings {
  /** The state before this one. */
  before?: State | undefined
  /** What the button itself is about; `redirect` is a login that has no window. */
  busy?: 'login' | 'redirect' | 'logout' | undefined
}

/** Decides what a button shows; without a state it has no client yet. */
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
    const { name, preferred_username: nick, email } = state.user ?? ({} as Partial<Claims>)
    const user = [name, nick, email].find((one): one is string => !!one && typeof one === 'string')
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
