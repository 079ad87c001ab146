import { createStore, del, getMany, promisifyRequest, update, type UseStore } from 'idb-keyval'
import type { Store, StoreRecord } from '../../api/store.js'

/**
 * Stores the session in IndexedDB, which all tabs share and which survives a reload. The default.
 *
 * The session is encrypted with a non-extractable AES-GCM key, which is stored next to it. This protects data at rest, but not
 * against scripts in the page or malware on the device. Other code may delete the database at any time: open pages do not block
 * that, and log the user out.
 *
 * @example
 * import { createClient, indexedDBStore } from 'latchkey'
 * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', store: indexedDBStore() })
 * @see RFC 10017 sections 8.5 and 8.6
 */
export function indexedDBStore(
  options: {
    /**
     * The name of the database. Do not use it for anything else.
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
  const name = options.name ?? 'latchkey'
  let store: UseStore | undefined
  let onLoss = () => {}
  const open = (): UseStore => {
    // A separate database, because idb-keyval creates the object store only when it creates the database.
    const connect = createStore(name, 'records')
    const use: UseStore = (mode, work) =>
      connect(mode, (records) => {
        const { db } = records.transaction
        // Other code is deleting the database, and waits until we close it; or the browser has cleared the site's data.
        db.onversionchange = db.onclose = () => {
          db.close()
          if (store === use) store = undefined
          onLoss()
        }
        return work(records)
      })
    return use
  }
  // WebKit can lose the connection for good ("Connection to Indexed Database server lost"): after any failure
  // the next call opens a new one.
  const attempt = async <T>(work: (from: UseStore) => Promise<T>): Promise<T> => {
    try {
      return await work((store ??= open()))
    } catch (error) {
      store = undefined
      throw error
    }
  }
  /** Reads in the same task share one transaction. */
  let batch: { keys: string[]; records: Promise<(StoreRecord | undefined)[]> } | undefined
  const startBatch = () => {
    const keys: string[] = []
    const records = Promise.resolve().then(() => {
      batch = undefined
      return attempt((from) => getMany<StoreRecord>(keys, from))
    })
    return { keys, records }
  }
  return {
    shared: true,
    sealed: true,
    async get(key) {
      const { keys, records } = (batch ??= startBatch())
      const index = keys.push(key) - 1
      return (await records)[index]
    },
    update: (key, change) =>
      attempt((from) => update<StoreRecord | undefined>(key, (old) => change(old) ?? old, from)),
    remove: (key) => attempt((from) => del(key, from)),
    // Deletes the whole database, which works even if no transaction does.
    clear: async () => void (await promisifyRequest(indexedDB.deleteDatabase(name))),
    close() {
      // idb-keyval cannot close a connection, and an open one with listeners is never garbage-collected.
      store?.('readonly', (records) => records.transaction.db.close()).catch(() => {})
      store = undefined
    },
    watch(callback) {
      onLoss = callback
    },
  }
}
