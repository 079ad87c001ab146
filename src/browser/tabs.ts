import { openChannel } from './open-channel.js'

/** `changed`: read the store again. `logout`: the session is over, also where no store is shared. */
export type TabMessage = 'changed' | 'logout'

/**
 * Opens a line to the other tabs, and to the other clients of this one, that carries no tokens. Gives the function that
 * posts to them; it ends with the signal.
 */
export function openTabs(
  name: string,
  signal: AbortSignal,
  onMessage: (message: TabMessage) => void,
): (message: TabMessage) => void {
  // On a server (SSR) a channel would keep the process alive.
  if (typeof document === 'undefined') return () => {}
  const post = openChannel(
    name,
    (message) => {
      if (message === 'changed' || message === 'logout') onMessage(message)
    },
    signal,
  )
  return (message) => {
    if (!signal.aborted) post(message)
  }
}
