import { randomUUID } from 'node:crypto'
import { decodeJwt } from 'jose'

/** How long a nonce is issued, and how long the ID of a proof is remembered, in milliseconds. */
const life = 300_000

/** An API's memory for DPoP proofs: the required nonce, and the proofs it has seen. */
export interface ProofMemory {
  /** The nonce that proofs must currently contain (RFC 9449 section 9). */
  nonce(): string
  /** Checks whether a proof contains the current nonce. */
  hasNonce(proof: string): boolean
  /** Accepts a proof once; returns false if it was used before (RFC 9449 section 11.1). */
  take(proof: string): boolean
  /** Issues a new nonce, and no longer accepts the old one. */
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
