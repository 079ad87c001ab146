import {
  computed,
  customRef,
  getCurrentInstance,
  getCurrentScope,
  hasInjectionContext,
  inject,
  onBeforeUnmount,
  onMounted,
  onScopeDispose,
  shallowRef,
} from 'vue'
import type { App, ComputedRef, InjectionKey } from 'vue'
import { showsSame, type Shown } from './bindings/shows-same.js'
import type { AuthError, Claims, Client, LoginOptions, LoginStage, Reason, State } from './index.js'

/** What `useAuth` gives: what to show, as refs that cannot be written, and what to do. Its functions are the client's own. */
export interface Auth {
  /** Where things stand; `loading` on a server, and in the browser until the page has taken over what the server sent. */
  status: ComputedRef<State['status']>
  /**
   * The claims of the ID token; null while nobody is logged in, and without the scope `openid`. A renewal that brings an ID token
   * with nothing new but its times and numbers leaves this one; `client.getUser()` has the newest.
   */
  user: ComputedRef<Claims | null>
  /** The failure of a redirect login, while it is news. What `login()` rejects with is not here: catch it. */
  error: ComputedRef<AuthError | undefined>
  /** Why nobody is logged in, where it is known. */
  reason: ComputedRef<Reason | undefined>
  /** Where a login that is under way stands. */
  loginStage: ComputedRef<LoginStage | undefined>
  /** What the login was given as `appState`. */
  appState: ComputedRef<unknown>
  /** Logs the user in: call it in a click or key handler, before any `await`. */
  login: Client['login']
  /** Logs out, here and in every tab. */
  logout: Client['logout']
  /** Gets an access token that is good now. */
  getToken: Client['getToken']
  /** Gets an access token with its type, end and scope. */
  getTokenSet: Client['getTokenSet']
  /** Fetches from one of the `apis`, with its token. */
  fetch: Client['fetch']
  /** Gets the next login ready, on hover or focus. */
  prepare: Client['prepare']
  /** Brings the window of a login under way to the front. */
  focusWindow: Client['focusWindow']
  /** The client that the plugin was given. */
  client: Client
}

/** A plugin for `app.use`. */
export interface AuthPlugin {
  /**
   * Gives the app its client; `app.use` calls it.
   *
   * @example
   * import { createApp } from 'vue'
   * import { createAuth } from 'latchkey/vue'
   * createApp({}).use(createAuth(auth))
   */
  install(app: App): void
}

/** Where a navigation goes, as vue-router says it; no more of it than `requireLogin` needs. */
export interface NavigationTarget {
  /** The path with query and hash, without the router's base. */
  fullPath: string
}

/** Where a navigation comes from, as vue-router says it; no more of it than `requireLogin` needs. */
export interface NavigationOrigin {
  /** The records of the route; none before the first navigation of a page is done. */
  matched: readonly unknown[]
}

/** Options of `requireLogin`. */
export interface RequireLoginOptions<Route = string> {
  /**
   * Where to send whoever is not logged in: a path, or a function that makes a route. Keep that route without this guard.
   *
   * @default none: a redirect login starts, and ends where the navigation was going
   * @example
   * import { requireLogin } from 'latchkey/vue'
   * const beforeEnter = requireLogin(auth, {
   *   loginRoute: (to) => ({ name: 'login', query: { returnTo: to.fullPath } }),
   * })
   */
  loginRoute?: string | ((to: NavigationTarget, state: State) => Route) | undefined
  /**
   * Options of the redirect login.
   *
   * @default none
   * @example
   * import { requireLogin } from 'latchkey/vue'
   * const beforeEnter = requireLogin(auth, { login: { uiLocales: 'de' } })
   */
  login?: Omit<LoginOptions, 'mode' | 'returnTo' | 'signal'> | undefined
  /**
   * Makes the URL that the redirect login ends at. A router with a base, or with hashes, needs `router.resolve(to.fullPath).href`.
   *
   * @default `to.fullPath`
   * @example
   * import { requireLogin } from 'latchkey/vue'
   * const beforeEnter = requireLogin(auth, { returnTo: (to) => `/shop${to.fullPath}` })
   */
  returnTo?: ((to: NavigationTarget) => string) | undefined
}

const clientKey: InjectionKey<Client> = Symbol('latchkey')
// Carried by the client, which has one guard for each route, or many.
const reportedKey: unique symbol = Symbol.for('latchkey.reported')

/**
 * Creates the plugin that gives an app its client. The client is made outside of the app, which does not close it. Throws a
 * `TypeError` without one.
 *
 * @example
 * import { createApp } from 'vue'
 * import { createClient } from 'latchkey'
 * import { createAuth } from 'latchkey/vue'
 * const client = createClient({ issuer: 'https://id.example.com', clientId: 'spa' })
 * createApp({}).use(createAuth(client)).mount('#app')
 */
