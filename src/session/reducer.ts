import { withoutUndefined } from '../base/without-undefined.js'
import type { AuthError } from '../base/errors.js'
import type { LoginStage, State } from '../api/state.js'
import { findSessionEnd } from './session-end.js'
import type { SessionView } from '../vault/vault.js'

/** Everything that can change the state. */
export type Action =
  | { type: 'session'; view: SessionView; appState?: unknown; error?: AuthError | undefined }
  | { type: 'login'; stage: LoginStage | undefined }

/**
 * Builds the next state, or returns the same object if nothing changes. An error stays until the next login starts, and `appState`
 * until another user logs in.
 */
export function reduce(state: State, action: Action): State {
  return action.type === 'login' ? showLogin(state, action.stage) : showSession(state, action)
}

function showLogin(state: State, stage: LoginStage | undefined): State {
  if (state.status === 'loading' || state.login === stage) return state
  const error = stage ? undefined : state.error
  return withoutUndefined<State>({ ...state, error, login: stage })
}

function showSession(state: State, action: Extract<Action, { type: 'session' }>): State {
  const { session, reason } = action.view
  const login = state.status === 'loading' ? undefined : state.login
  if (!session) {
    const before = state.status === 'logged-out' ? state : undefined
    const error = action.error ?? before?.error
    if (before && before.reason === reason && before.error === error) return state
    return withoutUndefined<State>({ status: 'logged-out', reason, error, login })
  }
  const { user } = session
  const isSameUser = state.status === 'logged-in' && state.user?.sub === user?.sub
  const before = isSameUser ? state : undefined
  const { error } = action
  const appState = action.appState === undefined ? before?.appState : action.appState
  const endsAt = findSessionEnd(session)
  const hasNews =
    error ||
    appState !== before?.appState ||
    endsAt !== before?.endsAt ||
    JSON.stringify(user) !== JSON.stringify(before?.user)
  if (!hasNews) return state
  return withoutUndefined<State>({ status: 'logged-in', user, endsAt, appState, error, login })
}
