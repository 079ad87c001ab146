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
import { checkClient, pickAuthFunctions, readAuthState } from './bindings/auth.js'
import { guardNavigation } from './bindings/login-guard.js'
import { showsSame } from './bindings/shows-same.js'
import type { AuthFunctions, AuthState, Client, LoginOptions, State } from './index.js'

/** The return value of `useAuth`: the state as read-only refs, and the client's own functions. */
export type Auth = AuthFunctions & { [Field in keyof AuthState]: ComputedRef<AuthState[Field]> }

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
  checkClient(client, '"client" of createAuth()')
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
  const { getState, subscribe } = client
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
  const shown = listens ? computed(() => readAuthState(state.value)) : undefined
  // A computed ref without dependencies would cache its first value forever.
  const read = <Field extends keyof AuthState>(field: Field) =>
    shown
      ? computed(() => shown.value[field])
      : (customRef(() => ({ get: () => readAuthState(getState())[field], set() {} })) as ComputedRef<
          AuthState[Field]
        >)
  return {
    ...{ status: read('status'), user: read('user'), error: read('error'), reason: read('reason') },
    ...{ loginStage: read('loginStage'), endsAt: read('endsAt'), appState: read('appState') },
    ...pickAuthFunctions(client),
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
  return (to, from) => guardNavigation(client, to, { loginRoute, login, returnTo }, !from?.matched.length)
}
