import type { Store, StoreRecord } from '../../api/store.js'

const tabKey = 'latchkey tab'
const prefix = 'latchkey store '

/**
 * Keeps the session in `sessionStorage`: a reload finds it, other tabs do not, the browser drops it with the tab.
 * Not sealed.
 *
 * A duplicated tab starts with a copy of the other's `sessionStorage`; the copy is dropped, because two tabs that
 * use one refresh token without knowing of each other lose the session. Frames of the app in one tab share one session.
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

/** One claim for all stores of a page, whichever copy of latchkey they come from: the name that its tab lives under. */
const claimed = Symbol.for('latchkey.tab')

type Page = Window & { [claimed]?: Promise<string> }

function claimTab(): Promise<string> {
  const page: Page = window
  return (page[claimed] ??= claim())
}

/** Finds the claim of a page of this tab, among its frames: all those of one origin share one `sessionStorage`. */
function findClaim(page: Page): Promise<string> | undefined {
  try {
    if (page[claimed]) return page[claimed]
  } catch {
    // Of another origin: its frames can be reached, and no more.
  }
  for (let index = 0; index < page.length; index++) {
    const found = findClaim(page[index]!)
    if (found) return found
  }
  return undefined
}

/** Claims the tab's name by a lock that lives as long as the page; drops the copies when another tab lives under it. */
async function claim(): Promise<string> {
  const other = await findClaim(top!)
  const known = sessionStorage.getItem(tabKey)
  if (known && known === other) {
    // In line for the lock: the page that holds it may go away before this one.
    void hold(known)
    return known
  }
  // A page that is being reloaded frees its lock within milliseconds of the next one asking for it.
  if (known && (await hold(known, { signal: AbortSignal.timeout(300) }))) return known
  if (known) clear()
  const name = crypto.randomUUID()
  sessionStorage.setItem(tabKey, name)
  await hold(name)
  return name
}

function hold(name: string, options: LockOptions = {}): Promise<boolean> {
  return new Promise((resolve) => {
    if (!navigator.locks) return resolve(true)
    navigator.locks
      .request(`${tabKey} ${name}`, options, () => {
        resolve(true)
        return new Promise(() => {})
      })
      .catch(() => resolve(false))
  })
}
