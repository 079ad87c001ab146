import type { State } from 'latchkey'
import { byId } from './element.js'
import { describeState, nameOf } from './state-words.js'

/** Shows who is logged in, and the current status. */
export function showSession(state: State): void {
  const status = byId('status')
  const words = describeState(state)
  // Written only when it changes: a screen reader would announce it again.
  if (status.textContent !== words) status.textContent = words
  status.dataset['status'] = state.status !== 'loading' && state.login ? 'busy' : state.status

  const user = state.status === 'logged-in' ? state.user : null
  const name = user ? nameOf(user) : ''
  byId('avatar').textContent = name.slice(0, 1).toUpperCase()
  byId('user-name').textContent = name || (state.status === 'logged-in' ? 'Logged in' : 'Nobody is logged in')
  byId('user-detail').textContent = user
    ? (user.email ?? `at ${new URL(user.iss).host}`)
    : state.status === 'logged-in'
      ? 'No ID token'
      : 'Log in to start a session'
}
