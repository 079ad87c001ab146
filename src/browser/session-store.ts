import type { Store, StoreRecord } from '../base/types.js'

const tabKey = 'latchkey tab'
const prefix = 'latchkey store '

/**
 * Keeps the session in `sessionStorage`: a reload finds it, other tabs do not, the browser drops it with the tab.
 * Not sealed.
 *
 * A duplicated tab starts with a copy of the other's `sessionStorage`; the copy is dropped, because two tabs that
 * use one refresh token without knowing of each other lose the session.
 *
 * @example
 * import { createClient, sessionStore } from 'latchkey'
 * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', store: sessionStore() })
 * @see RFC 10017 section 8.5
 */
export function sessionStore(): Store {
  const read = (key: string): StoreRecord | undefined => {
    const text = sessionStorage.getItem(prefix + key)
    return text ? JSON.parse(text) : undefined
  }
  return {
    shared: false,
    sealed: false,
    async get(key) {
      await claimTab()
      return read(key)
    },
    async update(key, change) {
      await claimTab()
      const next = change(read(key))
      if (next) sessionStorage.setItem(prefix + key, JSON.stringify(next))
    },
    clear: async () => clear(),
  }
}

function clear(): void {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(prefix)) sessionStorage.removeItem(key)
}

/** One claim for all stores of a page, whichever copy of latchkey they come from. */
const claimed = Symbol.for('latchkey.tab')

function claimTab(): Promise<void> {
  const page = globalThis as { [claimed]?: Promise<void> }
  return (page[claimed] ??= claim())
}

/** Claims the tab's name by a lock that lives as long as the page; drops the copies when another tab lives under it. */
async function claim(): Promise<void> {
  const known = sessionStorage.getItem(tabKey)
  if (known && (await hold(known))) return
  if (known) clear()
  const name = crypto.randomUUID()
  sessionStorage.setItem(tabKey, name)
  await hold(name)
}

function hold(name: string): Promise<boolean> {
  // A page that is being reloaded frees its lock within milliseconds of the next one asking for it.
  const signal = AbortSignal.timeout(300)
  return new Promise((resolve) => {
    if (!navigator.locks) return resolve(true)
    navigator.locks
      .request(`${tabKey} ${name}`, { signal }, () => {
        resolve(true)
        return new Promise(() => {})
      })
      .catch(() => resolve(false))
  })
}
