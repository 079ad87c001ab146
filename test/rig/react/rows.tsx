import { startTransition, useState, type ReactElement } from 'react'
import { AuthProvider, useAuth } from 'latchkey/react'
import type { TestClient } from 'latchkey/testing'

/** How many rows there are: more than React renders before it lets something else have its turn (5 ms). */
const length = 40

interface RowProps {
  client: TestClient
  index: number
}

/** Rows that all show the same state. They are rendered in a transition, in the middle of which a user logs in. */
export function Rows({ client, naive }: { client: TestClient; naive: boolean }): ReactElement {
  const [count, setCount] = useState(0)
  const Row = naive ? NaiveRow : BoundRow
  return (
    <AuthProvider client={client}>
      <button id="fill" onClick={() => startTransition(() => setCount(length))} />
      <ul id="rows">
        {Array.from({ length: count }, (_, index) => (
          <Row key={index} {...{ client, index }} />
        ))}
      </ul>
    </AuthProvider>
  )
}

function BoundRow(props: RowProps): ReactElement {
  return show(props, useAuth().status)
}

/** Reads the state as it is at the moment: what `useSyncExternalStore` is there against. */
function NaiveRow(props: RowProps): ReactElement {
  return show(props, props.client.getState().status)
}

function show({ client, index }: RowProps, status: string): ReactElement {
  window.rendered = [...(window.rendered ?? []), status]
  if (index === 3 && status === 'logged-out') setTimeout(() => client.test.logIn({ sub: 'alice' }))
  const end = performance.now() + 3
  while (performance.now() < end);
  return <li>{status}</li>
}

declare global {
  interface Window {
    /** What each row was rendered with, in this order. */
    rendered?: string[]
  }
}
