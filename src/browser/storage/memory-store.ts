import type { Store, StoreRecord } from '../../api/store.js'

/**
 * Keeps the session in the memory of the page, as RFC 10017 section 8.4 recommends. Nothing is stored, so the user has to log in
 * again after a reload, silently if possible.
 *
 * @example
 * import { createClient, memoryStore } from 'latchkey'
 * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', store: memoryStore() })
 * @see RFC 10017 section 8.4
 */
export function memoryStore(): Store {
  const records = new Map<string, StoreRecord>()
  return {
    shared: false,
    sealed: false,
    get: async (key) => records.get(key),
    async update(key, change) {
      const next = change(records.get(key))
      if (next) records.set(key, next)
    },
    clear: async () => records.clear(),
  }
}
