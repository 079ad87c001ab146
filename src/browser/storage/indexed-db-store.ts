import { clear, createStore, get, update } from 'idb-keyval'
import type { Store, StoreRecord } from '../../api/store.js'

/**
 * Keeps the session in IndexedDB, where all tabs see it and a reload finds it without a request; the default.
 *
 * Records are sealed with a non-extractable AES-GCM key that lies beside them: hygiene for data at rest, no
 * protection from script in the page nor from malware on the device.
 *
 * @example
 * import { createClient, indexedDBStore } from 'latchkey'
 * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', store: indexedDBStore() })
 * @see RFC 10017 sections 8.5 and 8.6
 */
export function indexedDBStore(
  options: {
    /**
     * The name of the database. It holds records and nothing else of the app.
     *
     * @default 'latchkey'
     * @example
     * import { createClient, indexedDBStore } from 'latchkey'
     * const store = indexedDBStore({ name: 'orders' })
     * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', store })
     */
    name?: string | undefined
  } = {},
): Store {
  // A database of its own: idb-keyval makes the object store only when it makes the database.
  const open = () => createStore(options.name ?? 'latchkey', 'records')
  let store: ReturnType<typeof open> | undefined
  // WebKit can lose the connection for good ("Connection to Indexed Database server lost"): after any failure
  // the next call opens a new one.
  const attempt = async <T>(work: (from: ReturnType<typeof open>) => Promise<T>): Promise<T> => {
    try {
      return await work((store ??= open()))
    } catch (error) {
      store = undefined
      throw error
    }
  }
  return {
    shared: true,
    sealed: true,
    get: (key) => attempt((from) => get<StoreRecord>(key, from)),
    update: (key, change) =>
      attempt((from) => update<StoreRecord | undefined>(key, (old) => change(old) ?? old, from)),
    clear: () => attempt((from) => clear(from)),
    close() {
      // idb-keyval has no way to close; an open connection with listeners is never collected, and blocks `deleteDatabase`.
      store?.('readonly', (records) => records.transaction.db.close()).catch(() => {})
      store = undefined
    },
  }
}
