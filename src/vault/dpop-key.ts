import type { DPoPKey } from '../base/dpop.js'
import { indexedDBStore } from '../browser/indexed-db-store.js'
import { createReliableStore } from '../browser/reliable-store.js'
import { createProver, generateProofKey, type Prover } from '../protocol/dpop.js'

/**
 * Opens the key of one client at one server, one for all tabs, in IndexedDB. Where that fails it lives in memory, and the
 * session ends with the page.
 */
export function openDPoPKey(issuer: string, clientId: string): DPoPKey {
  const store = createReliableStore(indexedDBStore(), () => {})
  const name = `dpop ${issuer} ${clientId}`
  let opened: Promise<Prover> | undefined

  const open = async (): Promise<Prover> => {
    let record = await store.get(name)
    if (!record) {
      const made = { v: 1, generation: 0, sealed: await generateProofKey() }
      // Another tab may have been quicker: the first key stays.
      await store.update(name, (old) => (record = old ?? made))
    }
    return createProver(record!.sealed as CryptoKeyPair)
  }
  const prover = () =>
    (opened ??= open().catch((error: unknown) => {
      opened = undefined
      throw error
    }))

  return {
    thumbprint: async () => (await prover()).thumbprint(),
    attach: async (work) => (await prover()).attach(work),
    prove: async (request) => (await prover()).prove(request),
    close: () => store.close(),
  }
}
