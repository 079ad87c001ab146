import type { AuthError } from '../base/errors.js'
import type { LoginStage, State } from '../base/types.js'
import type { SessionView } from '../vault/vault.js'

/** All that can change what an app shows. */
export type Action =
  | { type: 'session'; view: SessionView; appState?: unknown; error?: AuthError | undefined }
  | { type: 'login'; stage: LoginStage | undefined }

/** Makes the next state; the same object when there is nothing new to show. */
export function reduce(state: State, action: Action): State {
  const { login, ...rest } = state as Exclude<State, { status: 'loading' }>
  if (action.type === 'login') {
    if (state.status === 'loading' || login === action.stage) return state
    return action.stage ? { ...rest, login: action.stage } : rest
  }
  const { appState, view } = action
  const { session, reason } = view
  const staged = login && { login }
  if (session) {
    const same =
      rest.status === 'logged-in' &&
      appState === undefined &&
      JSON.stringify(rest.user) === JSON.stringify(session.user)
    if (same && !action.error) return state
    return {
      status: 'logged-in',
      user: session.user,
      ...(appState !== undefined && { appState }),
      ...(action.error && { error: action.error }),
      ...staged,
    }
  }
  const before = rest.status === 'logged-out' ? rest : undefined
  const error = action.error ?? before?.error
  if (before && before.reason === reason && before.error === error) return state
  return { status: 'logged-out', ...(reason && { reason }), ...(error && { error }), ...staged }
}
