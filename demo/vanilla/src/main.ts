import { createClient, isAuthError, type State } from 'latchkey'

const { VITE_ISSUER, VITE_CLIENT_ID, VITE_SCOPE, VITE_RESOURCE, VITE_ORDERS_URL } = import.meta.env

const auth = createClient({
  issuer: VITE_ISSUER,
  clientId: VITE_CLIENT_ID,
  scope: VITE_SCOPE,
  // Only for servers that support it (RFC 8707).
  ...(VITE_RESOURCE && { resource: VITE_RESOURCE }),
  apis: [{ url: VITE_ORDERS_URL }],
})

const find = (id: string) => document.getElementById(id)!

function describe(state: State): string {
  if (state.status === 'loading') return 'One moment'
  if (state.login) return 'Please continue in the other window'
  if (state.status === 'logged-out') return 'Nobody is logged in'
  // Some servers return the name only from their userinfo endpoint.
  const { name, preferred_username: nick, email, sub } = state.user ?? {}
  return `Logged in as ${name ?? nick ?? email ?? sub ?? 'somebody'}`
}

function show(state: State): void {
  const loggedIn = state.status === 'logged-in'
  find('log-in').hidden = state.status !== 'logged-out'
  find('call-api').hidden = find('log-out').hidden = !loggedIn
  find('user').textContent = describe(state)
  if (!loggedIn) find('orders').replaceChildren()
}

async function run(work: () => Promise<unknown>): Promise<void> {
  find('error').textContent = ''
  try {
    await work()
  } catch (error) {
    if (!isAuthError(error)) throw error
    find('error').textContent = error.message
  }
}

async function callApi(): Promise<void> {
  const response = await auth.fetch(`${VITE_ORDERS_URL}/orders`)
  const { orders } = (await response.json()) as { orders: { id: string; status: string }[] }
  const items = orders.map(({ id, status }) => {
    const item = document.createElement('li')
    item.textContent = `${id} ${status}`
    return item
  })
  find('orders').replaceChildren(...items)
}

find('log-in').onclick = () => run(() => auth.login())
find('log-in').onpointerenter = () => void auth.prepare().catch(() => {})
find('call-api').onclick = () => run(callApi)
find('log-out').onclick = () => run(() => auth.logout({ returnTo: import.meta.env.BASE_URL }))

auth.subscribe(show)
void auth.ready().then(show)
