import {
  ApplicationRef,
  DestroyRef,
  InjectionToken,
  NgZone,
  afterNextRender,
  computed,
  inject,
  makeEnvironmentProviders,
  provideEnvironmentInitializer,
  signal,
} from '@angular/core'
import type { EnvironmentProviders, Signal } from '@angular/core'
import { checkClient, pickAuthFunctions, readAuthState } from '../bindings/auth.js'
import { showsSame } from '../bindings/shows-same.js'
import type { AuthFunctions, AuthState, Client, State } from '../index.js'

/** The return value of `injectAuth`: the state as read-only signals, and the client's own functions. */
export type Auth = AuthFunctions & { [Field in keyof AuthState]: Signal<AuthState[Field]> }

const clientToken: InjectionToken<Client> = /* @__PURE__ */ new InjectionToken<Client>('latchkey client')
const authToken: InjectionToken<Auth> = /* @__PURE__ */ new InjectionToken<Auth>('latchkey')

/**
 * Provides a client to the app: add it to the `providers` of `bootstrapApplication`. Pass a client that you created; it is not closed. Or
 * pass a function that creates one, in which `inject` works: that client is created when the app starts, and closed when the app is
 * destroyed. Throws a `TypeError` without a client.
 *
 * @example
 * import { createClient } from 'latchkey'
 * import { provideAuth } from 'latchkey/angular'
 * const client = createClient({ issuer: 'https://id.example.com', clientId: 'spa' })
 * export const appConfig = { providers: [provideAuth(client)] }
 */
export function provideAuth(client: Client | (() => Client)): EnvironmentProviders {
  const check = (value: Client) => {
    checkClient(value, '"client" of provideAuth()')
    return value
  }
  const create = () => {
    if (typeof client !== 'function') return client
    const created = check(client())
    inject(DestroyRef).onDestroy(created.close)
    return created
  }
  if (typeof client !== 'function') check(client)
  return makeEnvironmentProviders([
    { provide: clientToken, useFactory: create },
    { provide: authToken, useFactory: createAuth },
    // Completes a redirect login that has come back, even if no component injects the client.
    provideEnvironmentInitializer(() => void inject(clientToken)),
  ])
}

/**
 * Returns the state as signals, and the client's functions. Call it where `inject` works: in a field or constructor of a component or
 * service, or in a guard or resolver. Returns the same object everywhere in the app. Throws a `TypeError` without `provideAuth`.
 *
 * @example
 * import { injectAuth } from 'latchkey/angular'
 * class Greeting {
 *   readonly auth = injectAuth()
 *   name = () => this.auth.user()?.name ?? 'nobody'
 *   logIn = () => this.auth.login()
 * }
 */
export function injectAuth(): Auth {
  const auth = inject(authToken, { optional: true })
  if (!auth)
    throw new TypeError('injectAuth() found no client: add provideAuth(client) to the providers of the app')
  return auth
}

function createAuth(): Auth {
  const client = inject(clientToken)
  const app = inject(ApplicationRef)
  const zone = inject(NgZone)
  const { getState, subscribe } = client
  // Only a page that Angular has rendered on a server has this attribute.
  let hydrates = typeof document !== 'undefined' && !!document.querySelector('[ng-server-context]')
  const state = signal<State>(hydrates ? { status: 'loading' } : getState(), { equal: showsSame })
  const show = () => {
    if (!hydrates) state.set(getState())
  }
  const stop = subscribe(show)
  inject(DestroyRef).onDestroy(stop)
  if (hydrates)
    afterNextRender(async () => {
      // The router starts its first navigation right after the first rendering. Its route is hydrated when that navigation is done.
      await Promise.resolve()
      await Promise.race([app.whenStable(), waitOutside(zone)])
      hydrates = false
      show()
    })
  const shown = computed(() => readAuthState(state()))
  const read = <Field extends keyof AuthState>(field: Field) => computed(() => shown()[field])
  return {
    ...{ status: read('status'), user: read('user'), error: read('error'), reason: read('reason') },
    ...{ loginStage: read('loginStage'), endsAt: read('endsAt'), appState: read('appState') },
    ...pickAuthFunctions(client),
  }
}

/** Waits as long as Angular does before it warns about an unstable app (NG0506). A timer inside the zone would keep it unstable. */
function waitOutside(zone: NgZone): Promise<void> {
  return new Promise((resolve) => zone.runOutsideAngular(() => setTimeout(resolve, 10_000)))
}
