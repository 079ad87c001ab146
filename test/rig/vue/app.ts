import { defineComponent, effectScope, h, shallowRef, Suspense, type Component } from 'vue'
import type { AuthError } from 'latchkey'
import { useAuth, type Auth } from 'latchkey/vue'

/** Says who is logged in, and calls an API for its user. */
export const Profile: Component = defineComponent(() => {
  const { status, user, login, logout, getToken } = useAuth()
  const token = shallowRef('')
  const showToken = async () => {
    token.value = await getToken().catch(({ code }: AuthError) => code)
  }
  return () => {
    if (typeof window !== 'undefined') window.renders = (window.renders ?? 0) + 1
    return h('section', [
      h('p', { id: 'status' }, status.value),
      h('p', { id: 'name' }, user.value?.sub),
      h('button', { id: 'log-in', onClick: () => login() }),
      h('button', { id: 'leave', onClick: () => login({ mode: 'redirect' }) }),
      h('button', { id: 'log-out', onClick: () => logout({ local: true }) }),
      h('button', { id: 'get-token', onClick: showToken }),
      h('p', { id: 'token' }, status.value === 'logged-in' ? token.value : 'none'),
    ])
  }
})

/** The test app: who is logged in, and a part for users alone. */
export const Page: Component = defineComponent(() => {
  const { status, error } = useAuth()
  return () => [
    h(Profile),
    status.value === 'loading'
      ? h('p', { id: 'waiting' }, 'One moment')
      : status.value === 'logged-in'
        ? h('p', { id: 'inside' }, 'Inside')
        : h('p', { id: 'fallback' }, error.value?.code ?? status.value),
  ]
})

/** Says who is logged in, once it has waited for something: in the browser until the client knows it. */
const Awaiting: Component = defineComponent({
  async setup() {
    const { status, client } = useAuth()
    if (typeof window !== 'undefined') {
      window.store = effectScope(true).run(useAuth)!
      // The client of a server is never ready.
      await client.ready()
    }
    return () => h('p', { id: 'awaited' }, status.value)
  },
})

/** What a server renders: the test app, and a part that awaits. */
export const RenderedPage: Component = defineComponent(() => () => [
  h(Page),
  h(Suspense, null, () => h(Awaiting)),
])

declare global {
  interface Window {
    renders?: number
    listeners: number
    remount: (again: boolean) => void
    navigationErrors: unknown[]
    /** What `useAuth` gives in no scope. */
    outside: Auth
    /** What `useAuth` gives in a scope that outlives the component that awaits. */
    store: Auth
    authDefaults: { issuer: string; clientId: string }
    authAtLoad: object | undefined
  }
}
