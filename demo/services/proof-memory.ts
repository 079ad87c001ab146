import { randomUUID } from 'node:crypto'
import { decodeJwt } from 'jose'

/** How long a nonce is given out, and how long the identifier of a proof is remembered, in milliseconds. */
const life = 300_000

/** What an API remembers of DPoP proofs: the nonce that it wants in them, and the ones that it has seen. */
export interface ProofMemory {
  /** The nonce that proofs must carry now (RFC 9449 section 9). */
  nonce(): string
  /** Tells whether a proof carries a nonce of ours. */
  hasNonce(proof: string): boolean
  /** Takes a proof, once: false when it was there before (RFC 9449 section 11.1). */
  take(proof: string): boolean
  /** Gives out a new nonce from now on, and takes no older one. */
  renew(): void
}

/** Creates the memory of one API. */
export function createProofMemory(): ProofMemory {
  const seen = new Map<string, number>()
  let current = { value: randomUUID(), since: Date.now() }
  const nonce = () => {
    if (Date.now() - current.since > life) current = { value: randomUUID(), since: Date.now() }
    return current.value
  }
  return {
    nonce,
    hasNonce: (proof) => decodeJwt(proof)['nonce'] === nonce(),
    take(proof) {
      const { jti = '' } = decodeJwt(proof)
      for (const [id, until] of seen) if (until < Date.now()) seen.delete(id)
      if (seen.has(jti)) return false
      seen.set(jti, Date.now() + life)
      return true
    },
    renew: () => void (current = { value: randomUUID(), since: Date.now() }),
  }
}
