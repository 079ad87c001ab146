import type { Claims, LoginStage, State } from 'latchkey'

const stages: Record<LoginStage, string> = {
  opening: 'Opening the sign-in window',
  waiting: 'Waiting for the sign-in window',
  redeeming: 'Exchanging the code for tokens',
}

/** Puts a state into words. */
export function describeState(state: State): string {
  if (state.status === 'loading') return 'Looking for a session'
  if (state.login) return stages[state.login]
  if (state.status === 'logged-in') return state.user ? `Logged in as ${nameOf(state.user)}` : 'Logged in'
  if (state.reason === 'session_lost') return 'The server ended the session'
  return 'Logged out'
}

/** Gets the best name that the claims hold. */
export function nameOf(user: Claims): string {
  return user.name ?? user.preferred_username ?? user.email ?? user.sub
}
