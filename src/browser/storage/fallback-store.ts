import type { Store } from '../../api/store.js'
import { unlessAborted } from '../../base/abort.js'
import { memoryStore } from './memory-store.js'

/** How long a store may take for one operation; two of these leave `ready()` its 3 s. */
const limit = 1200

/** A store that always answers. */
export interface ReliableStore extends Store {
  /** Whether memory has taken the store's place. */
  readonly failed: boolean
  /** The store that was wrapped. */
  readonly original: Store
  close(): void
}

/**
 * Wraps a store that may be missing, fail or hang (private mode, quota, WebKit's lost connection): tries once
 * more, then goes on in memory and says so. What the store held is not carried over: other tabs may go on with it.
 */
export function createReliableStore(store: Store, onFailure: (message: string) => void): ReliableStore {
  let memory: Store | undefined
  const run = async <T>(work: (on: Store) => Promise<T>): Promise<T> => {
    for (let tries = 2; !memory;) {
      try {
        return await unlessAborted(work(store), AbortSignal.timeout(limit))
      } catch (error) {
        if (--tries || memory) continue
        memory = memoryStore()
        onFailure(`${error}`)
      }
    }
    return work(memory)
  }
  return {
    original: store,
    get shared() {
      return !memory && store.shared
    },
    get sealed() {
      return !memory && store.sealed
    },
    get failed() {
      return !!memory
    },
    get: (key) => run((on) => on.get(key)),
    update: (key, change) => run((on) => on.update(key, change)),
    clear: () => run((on) => on.clear()),
    close: () => store.close?.(),
  }
}
