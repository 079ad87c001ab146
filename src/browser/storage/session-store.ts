import { withoutPrototype } from '../../base/without-prototype.js'
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
      // Damaged: treated as absent.
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

/** The name of the page's tab: one for all stores of a page, even from several copies of latchkey. */
const claimed = Symbol.for('latchkey.tab')

type Page = Window & { [claimed]?: Promise<string> }

function claimTab(): Promise<string> {
  const page: Page = window
  return (page[claimed] ??= claim())
}

/** Finds the claim of another page of this tab: all frames of one origin share one `sessionStorage`. */
function findClaim(page: Page): Promise<string> | undefined {
  try {
    if (page[claimed]) return page[claimed]
  } catch {
    // The page has another origin. Its frames can be reached nevertheless.
  }
  for (let index = 0; index < page.length; index++) {
    const claim = findClaim(page[index]!)
    if (claim) return claim
  }
  return undefined
}

/** Claims the tab's name. Deletes the copies if another tab has the name. */
async function claim(): Promise<string> {
  const other = await findClaim(top!)
  const stored = sessionStorage.getItem(tabKey)
  if (stored && stored === other) {
    // Queues for the lock: the page that holds it may be closed before this one.
    void hold(stored)
    return stored
  }
  if (stored && (await hold(stored, true))) return stored
  if (stored) clear()
  const name = crypto.randomUUID()
  sessionStorage.setItem(tabKey, name)
  await hold(name)
  return name
}

/** How often the page that holds a name must answer: a page that is being unloaded may still answer once. */
const answersNeeded = 3

/**
 * Holds a name with a lock for the life of the page. Resolves with true when this page gets the lock: the previous page of this tab is
 * gone. Resolves with false when the page that holds the lock answers: another tab has the name. There is no time limit: a busy page
 * gets either result later, and a frozen tab answers when it resumes.
 *
 * @param asks whether another tab may have the name
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
      // For pages that have asked before, and still wait.
      post('here')
    }
    if (!navigator.locks) return take()
    navigator.locks
      .request(lock, withoutPrototype({ signal: waiting.signal }), () => {
        take()
        return new Promise(() => {})
      })
      .catch(() => {
        // If the browser forbids locks, tabs cannot be distinguished, and each keeps its session.
        if (!waiting.signal.aborted) take()
      })
    if (asks) post('who')
  })
}
