import { getContext, onMount, setContext } from 'svelte'
import { readable } from 'svelte/store'
import type { Readable } from 'svelte/store'
import { checkClient, pickAuthFunctions, readAuthState } from './bindings/auth.js'
import { showsSame } from './bindings/shows-same.js'
import type { AuthFunctions, AuthState, Client, State } from './index.js'

/** The return value of `getAuth`: a readable store of the state (`$auth.status`), with the client's own functions (`auth.login()`). */
export interface Auth extends Readable<AuthState>, AuthFunctions {}

const authKey: unique symbol = Symbol('latchkey')

/**
 * Provides a client to the component that calls it and to those below it, and returns what `getAuth` returns. Call it once, while the root
 * component of the app initializes. Create the client outside of components; it is not closed. Throws a `TypeError` without one.
 *
 * @example
 * import { createClient } from 'latchkey'
 * import { setAuth } from 'latchkey/svelte'
 * const client = createClient({ issuer: 'https://id.example.com', clientId: 'spa' })
 * const { login } = setAuth(client)
 */
export function setAuth(client: Client): Auth {
  checkClient(client, '"client" of setAuth()')
  const { subscribe, mount } = createStore(client)
  onMount(mount)
  return setContext(authKey, { ...pickAuthFunctions(client), subscribe })
}

/**
 * Returns the store of the state, with the client's functions. Call it while a component initializes. Components update when the
 * state changes, but not when a token is renewed. Throws a `TypeError` if no component above has called `setAuth`.
 *
 * The store works in Svelte 4 and 5, with and without runes: read it as `$auth` in a component, and with `fromStore` of `svelte/store` in a
 * module with runes. It listens to the client only while it has subscribers.
 *
 * @example
 * import { getAuth } from 'latchkey/svelte'
 * const auth = getAuth()
 * const stop = auth.subscribe(({ status, user }) => show(user?.name ?? status))
 */
export function getAuth(): Auth {
  const auth = getContext<Auth | undefined>(authKey)
  if (!auth) throw new TypeError('getAuth() found no client: call setAuth(client) in the root component')
  return auth
}

/** Creates a store that shows `loading` until it is mounted, because a component may hydrate what a server has rendered. */
function createStore({ getState, subscribe }: Client): { subscribe: Auth['subscribe']; mount: () => void } {
  let shown: State = { status: 'loading' }
  let isMounted = false
  let show = () => {}
  const store = readable(readAuthState(shown), (set) => {
    // On a server, the state never changes, and a component that fails does not unsubscribe.
    if (typeof document === 'undefined') return
    show = () => {
      const next = getState()
      if (!isMounted || showsSame(shown, next)) return
      shown = next
      set(readAuthState(shown))
    }
    show()
    return subscribe(show)
  })
  return {
    subscribe: store.subscribe,
    mount() {
      isMounted = true
      show()
    },
  }
}
