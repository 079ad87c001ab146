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
import { checkClient, pickAuthFunctions, readAuthState } from './bindings/auth.js'
import { showsSame } from './bindings/shows-same.js'
import type { AuthFunctions, AuthState, Client, State, TokenOptions } from './index.js'

/** The return value of `useAuth`: the state, and the client's own functions, which keep their identity. */
export interface Auth extends AuthState, AuthFunctions {}

/** Props of `AuthProvider`. */
export interface AuthProviderProps {
  /**
   * The client. Create it outside of React, so that StrictMode does not create a second one, and in a file without components, so
   * that a hot reload does not run it again. The provider does not close it.
   *
   * @example
   * import { AuthProvider } from 'latchkey/react'
   * const app = <AuthProvider client={auth}>…</AuthProvider>
   */
  client: Client
  /**
   * The part of the app that can call `useAuth`.
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
   * The content for logged-in users; its effects run for nobody else. React remounts it when the user changes, so that no state of
   * the previous user remains. Without the scope `openid`, a change of user cannot be detected.
   *
   * @default nothing
   * @example
   * import { RequireLogin } from 'latchkey/react'
   * const page = <RequireLogin>Your orders</RequireLogin>
   */
  children?: ReactNode
  /**
   * The content while nobody is logged in. A function is called while rendering; it is not a component, so it must not use hooks.
   *
   * @default nothing
   * @example
   * import { RequireLogin } from 'latchkey/react'
   * const page = <RequireLogin fallback={({ login }) => <button onClick={() => login()}>Log in</button>} />
   */
  fallback?: ReactNode | ((auth: Auth) => ReactNode)
  /**
   * The content until it is known whether somebody is logged in, and on a server.
   *
   * @default nothing
   * @example
   * import { RequireLogin } from 'latchkey/react'
   * const page = <RequireLogin loading="One moment">Your orders</RequireLogin>
   */
  loading?: ReactNode
  /**
   * Throws the error of a redirect login to the nearest error boundary instead of showing `fallback`. A "try again" button there
   * must call `login()`, which clears the error: if you only reset the boundary, the error is thrown again.
   *
   * @default false
   * @example
   * import { RequireLogin } from 'latchkey/react'
   * const page = <RequireLogin throwErrors>Your orders</RequireLogin>
   */
  throwErrors?: boolean | undefined
}

/** Options of `useToken`: those of `getToken` except `signal`, which the hook manages itself, and `throwErrors`. */
export type UseTokenOptions = Omit<TokenOptions, 'signal'> & {
  /**
   * Throws the error that `getToken` rejects with to the nearest error boundary.
   *
   * @default false
   * @example
   * import { useToken } from 'latchkey/react'
   * const { token } = useToken({ throwErrors: true })
   */
  throwErrors?: boolean | undefined
}

/** The return value of `useToken`. */
export interface Token {
  /** The access token for the current user and these options, if there is one. */
  token: string | undefined
  /** The error that `getToken` rejected with: an `AuthError`, or a `TypeError` for an invalid option. */
  error: Error | undefined
  /** Whether the session or the token is still loading. */
  loading: boolean
  /** Requests the token again, after an error or when the token is old. Keeps its identity. */
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
 * Provides a client to the components below it. Throws a `TypeError` without one.
 *
 * @example
 * import { createClient } from 'latchkey'
 * import { AuthProvider } from 'latchkey/react'
 * const client = createClient({ issuer: 'https://id.example.com', clientId: 'spa' })
 * const app = <AuthProvider client={client}>…</AuthProvider>
 */
export function AuthProvider({ client, children }: AuthProviderProps): ReactElement {
  checkClient(client, '"client" of AuthProvider')
  return createElement(ClientContext.Provider, { value: client }, children)
}

/**
 * Returns the state and the client's functions. Renders again when the state changes, but not when a token is renewed. Throws a
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
  // In each component, not only in the provider: a part of the page that hydrates later also has to start with "loading".
  const getState = useMemo(() => keepShown(client.getState), [client])
  const state = useSyncExternalStore(client.subscribe, getState, getServerState)
  return useMemo(() => ({ ...readAuthState(state), ...pickAuthFunctions(client) }), [client, state])
}

/**
 * Gets an access token to render with, for example to pass to a component that makes its own requests. It never starts a login.
 *
 * The hook requests the token again when the user or the options change (compared by value), and when a login in this page ends,
 * which may have resolved an error or granted more access. A logout in any tab removes the token.
 *
 * The token is valid for at least `minValidity` when it arrives, but is not replaced as it ages: for requests, use `fetch` or
 * `getToken` of `useAuth`.
 *
 * Without the scope `openid`, the hook cannot tell users apart: every login that ends in this page removes the token until a new
 * one arrives, and a login in another tab leaves it in place. Throws a `TypeError` outside of `AuthProvider`.
 *
 * @example
 * import { useToken } from 'latchkey/react'
 * function Map() {
 *   const { token, error, loading } = useToken({ resource: 'https://maps.example.com' })
 *   if (loading) return <p>One moment</p>
 *   return <p>{error ? error.message : token}</p>
 * }
 */
export function useToken({ throwErrors = false, ...tokenOptions }: UseTokenOptions = {}): Token {
  const { client, status, user, loginStage } = useAuth()
  const [{ stage, logins }, setSeen] = useState({ stage: loginStage, logins: 0 })
  if (stage !== loginStage) setSeen({ stage: loginStage, logins: loginStage ? logins : logins + 1 })
  const [round, setRound] = useState(0)
  const [answer, setAnswer] = useState<Answer>()
  const options = JSON.stringify(tokenOptions)
  const who = user ? user.sub : logins
  // A result is used only for the request that it belongs to, so that the previous user's token is never shown.
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
    // After a login of the same user, the last answer stays until the next one arrives.
  }, [question, logins])
  const refetch = useCallback(() => setRound((before) => before + 1), [])
  const { token, error } = answer?.question === question ? answer : {}
  const loading = status === 'loading' || (status === 'logged-in' && !token && !error)
  if (throwErrors && error) throw error
  return useMemo(() => ({ token, error, loading, refetch }), [token, error, loading, refetch])
}

/**
 * Renders its children for a logged-in user, and `fallback` for anyone else. It only controls what is rendered; your APIs must
 * enforce access. Throws a `TypeError` outside of `AuthProvider`.
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
  // The key remounts the children, so that they hold no state of the previous user.
  if (auth.status === 'logged-in') return createElement(Fragment, { key: auth.user?.sub }, children)
  if (auth.status === 'loading') return loading
  if (throwErrors && auth.error) throw auth.error
  return typeof fallback === 'function' ? fallback(auth) : fallback
}

/** Returns the same state object as long as it would render the same. */
function keepShown(getState: () => State): () => State {
  let shown = getState()
  return () => {
    const next = getState()
    return showsSame(shown, next) ? shown : (shown = next)
  }
}
