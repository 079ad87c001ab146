import type { AuthFunctions, AuthState, Client, State } from '../index.js'
import type { Shown } from './shows-same.js'

/** Reads what a binding shows of a state. */
export function readAuthState(state: State): AuthState {
  const { status, user = null, error, reason, login: loginStage, endsAt, appState } = state as Shown
  return { status, user, error, reason, loginStage, endsAt, appState }
}

/** Picks what a binding passes on of a client. */
export function pickAuthFunctions(client: Client): AuthFunctions {
  const { login, logout, getToken, getTokenSet, fetch, prepare, focusWindow } = client
  return { login, logout, getToken, getTokenSet, fetch, prepare, focusWindow, client }
}

/** Checks that `value` is a client. Throws a `TypeError` that names `option`, what the client was passed to. */
export function checkClient(value: unknown, option: string): void {
  if (typeof (value as Partial<Client> | undefined)?.subscribe !== 'function')
    throw new TypeError(`${option} must be a client of createClient(), got ${String(value)}`)
}
