import { useEffect, useState } from 'react'
import { createRoot, hydrateRoot } from 'react-dom/client'
import { createClient } from 'latchkey'
import { overlay } from 'latchkey/overlay'

declare global {
  interface Window {
    hydrate: () => void
    take: () => void
    recovered: string[]
  }
}

/** The whole document, as frameworks render it that own all of the page. */
function Document() {
  const [count, setCount] = useState(0)
  const [isLive, setLive] = useState(false)
  useEffect(() => setLive(true), [])
  return (
    <html lang="en">
      <head>
        <title>Document</title>
      </head>
      <body>
        <button id="count" onClick={() => setCount(count + 1)}>
          {isLive ? `live ${count}` : 'still'}
        </button>
      </body>
    </html>
  )
}

const errors: string[] = []
window.recovered = errors
const auth = createClient({ ...window.authDefaults, overlay: overlay() } as Parameters<
  typeof createClient
>[0])
Object.assign(window, { auth })
window.hydrate = () =>
  void hydrateRoot(document, <Document />, { onRecoverableError: (error) => void errors.push(String(error)) })
// What else an app can do to a page: make all of the body its own.
window.take = () => createRoot(document.body).render(<p id="mine">mine</p>)
