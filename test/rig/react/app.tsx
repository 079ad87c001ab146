import { Component, type ReactElement, type ReactNode } from 'react'
import type { Client } from 'latchkey'
import { AuthProvider, RequireLogin, useAuth, useToken } from 'latchkey/react'

/** What the app does beside its usual, by the switches of its URL. */
export interface Switches {
  /** The resource that a token is asked for. */
  resource?: string
  /** Whether errors go to the boundary. */
  throwErrors?: boolean
}

/** The test app: who is logged in, a token, and a part for users alone. */
export function App({ client, ...switches }: Switches & { client: Client }): ReactElement {
  return (
    <AuthProvider client={client}>
      <Profile {...switches} />
      <Boundary>
        <RequireLogin
          loading={<p id="waiting">One moment</p>}
          fallback={({ error, status }) => <p id="fallback">{error ? error.code : status}</p>}
          {...(switches.throwErrors && { throwErrors: true })}
        >
          <p id="inside">Inside</p>
          <input id="note" />
        </RequireLogin>
        <TokenLine {...switches} />
      </Boundary>
    </AuthProvider>
  )
}

/** Says who is logged in; `resource` is for a login that asks for it. */
export function Profile({ resource = '' }: Switches): ReactElement {
  const { status, user, login, logout } = useAuth()
  if (typeof window !== 'undefined') window.renders = (window.renders ?? 0) + 1
  return (
    <section>
      <p id="status">{status}</p>
      <p id="name">{user?.sub}</p>
      <p id="plan">{JSON.stringify(user?.plan)}</p>
      <button id="log-in" onClick={() => void login()} />
      <button id="log-in-for-more" onClick={() => void login({ resource })} />
      <button id="leave" onClick={() => void login({ mode: 'redirect' })} />
      <button id="log-out" onClick={() => void logout({ local: true })} />
    </section>
  )
}

function TokenLine({ resource, throwErrors = false }: Switches): ReactElement {
  // A new object each time, equal by value.
  const { token, error, loading, refetch } = useToken({ ...(resource && { resource }), throwErrors })
  const text = loading ? 'loading' : error ? error.message : (token ?? 'none')
  if (typeof window !== 'undefined' && window.tokenLines?.at(-1) !== text)
    window.tokenLines = [...(window.tokenLines ?? []), text]
  return (
    <p id="token" onClick={refetch}>
      {text}
    </p>
  )
}

/** Shows what was thrown below it. */
class Boundary extends Component<{ children: ReactNode }, { error?: Error }> {
  override state: { error?: Error } = {}
  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error }
  }
  override render(): ReactNode {
    return this.state.error ? (
      <p id="boundary">{(this.state.error as { code?: string }).code}</p>
    ) : (
      this.props.children
    )
  }
}

declare global {
  interface Window {
    renders?: number
    /** What the line of the token has said, in this order. */
    tokenLines?: string[]
    listeners: number
    remount: (again: boolean) => void
    authDefaults: { issuer: string; clientId: string }
    authAtLoad: object | undefined
  }
}
