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

/** The return value of `useAuth`: the state as read-only refs, and the client's own functions. */
export interface Auth {
  /** The current status; `loading` on a server, and in the browser until hydration is done. */
  status: ComputedRef<State['status']>
  /**
   * The claims of the ID token; null while nobody is logged in, and without the scope `openid`. Keeps its identity when a renewal
   * brings an ID token that differs only in its timestamps and identifiers; `client.getUser()` returns the newest.
   */
  user: ComputedRef<Claims | null>
  /** The error of a redirect login, until the next login starts. Errors that `login()` rejects with are not here: catch them. */
  error: ComputedRef<AuthError | undefined>
  /** Why nobody is logged in, if known. */
  reason: ComputedRef<Reason | undefined>
  /** The stage of the login in progress. */
  loginStage: ComputedRef<LoginStage | undefined>
  /** When the session ends, in milliseconds since 1970, if the server has announced it. A renewal can move it. */
  endsAt: ComputedRef<number | undefined>
  /** The `appState` that was passed to the login. */
  appState: ComputedRef<unknown>
  /** Logs the user in: call it in a click or key handler, before any `await`. */
  login: Client['login']
  /** Logs the user out, in every tab. */
  logout: Client['logout']
  /** Gets a valid access token. */
  getToken: Client['getToken']
  /** Gets an access token with its type, expiry and scope. */
  getTokenSet: Client['getTokenSet']
  /** Sends a request to one of the `apis`, with an access token. */
  fetch: Client['fetch']
  /** Prepares the next login: call it on hover or focus. */
  prepare: Client['prepare']
  /** Brings the popup of the login in progress to the front. */
  focusWindow: Client['focusWindow']
  /** The client that was passed to the plugin. */
  client: Client
}

/** A plugin for `app.use`. */
export interface AuthPlugin {
  /**
   * Provides the client to the app. Called by `app.use`.
   *
   * @example
   * import { createApp } from 'vue'
   * import { createAuth } from 'latchkey/vue'
   * createApp({}).use(createAuth(auth))
   */
  install(app: App): void
}

/** The target of a navigation: the part of vue-router's route that `requireLogin` needs. */
export interface NavigationTarget {
  /** The path with query and hash, without the router's base. */
  fullPath: string
}

/** The origin of a navigation: the part of vue-router's route that `requireLogin` needs. */
export interface NavigationOrigin {
  /** The matched records of the route; empty until the first navigation of a page is done. */
  matched: readonly unknown[]
}

/** Options of `requireLogin`. */
export interface RequireLoginOptions<Route = string> {
  /**
   * Where to send users who are not logged in: a path, or a function that returns a route. Do not guard that route.
   *
   * @default none: a redirect login starts, and returns to the target of the navigation
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
   * Builds the URL that the redirect login returns to. For a router with a base or with hash history, return
   * `router.resolve(to.fullPath).href`.
   *
   * @default `to.fullPath`
   * @example
   * import { requireLogin } from 'latchkey/vue'
   * const beforeEnter = requireLogin(auth, { returnTo: (to) => `/shop${to.fullPath}` })
   */
  returnTo?: ((to: NavigationTarget) => string) | undefined
}

const clientKey: InjectionKey<Client> = Symbol('latchkey')
// Stored on the client, because one client can have many guards.
const reportedKey: unique symbol = Symbol.for('latchkey.reported')

/**
 * Creates the plugin that provides a client to an app. Create the client outside of the app; the plugin does not close it. Throws a
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
 * Returns the state as refs, and the client's functions. Call it in `setup`, or wherever `inject` works; it listens until that
 * scope is disposed. Without a scope, as in a guard or in `app.runWithContext`, the refs return the current state when read, but
 * do not trigger updates. Throws a `TypeError` if the plugin is not installed.
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
  if (!client)
    throw new TypeError(
      'useAuth() found no client: call app.use(createAuth(client)), and call useAuth() in setup()',
    )
  const { getState, subscribe, login, logout, getToken, getTokenSet, fetch, prepare, focusWindow } = client
  // Only a component that hydrates server-rendered markup already has its element here. It starts with the server's state, and
  // ignores changes until hydration is done, which an async `setup` can delay.
  let hydrates = !!getCurrentInstance()?.vnode.el
  const state = shallowRef<State>(hydrates ? { status: 'loading' } : getState())
  const show = (next: State) => {
    if (!hydrates && !showsSame(state.value, next)) state.value = next
  }
  // On a server, scopes are never disposed and the state never changes.
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
    // A component that is removed before it was mounted may have created a store, which lives on. Components that Suspense abandons
    // get no unmounted hook.
    onBeforeUnmount(end)
  }
  // A computed ref without dependencies would cache its first value forever.
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
      endsAt: read(({ endsAt }) => endsAt),
      appState: read(({ appState }) => appState),
    },
    ...{ login, logout, getToken, getTokenSet, fetch, prepare, focusWindow, client },
  }
}

/**
 * Builds a guard for vue-router that waits for `ready()` and lets logged-in users through. It sends everyone else to `loginRoute`.
 * Without `loginRoute` it starts a redirect login; if `login()` rejects, the navigation rejects with the same error.
 *
 * After a redirect login that failed, the first navigation of the page rejects once with its error, instead of starting the next
 * login. `router.onError` receives the error.
 *
 * On a server, the guard lets everyone through: only the browser knows who is logged in.
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
    // An automatic retry would loop forever, but the user's next click should try again. A rejected first navigation leaves the
    // router without a route, so the next click also comes from there.
    if (error && !from?.matched.length && memory[reportedKey] !== error) throw (memory[reportedKey] = error)
    await client.login({ ...login, mode: 'redirect', returnTo: returnTo(to) })
    return false
  }
}
