import { createRenderEffect, createSignal, onMount, type JSX } from 'solid-js'
import type { AuthError, Client } from 'latchkey'
import { AuthProvider, RequireLogin, useAuth } from 'latchkey/solid'

/** The test app: who is logged in, and a part for users alone. */
export function App(props: { client: Client }): JSX.Element {
  return (
    <AuthProvider client={props.client}>
      <Profile />
      <RequireLogin loading={<p id="waiting">One moment</p>} fallback={<Fallback />}>
        <p id="inside">Inside</p>
        <input id="note" />
      </RequireLogin>
    </AuthProvider>
  )
}

/** Says who is logged in, and calls an API for its user. */
export function Profile(): JSX.Element {
  const { status, user, error, loginStage, endsAt, login, logout, getToken } = useAuth()
  const [token, setToken] = createSignal('')
  const showToken = async () => void setToken(await getToken().catch(({ code }: AuthError) => code))
  createRenderEffect(() => {
    // All that a page could show.
    void [status(), user(), error(), loginStage(), endsAt()]
    if (typeof window !== 'undefined') window.renders = (window.renders ?? 0) + 1
  })
  return (
    <section>
      <p id="status">{status()}</p>
      <p id="name">{user()?.sub}</p>
      <button id="log-in" onClick={() => void login()} />
      <button id="leave" onClick={() => void login({ mode: 'redirect' })} />
      <button id="log-out" onClick={() => void logout({ local: true })} />
      <button id="get-token" onClick={() => void showToken()} />
      <p id="token">{status() === 'logged-in' ? token() : 'none'}</p>
    </section>
  )
}

function Fallback(): JSX.Element {
  const { error, status } = useAuth()
  return <p id="fallback">{error()?.code ?? status()}</p>
}

/** A route for users alone, as the guide has it. */
export function Guarded(props: { children?: JSX.Element }): JSX.Element {
  return <RequireLogin fallback={<Leave />}>{props.children}</RequireLogin>
}

function Leave(): JSX.Element {
  const { error, reason, login } = useAuth()
  onMount(() => {
    if (!error() && reason() !== 'logout') void login({ mode: 'redirect' })
  })
  return <p id="fallback">{error()?.code}</p>
}

declare global {
  interface Window {
    renders?: number
    listeners: number
    remount: (again: boolean) => void
    authDefaults: { issuer: string; clientId: string }
    authAtLoad: object | undefined
  }
}
