import type { Claims, LoginStage, State } from 'latchkey'

const stages: Record<LoginStage, string> = {
  opening: 'Opening the sign-in window',
  waiting: 'Waiting for you in the sign-in window',
  redeeming: 'Exchanging the code for tokens',
}

/** Describes a state for the user. */
export function describeState(state: State): string {
  if (state.status === 'loading') return 'Checking for a session'
  if (state.login) return stages[state.login]
  if (state.status === 'logged-in') return state.user ? `Logged in as ${nameOf(state.user)}` : 'Logged in'
  if (state.reason === 'session_lost') return 'The session has ended'
  return 'Logged out'
}

/** Gets the best name in the claims. */
export function nameOf(user: Claims): string {
  return user.name ?? user.preferred_username ?? user.email ?? user.sub
}
