import type { Client } from 'latchkey'

/** A client that counts in `window.listeners` how many listeners it has. */
export function countListeners<Kind extends Client>(client: Kind): Kind {
  window.listeners = 0
  const subscribe: Client['subscribe'] = (listener) => {
    const stop = client.subscribe(listener)
    window.listeners++
    return () => {
      stop()
      window.listeners--
    }
  }
  return { ...client, subscribe }
}
