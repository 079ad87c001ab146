import { openChannel } from './open-channel.js'

/** A line to the other tabs, and to the other clients of this one, that carries no tokens. */
export interface Tabs {
  post(message: TabMessage): void
}

/** `changed`: read the store again. `logout`: the session is over, also where no store is shared. */
export type TabMessage = 'changed' | 'logout'

/** Opens the line; it ends with the signal. */
export function openTabs(name: string, signal: AbortSignal, onMessage: (message: TabMessage) => void): Tabs {
  // On a server (SSR) a channel would keep the process alive.
  if (typeof document === 'undefined') return { post() {} }
  const channel = openChannel(name, (message) => {
    if (message === 'changed' || message === 'logout') onMessage(message)
  })
  signal.addEventListener('abort', channel.close)
  return {
    post(message) {
      if (!signal.aborted) channel.post(message)
    },
  }
}
