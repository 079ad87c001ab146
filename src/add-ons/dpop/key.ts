import type { DPoPKey } from '../../api/dpop.js'
import { share } from '../../base/once.js'
import { indexedDBStore } from '../../browser/storage/indexed-db-store.js'
import { getKeptKey } from '../../browser/storage/stored-key.js'
import { createReliableStore } from '../../browser/storage/fallback-store.js'
import { createProver, generateProofKey } from './prover.js'

/**
 * Opens the key of one client at one server, one for all tabs, in IndexedDB. Where that fails it lives in memory, and the
 * session ends with the page.
 */
export function openDPoPKey(issuer: string, clientId: string): DPoPKey {
  const store = createReliableStore(indexedDBStore(), () => {})
  const name = `dpop ${issuer} ${clientId}`
  const prover = share(async () => createProver(await getKeptKey(store, name, generateProofKey)))

  return {
    thumbprint: async () => (await prover()).thumbprint(),
    attach: async (work) => (await prover()).attach(work),
    prove: async (request) => (await prover()).prove(request),
    close: () => store.close(),
  }
}
