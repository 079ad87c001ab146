import type { AuthError } from '../base/errors.js'
import type { Client, LoginOptions, State } from '../index.js'

/** Where a guard sends users who are not logged in. `Target` is what the framework's router calls the target of a navigation. */
export interface LoginGuard<Target, Route> {
  /** The route where users log in; without one, a redirect login starts. */
  loginRoute?: string | ((to: Target, state: State) => Route) | undefined
  /** Options of the redirect login. */
  login?: Omit<LoginOptions, 'mode' | 'returnTo' | 'signal'> | undefined
  /** Builds the URL that the redirect login returns to. */
  returnTo: (to: Target) => string
}

// Stored on the client, because one client can have many guards.
const reportedKey: unique symbol = Symbol.for('latchkey.reported')

/**
 * Decides about the navigation to a route for logged-in users. `isFirst` is true while the page has shown no route yet: nobody can
 * have seen the error of a redirect login that came back to it.
 *
 * Resolves with true for logged-in users, and on a server; with the login route for anyone else. Without a login route, it starts a
 * redirect login, and rejects if `login()` does. In the first navigation after a redirect login that failed, it rejects with the
 * error of that login instead, once: an automatic retry would loop forever.
 */
export async function guardNavigation<Target, Route>(
  client: Client,
  to: Target,
  { loginRoute, login, returnTo }: LoginGuard<Target, Route>,
  isFirst: boolean,
): Promise<boolean | string | Route> {
  if (typeof document === 'undefined') return true
  const state = await client.ready()
  if (state.status !== 'logged-out') return true
  if (loginRoute) return typeof loginRoute === 'function' ? loginRoute(to, state) : loginRoute
  const memory: Client & { [reportedKey]?: AuthError } = client
  const { error } = state
  // Once, so that the user's next click tries again. A rejected first navigation leaves the router without a route: the click also
  // counts as the first.
  if (error && isFirst && memory[reportedKey] !== error) throw (memory[reportedKey] = error)
  await client.login({ ...login, mode: 'redirect', returnTo: returnTo(to) })
  return false
}
