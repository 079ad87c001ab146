import { withoutUndefined } from '../base/without-undefined.js'
import type { AuthError } from '../base/errors.js'
import type { LoginStage, State } from '../api/state.js'
import type { SessionView } from '../vault/vault.js'

/** All that can change what an app shows. */
export type Action =
  | { type: 'session'; view: SessionView; appState?: unknown; error?: AuthError | undefined }
  | { type: 'login'; stage: LoginStage | undefined }

/**
 * Makes the next state; the same object when there is nothing new to show. What failed stands until the next login starts,
 * what the app has kept with a login until another user comes.
 */
export function reduce(state: State, action: Action): State {
  const { login, ...rest } = state as Exclude<State, { status: 'loading' }>
  if (action.type === 'login') {
    if (state.status === 'loading' || login === action.stage) return state
    return withoutUndefined<State>({
      ...rest,
      ...(action.stage && { error: undefined }),
      login: action.stage,
    })
  }
  const { view, error } = action
  const { session, reason } = view
  if (session) {
    const { user } = session
    const before = rest.status === 'logged-in' && rest.user?.sub === user?.sub ? rest : undefined
    const { appState = before?.appState } = action
    const same =
      before?.appState === appState && !error && JSON.stringify(before?.user) === JSON.stringify(user)
    return same ? state : withoutUndefined<State>({ status: 'logged-in', user, appState, error, login })
  }
  const before = rest.status === 'logged-out' ? rest : undefined
  const last = error ?? before?.error
  if (before && before.reason === reason && before.error === last) return state
  return withoutUndefined<State>({ status: 'logged-out', reason, error: last, login })
}
