import type { Store, StoreRecord } from '../../api/store.js'
import { openChannel } from '../messages/channel.js'

const tabKey = 'latchkey tab'
const prefix = 'latchkey store '

/**
 * Stores the session in `sessionStorage`: it survives a reload, is not shared with other tabs, and ends with the tab. It is not
 * encrypted.
 *
 * A duplicated tab starts with a copy of the original's `sessionStorage`. If the original is still open, the copy is deleted, because
 * two tabs that use the same refresh token independently would lose the session. It is not revoked: the original still uses it.
 * Frames of the app in one tab share one session.
 *
 * @example
 * import { createClient, sessionStore } from 'latchkey'
 * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', store: sessionStore() })
 * @see RFC 10017 section 8.5
 */
export function sessionStore(): Store {
  const read = (key: string): StoreRecord | undefined => {
    const text = sessionStorage.getItem(prefix + key)
    try {
      return text ? JSON.parse(text) : undefined
    } catch {
      // Damaged: absent, and the other records are as they were.
      return undefined
    }
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
    async remove(key) {
      sessionStorage.removeItem(prefix + key)
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

/** Claims the tab's name; drops the copies when another tab lives under it. */
async function claim(): Promise<string> {
  const other = await findClaim(top!)
  const known = sessionStorage.getItem(tabKey)
  if (known && known === other) {
    // In line for the lock: the page that holds it may go away before this one.
    void hold(known)
    return known
  }
  if (known && (await hold(known, true))) return known
  if (known) clear()
  const name = crypto.randomUUID()
  sessionStorage.setItem(tabKey, name)
  await hold(name)
  return name
}

/** How often the page that holds a name must have answered: one that is being unloaded may do so once more. */
const answersNeeded = 3

/**
 * Holds a name by a lock that lives as long as the page. Resolves with true when it is ours: the page before this one in its tab is
 * gone, and its lock with it. Resolves with false when the page that holds it answers: another tab lives under the name. Nothing is
 * decided by time: a page that is busy itself gets to both later, and a tab that is frozen answers when it thaws.
 *
 * @param asks whether another tab may live under it
 */
function hold(name: string, asks = false): Promise<boolean> {
  return new Promise((resolve) => {
    const lock = `${tabKey} ${name}`
    const waiting = new AbortController()
    const channel = new AbortController()
    let isHeld = false
    let answers = 0
    const post = openChannel(
      lock,
      (message) => {
        if (isHeld) {
          if (message === 'who') post('here')
          return
        }
        if (!asks || message !== 'here') return
        if (++answers < answersNeeded) return post('who')
        waiting.abort()
        channel.abort()
        resolve(false)
      },
      channel.signal,
    )
    const take = () => {
      isHeld = true
      resolve(true)
      // For those that asked before: they are still in line.
      post('here')
    }
    if (!navigator.locks) return take()
    navigator.locks
      .request(lock, { signal: waiting.signal }, () => {
        take()
        return new Promise(() => {})
      })
      .catch(() => {
        // Where the browser forbids locks no tab can be told from another, and none loses what it has.
        if (!waiting.signal.aborted) take()
      })
    if (asks) post('who')
  })
}
