import { useState } from 'react'
import { isAuthError } from 'latchkey'
import { RequireLogin, useAuth } from 'latchkey/react'

/** The whole page. */
export function App() {
  const [error, setError] = useState('')

  async function run(work: () => Promise<unknown>) {
    setError('')
    try {
      await work()
    } catch (failure) {
      if (!isAuthError(failure)) throw failure
      setError(failure.message)
    }
  }

  return (
    <main>
      <h1>React</h1>
      <Greeting />
      <RequireLogin fallback={<LoginButton run={run} />}>
        <Orders run={run} />
      </RequireLogin>
      <p role="alert">{error}</p>
    </main>
  )
}

interface ButtonProps {
  /** Runs the action of a click, and shows its error. */
  run: (work: () => Promise<unknown>) => Promise<void>
}

function Greeting() {
  const { status, loginStage, user } = useAuth()
  if (status === 'loading') return <p role="status">One moment</p>
  if (loginStage) return <p role="status">Please continue in the other window</p>
  if (status === 'logged-out') return <p role="status">Nobody is logged in</p>
  // Some servers return the name only from their userinfo endpoint.
  const name = user?.name ?? user?.preferred_username ?? user?.email ?? user?.sub ?? 'somebody'
  return <p role="status">Logged in as {name}</p>
}

function LoginButton({ run }: ButtonProps) {
  const { login, prepare } = useAuth()
  return (
    <div className="buttons">
      <button type="button" onClick={() => run(login)} onPointerEnter={() => void prepare().catch(() => {})}>
        Log in
      </button>
    </div>
  )
}

interface Order {
  id: string
  status: string
}

function Orders({ run }: ButtonProps) {
  const { fetch, logout } = useAuth()
  const [orders, setOrders] = useState<Order[]>([])

  async function callApi() {
    const response = await fetch(`${import.meta.env.VITE_ORDERS_URL}/orders`)
    setOrders(((await response.json()) as { orders: Order[] }).orders)
  }

  return (
    <>
      <div className="buttons">
        <button type="button" onClick={() => run(callApi)}>
          Call API
        </button>
        <button type="button" onClick={() => run(() => logout({ returnTo: import.meta.env.BASE_URL }))}>
          Log out
        </button>
      </div>
      <ul aria-label="Orders">
        {orders.map(({ id, status }) => (
          <li key={id}>
            {id} {status}
          </li>
        ))}
      </ul>
    </>
  )
}
