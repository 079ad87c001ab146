'use client'

import {
  Fragment,
  createContext,
  createElement,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react'
import type { Context, ReactElement, ReactNode } from 'react'
import { showsSame, type Shown } from './bindings/shows-same.js'
import type { AuthError, Claims, Client, LoginStage, Reason, State, TokenOptions } from './index.js'

/** What `useAuth` gives: what to show, and what to do. Its functions are the client's own, and never change. */
export interface Auth {
  /** Where things stand; `loading` on a server, and in the browser until the page has taken over what the server sent. */
  status: State['status']
  /**
   * The claims of the ID token; null while nobody is logged in, and without the scope `openid`. A renewal that brings an ID token
   * with nothing new but its times and numbers leaves this one; `client.getUser()` has the newest.
   */
  user: Claims | null
  /** The failure of a redirect login, while it is news. What `login()` rejects with is not here: catch it. */
  error: AuthError | undefined
  /** Why nobody is logged in, where it is known. */
  reason: Reason | undefined
  /** Where a login that is under way stands. */
  loginStage: LoginStage | undefined
  /** What the login was given as `appState`. */
  appState: unknown
  /** Logs the user in: call it in a click or key handler, before any `await`. */
  login: Client['login']
  /** Logs out, here and in every tab. */
  logout: Client['logout']
  /** Gets an access token that is good now; for a call, better than one that was rendered. */
  getToken: Client['getToken']
  /** Gets an access token with its type, end and scope. */
  getTokenSet: Client['getTokenSet']
  /** Fetches from one of the `apis`, with its token. */
  fetch: Client['fetch']
  /** Gets the next login ready, on hover or focus. */
  prepare: Client['prepare']
  /** Brings the window of a login under way to the front. */
  focusWindow: Client['focusWindow']
  /** The client that the provider was given. */
  client: Client
}

/** Props of `AuthProvider`. */
export interface AuthProviderProps {
  /**
   * The client, created outside of React, so that StrictMode makes no second one, and in a file without components, which a hot
   * reload does not run again. The provider does not close it.
   *
   * @example
   * import { AuthProvider } from 'latchkey/react'
   * const app = <AuthProvider client={auth}>…</AuthProvider>
   */
  client: Client
  /**
   * What may call `useAuth`.
   *
   * @default nothing
   * @example
   * import { AuthProvider } from 'latchkey/react'
   * const app = <AuthProvider client={auth}>Hello</AuthProvider>
   */
  children?: ReactNode
}

/** Props of `RequireLogin`. */
export interface RequireLoginProps {
  /**
   * What only a logged-in user sees; its effects run for nobody else. Another user gets it anew: what it kept of the one before
   * goes. Without the scope `openid` nobody knows whether it is another.
   *
   * @default nothing
   * @example
   * import { RequireLogin } from 'latchkey/react'
   * const page = <RequireLogin>Your orders</RequireLogin>
   */
  children?: ReactNode
  /**
   * What stands there while nobody is logged in. A function is called while rendering, and is no component: no hooks in it.
   *
   * @default nothing
   * @example
   * import { RequireLogin } from 'latchkey/react'
   * const page = <RequireLogin fallback={({ login }) => <button onClick={() => login()}>Log in</button>} />
   */
  fallback?: ReactNode | ((auth: Auth) => ReactNode)
  /**
   * What stands there until it is known whether somebody is logged in, on a server too.
   *
   * @default nothing
   * @example
   * import { RequireLogin } from 'latchkey/react'
   * const page = <RequireLogin loading="One moment">Your orders</RequireLogin>
   */
  loading?: ReactNode
  /**
   * Throws the failure of a redirect login to the next error boundary, in place of `fallback`. A "try again" there must call
   * `login()`, which takes the failure away: to reset the boundary alone throws it again.
   *
   * @default false
   * @example
   * import { RequireLogin } from 'latchkey/react'
   * const page = <RequireLogin throwErrors>Your orders</RequireLogin>
   */
  throwErrors?: boolean | undefined
}

/** Options of `useToken`: those of `getToken` but `signal`, which the hook has itself, and one more. */
export type UseTokenOptions = Omit<TokenOptions, 'signal'> & {
  /**
   * Throws what `getToken` rejects with to the next error boundary.
   *
   * @default false
   * @example
   * import { useToken } from 'latchkey/react'
   * const { token } = useToken({ throwErrors: true })
   */
  throwErrors?: boolean | undefined
}

/** What `useToken` gives. */
export interface Token {
  /** The access token, while there is one: of this user, and for these options. */
  token: string | undefined
  /** What `getToken` rejected with: an `AuthError`, or a `TypeError` for a wrong option. */
  error: Error | undefined
  /** Whether the session or the token is still on its way. */
  loading: boolean
  /** Asks again, after an error or when the token is old. Never changes. */
  refetch: () => void
}

interface Answer {
  question: object
  token?: string
  error?: Error
}

const ClientContext: Context<Client | null> = /* @__PURE__ */ createContext<Client | null>(null)
const onServer: State = { status: 'loading' }
const getServerState = () => onServer

/**
 * Gives the app below it one client. Throws a `TypeError` without one.
 *
 * @example
 * import { createClient } from 'latchkey'
 * import { AuthProvider } from 'latchkey/react'
 * const client = createClient({ issuer: 'https://id.example.com', clientId: 'spa' })
 * const app = <AuthProvider client={client}>…</AuthProvider>
 */
export function AuthProvider({ client, children }: AuthProviderProps): ReactElement {
  if (typeof client?.subscribe !== 'function')
    throw new TypeError(`"client" of AuthProvider must be a client of createClient(), got ${String(client)}`)
  return createElement(ClientContext.Provider, { value: client }, children)
}

/**
 * Returns the state and what can be done, and renders again when the state changes: not when a token is renewed. Throws a
 * `TypeError` outside of `AuthProvider`.
 *
 * @example
 * import { useAuth } from 'latchkey/react'
 * function Greeting() {
 *   const { status, user, login } = useAuth()
 *   return status === 'logged-in' ? <p>{user?.name ?? user?.sub}</p> : <button onClick={() => login()}>Log in</button>
 * }
 */
export function useAuth(): Auth {
  const client = useContext(ClientContext)
  if (!client)
    throw new TypeError('useAuth(), useToken() and RequireLogin need an <AuthProvider client={…}> above them')
  // In each component and not in the provider alone: a part of the page that is hydrated later starts with "loading" too.
  const getState = useMemo(() => keepShown(client.getState), [client])
  const state = useSyncExternalStore(client.subscribe, getState, getServerState)
  return useMemo(() => buildAuth(client, state), [client, state])
}

/**
 * Gets an access token to render with, for instance to hand it to something that makes its own requests. Asks again when the
 * user or the options change, by value, and when a login in this page has ended: it may have cured an error, or brought a token
 * that may do more. A logout, in whatever tab, takes the token away. Never logs in.
 *
 * Without the scope `openid` nobody knows whose token it is: each login that ends here takes it away, until there is an answer
 * again, and a login in another tab leaves it.
 *
 * The token was good for `minValidity` when it came, and is not replaced as it ages: for a call, use `fetch` or `getToken` of
 * `useAuth`. Throws a `TypeError` outside of `AuthProvider`.
 *
 * @example
 * import { useToken } from 'latchkey/react'
 * function Map() {
 *   const { token, error, loading } = useToken({ resource: 'https://maps.example.com' })
 *   if (loading) return <p>One moment</p>
 *   return <p>{error ? error.message : token}</p>
 * }
 */
export function useToken({ throwErrors = false, ...asked }: UseTokenOptions = {}): Token {
  const { client, status, user, loginStage } = useAuth()
  const [{ stage, logins }, setSeen] = useState({ stage: loginStage, logins: 0 })
  if (stage !== loginStage) setSeen({ stage: loginStage, logins: loginStage ? logins : logins + 1 })
  const [round, setRound] = useState(0)
  const [answer, setAnswer] = useState<Answer>()
  const options = JSON.stringify(asked)
  const who = user ? user.sub : logins
  // An answer counts for its own question alone: what is shown is never the token of the user before.
  const question = useMemo(
    () => ({ client, options, status, who, round }),
    [client, options, status, who, round],
  )
  useEffect(() => {
    if (question.status !== 'logged-in') return
    const ending = new AbortController()
    const { signal } = ending
    const show = (result: Omit<Answer, 'question'>) => signal.aborted || setAnswer({ question, ...result })
    question.client.getToken({ ...(JSON.parse(question.options) as TokenOptions), signal }).then(
      (token) => show({ token }),
      (error: Error) => show({ error }),
    )
    return () => ending.abort()
    // After a login the last answer stands until the next one has come, whoever is known to be the same.
  }, [question, logins])
  const refetch = useCallback(() => setRound((before) => before + 1), [])
  const { token, error } = answer?.question === question ? answer : {}
  const loading = status === 'loading' || (status === 'logged-in' && !token && !error)
  if (throwErrors && error) throw error
  return useMemo(() => ({ token, error, loading, refetch }), [token, error, loading, refetch])
}

/**
 * Shows its children to a logged-in user, and `fallback` to anybody else. It is for the eye: what may be seen is up to the APIs.
 * Throws a `TypeError` outside of `AuthProvider`.
 *
 * @example
 * import { RequireLogin } from 'latchkey/react'
 * const page = (
 *   <RequireLogin fallback={({ login, error }) => <button onClick={() => login()}>{error?.message ?? 'Log in'}</button>}>
 *     Your orders
 *   </RequireLogin>
 * )
 */
export function RequireLogin({ children, fallback, loading, throwErrors }: RequireLoginProps): ReactNode {
  const auth = useAuth()
  // With a key: what the children hold is never that of the user before.
  if (auth.status === 'logged-in') return createElement(Fragment, { key: auth.user?.sub }, children)
  if (auth.status === 'loading') return loading
  if (throwErrors && auth.error) throw auth.error
  return typeof fallback === 'function' ? fallback(auth) : fallback
}

/** Gives the same state for as long as it shows the same. */
function keepShown(getState: () => State): () => State {
  let shown = getState()
  return () => {
    const next = getState()
    return showsSame(shown, next) ? shown : (shown = next)
  }
}

function buildAuth(client: Client, state: State): Auth {
  const { status, user = null, error, reason, login, appState } = state as Shown
  return {
    ...{ status, user, error, reason, loginStage: login, appState },
    ...{ login: client.login, logout: client.logout, getToken: client.getToken },
    ...{ getTokenSet: client.getTokenSet, fetch: client.fetch, prepare: client.prepare },
    ...{ focusWindow: client.focusWindow, client },
  }
}
