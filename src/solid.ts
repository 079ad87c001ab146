import {
  createComponent,
  createContext,
  createMemo,
  createSignal,
  onCleanup,
  onMount,
  sharedConfig,
  Show,
  useContext,
} from 'solid-js'
import type { Accessor, Context, JSX } from 'solid-js'
import { checkClient, pickAuthFunctions, readAuthState } from './bindings/auth.js'
import { showsSame } from './bindings/shows-same.js'
import type { AuthFunctions, AuthState, Client, State } from './index.js'

/** The return value of `useAuth`: the state as accessors, and the client's own functions. */
export type Auth = AuthFunctions & { [Field in keyof AuthState]: Accessor<AuthState[Field]> }

/** Props of `AuthProvider`. */
export interface AuthProviderProps {
  /**
   * The client. Create it outside of components, and in a file without components, so that a hot reload does not create a second one. The
   * provider does not close it, and ignores later changes of this prop.
   *
   * @example
   * import { createComponent } from 'solid-js'
   * import { AuthProvider } from 'latchkey/solid'
   * const app = () => createComponent(AuthProvider, { client: auth })
   */
  client: Client
  /**
   * The part of the app that can call `useAuth`.
   *
   * @default nothing
   * @example
   * import { createComponent } from 'solid-js'
   * import { AuthProvider } from 'latchkey/solid'
   * const app = () => createComponent(AuthProvider, { client: auth, children: 'Hello' })
   */
  children?: JSX.Element
}

/** Props of `RequireLogin`. */
export interface RequireLoginProps {
  /**
   * The content for logged-in users. Solid recreates it when the user changes, so that no state of the previous user remains. Without the
   * scope `openid`, a change of user cannot be detected.
   *
   * @default nothing
   * @example
   * import { createComponent } from 'solid-js'
   * import { RequireLogin } from 'latchkey/solid'
   * const page = () => createComponent(RequireLogin, { children: 'Your orders' })
   */
  children?: JSX.Element
  /**
   * The content while nobody is logged in.
   *
   * @default nothing
   * @example
   * import { createComponent } from 'solid-js'
   * import { RequireLogin } from 'latchkey/solid'
   * const page = () => createComponent(RequireLogin, { fallback: 'Please log in' })
   */
  fallback?: JSX.Element
  /**
   * The content until it is known whether somebody is logged in, and on a server.
   *
   * @default nothing
   * @example
   * import { createComponent } from 'solid-js'
   * import { RequireLogin } from 'latchkey/solid'
   * const page = () => createComponent(RequireLogin, { loading: 'One moment' })
   */
  loading?: JSX.Element
}

const ClientContext: Context<Client | undefined> = /* @__PURE__ */ createContext<Client>()

/**
 * Provides a client to the components below it. Throws a `TypeError` without one.
 *
 * @example
 * import { createComponent } from 'solid-js'
 * import { render } from 'solid-js/web'
 * import { createClient } from 'latchkey'
 * import { AuthProvider } from 'latchkey/solid'
 * const client = createClient({ issuer: 'https://id.example.com', clientId: 'spa' })
 * render(() => createComponent(AuthProvider, { client, children: 'Hello' }), document.body)
 */
export function AuthProvider(props: AuthProviderProps): JSX.Element {
  const { client } = props
  checkClient(client, '"client" of AuthProvider')
  return createComponent(ClientContext.Provider, {
    value: client,
    get children() {
      return props.children
    },
  })
}

/**
 * Returns the state as accessors, and the client's functions. An accessor notifies only when its own value changes, and not when a token is
 * renewed. The subscription ends with its owner, usually the component. Throws a `TypeError` outside of `AuthProvider`.
 *
 * @example
 * import { useAuth } from 'latchkey/solid'
 * function Greeting() {
 *   const { user, login } = useAuth()
 *   return () => user()?.name ?? 'Nobody is logged in'
 * }
 */
export function useAuth(): Auth {
  const client = useContext(ClientContext)
  if (!client) throw new TypeError('useAuth() and RequireLogin need an <AuthProvider client={…}> above them')
  const { getState, subscribe } = client
  // True on a server, and while server-rendered markup hydrates. A part of the page that hydrates later must start like this, too.
  const hydrates = !!sharedConfig.context
  const [state, setState] = createSignal<State>(hydrates ? { status: 'loading' } : getState(), {
    equals: showsSame,
  })
  const listen = () => {
    setState(getState())
    onCleanup(subscribe((next) => void setState(next)))
  }
  // `onMount` does nothing on a server.
  if (hydrates) onMount(listen)
  else if (typeof document !== 'undefined') listen()
  const shown = createMemo(() => readAuthState(state()))
  const read = <Field extends keyof AuthState>(field: Field) => createMemo(() => shown()[field])
  return {
    ...{ status: read('status'), user: read('user'), error: read('error'), reason: read('reason') },
    ...{ loginStage: read('loginStage'), endsAt: read('endsAt'), appState: read('appState') },
    ...pickAuthFunctions(client),
  }
}

/**
 * Renders its children for a logged-in user, and `fallback` for anyone else. It only controls what is rendered; your APIs must
 * enforce access. Throws a `TypeError` outside of `AuthProvider`.
 *
 * @example
 * import { createComponent } from 'solid-js'
 * import { RequireLogin } from 'latchkey/solid'
 * const page = () => createComponent(RequireLogin, { fallback: 'Please log in', children: 'Your orders' })
 */
export function RequireLogin(props: RequireLoginProps): JSX.Element {
  const { status, user } = useAuth()
  return createComponent(Show<string | boolean, () => JSX.Element>, {
    // A new value for each user: the children hold no state of the previous one.
    get when() {
      return status() === 'logged-in' && (user()?.sub ?? true)
    },
    keyed: true,
    get fallback() {
      return status() === 'loading' ? props.loading : props.fallback
    },
    get children() {
      return props.children
    },
  })
}
