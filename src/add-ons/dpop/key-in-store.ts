import type { DPoPKey } from '../../api/dpop.js'
import type { Store } from '../../api/store.js'
import { share } from '../../base/once.js'
import { getStoredKey } from '../../browser/storage/stored-key.js'
import { createProver, generateProofKey, type Prover, type ServerClock } from './prover.js'

/** Opens the key of one client at one server, in a store whose every operation settles. If the store fails, it is kept in memory. */
export function openKeyInStore(store: Store, issuer: string, clientId: string): DPoPKey {
  const name = `dpop ${issuer} ${clientId}`
  const clock: ServerClock = { ahead: 0, measured: 0 }
  let key: CryptoKeyPair | undefined
  let prover: Prover | undefined

  /**
   * Loads the stored key, or stores ours if there is none. If the key has not changed, the prover is kept, because it has the
   * nonces.
   */
  const load = async (): Promise<Prover> => {
    key = await getStoredKey(store, name, generateProofKey, key)
    const next = createProver(key, clock)
    if ((await prover?.thumbprint()) !== (await next.thumbprint())) prover = next
    return prover!
  }
  const loadOnce = share(load)
  const get = async () => prover ?? loadOnce()

  return {
    thumbprint: async (again) => (await (again ? load() : get())).thumbprint(),
    attach: async (work, tolerance) => (await get()).attach(work, tolerance),
    learnClock: (ahead = 0) => void (clock.measured = ahead),
    prove: async (request) => (await get()).prove(request),
    close: () => store.close?.(),
  }
}
