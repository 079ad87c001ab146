import { defineComponent, h, shallowRef, type Component } from 'vue'
import { useAuth } from 'latchkey/vue'

/** Says who is logged in, and calls an API for its user. */
export const Profile: Component = defineComponent(() => {
  const { status, user, login, logout, getToken } = useAuth()
  const token = shallowRef('')
  return () => {
    if (typeof window !== 'undefined') window.renders = (window.renders ?? 0) + 1
    return h('section', [
      h('p', { id: 'status' }, status.value),
      h('p', { id: 'name' }, user.value?.sub),
      h('button', { id: 'log-in', onClick: () => login() }),
      h('button', { id: 'leave', onClick: () => login({ mode: 'redirect' }) }),
      h('button', { id: 'log-out', onClick: () => logout({ local: true }) }),
      h('button', { id: 'get-token', onClick: async () => (token.value = await getToken()) }),
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

declare global {
  interface Window {
    renders?: number
    listeners: number
    remount: (again: boolean) => void
    navigationErrors: unknown[]
    authDefaults: { issuer: string; clientId: string }
    authAtLoad: object | undefined
  }
}
