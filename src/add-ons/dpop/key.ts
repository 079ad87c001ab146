import type { DPoPKey } from '../../api/dpop.js'
import { createFallbackStore } from '../../browser/storage/fallback-store.js'
import { indexedDBStore } from '../../browser/storage/indexed-db-store.js'
import { openKeyInStore } from './key-in-store.js'

/**
 * Opens the key of one client at one server. It is stored in IndexedDB and shared by all tabs. If that fails, it is kept in memory,
 * and the session ends with the page.
 *
 * @param onNews called when the stored key may have changed
 */
export function openDPoPKey(issuer: string, clientId: string, onNews: () => void = () => {}): DPoPKey {
  return openKeyInStore(createFallbackStore(indexedDBStore(), onNews), issuer, clientId)
}
