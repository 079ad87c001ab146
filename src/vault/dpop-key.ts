import type { DPoPKey } from '../base/dpop.js'
import { share } from '../base/share.js'
import { indexedDBStore } from '../browser/indexed-db-store.js'
import { getKeptKey } from '../browser/kept-key.js'
import { createReliableStore } from '../browser/reliable-store.js'
import { createProver, generateProofKey, type ServerClock } from '../protocol/dpop.js'

/**
 * Opens the key of one client at one server, one for all tabs, in IndexedDB. Where that fails it lives in memory, and the
 * session ends with the page.
 */
export function openDPoPKey(issuer: string, clientId: string): DPoPKey {
  const store = createReliableStore(indexedDBStore(), () => {})
  const name = `dpop ${issuer} ${clientId}`
  const clock: ServerClock = { ahead: 0, measured: 0 }
  const prover = share(async () => createProver(await getKeptKey(store, name, generateProofKey), clock))

  return {
    thumbprint: async () => (await prover()).thumbprint(),
    attach: async (work) => (await prover()).attach(work),
    learnClock: (ahead = 0) => void (clock.measured = ahead),
    prove: async (request) => (await prover()).prove(request),
    close: () => store.close(),
  }
}