export function createAuth(client: Client): AuthPlugin {
  if (typeof client?.subscribe !== 'function')
    throw new TypeError(`"client" of createAuth() must be a client of createClient(), got ${String(client)}`)
  return { install: (app) => void app.provide(clientKey, client) }
}

/**
 * Returns the state as refs, and what can be done. Call it in `setup`, or wherever `inject` works; it listens for as long as
 * that scope lives. Where there is no scope, as in a guard or in `app.runWithContext`, the refs say what is so when they are
 * read, and no change is noticed. Throws a `TypeError` where there is no plugin.
 *
 * @example
 * import { h } from 'vue'
 * import { useAuth } from 'latchkey/vue'
 * const Greeting = {
 *   setup() {
 *     const { user, login } = useAuth()
 *     return () => (user.value ? h('p', user.value.name ?? user.value.sub) : h('button', { onClick: () => login() }, 'Log in'))
 *   },
 * }
 */
export function useAuth(): Auth {
  const client = hasInjectionContext() ? inject(clientKey, null) : null
  if (!client) throw new TypeError('useAuth() must be called in setup(), after app.use(createAuth(client))')
  const { getState, subscribe, login, logout, getToken, getTokenSet, fetch, prepare, focusWindow } = client
  // Only a component that takes over what the server sent has its element by now. It starts with what the server knew, and
  // hears no news until it is done: with an async `setup`, that is a while.
  let hydrates = !!getCurrentInstance()?.vnode.el
  const state = shallowRef<State>(hydrates ? { status: 'loading' } : getState())
  const show = (next: State) => {
    if (!hydrates && !showsSame(state.value, next)) state.value = next
  }
  // No scope ever ends on a server, and nothing changes there.
  const listens = typeof document !== 'undefined' && getCurrentScope()
  if (listens) {
    const stop = subscribe(show)
    onScopeDispose(stop)
  }
  if (hydrates) {
    const end = () => {
      hydrates = false
      show(getState())
    }
    onMounted(end)
    // One that is taken away before it was mounted may have made a store, which stays. What Suspense gives up is never told that
    // it was unmounted.
    onBeforeUnmount(end)
  }
  // A computed ref that depends on no other would keep what it read first.
  const read = <Value>(get: (shown: Shown) => Value) =>
    listens
      ? computed(() => get(state.value as Shown))
      : (customRef(() => ({ get: () => get(getState() as Shown), set() {} })) as ComputedRef<Value>)
  return {
    ...{
      status: read(({ status }) => status),
      user: read(({ user }) => user ?? null),
      error: read(({ error }) => error),
    },
    ...{
      reason: read(({ reason }) => reason),
      loginStage: read(({ login }) => login),
      appState: read(({ appState }) => appState),
    },
    ...{ login, logout, getToken, getTokenSet, fetch, prepare, focusWindow, client },
  }
}

/**
 * Builds a guard for vue-router that waits for `ready()` and lets a logged-in user through. Anybody else goes to `loginRoute`;
 * without it, a redirect login starts, and the navigation rejects with what `login()` rejects with. So does the first navigation
 * of a page, once, with the failure of a redirect login that has come back, in place of starting the next one: `router.onError`
 * gets it.
 *
 * On a server it lets everybody through: who is logged in is known in the browser alone.
 *
 * @example
 * import { requireLogin } from 'latchkey/vue'
 * const routes = [{ path: '/orders', beforeEnter: requireLogin(auth, { loginRoute: '/login' }) }]
 */
export function requireLogin<Route = string>(
  client: Client,
  { loginRoute, login, returnTo = ({ fullPath }) => fullPath }: RequireLoginOptions<Route> = {},
): (to: NavigationTarget, from?: NavigationOrigin) => Promise<boolean | string | Route> {
  const memory: Client & { [reportedKey]?: AuthError } = client
  return async (to, from) => {
    if (typeof document === 'undefined') return true
    const state = await client.ready()
    if (state.status !== 'logged-out') return true
    if (loginRoute) return typeof loginRoute === 'function' ? loginRoute(to, state) : loginRoute
    const { error } = state
    // To try again by itself would go round in circles; to try again at the user's next click is what the user wants. A first
    // navigation that was refused leaves the router where it was, at no route: the next click comes from there too.
    if (error && !from?.matched.length && memory[reportedKey] !== error) throw (memory[reportedKey] = error)
    await client.login({ ...login, mode: 'redirect', returnTo: returnTo(to) })
    return false
  }
}
