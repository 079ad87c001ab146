import {
  allowInsecureRequests,
  customFetch,
  DPoP,
  generateKeyPair,
  isDPoPNonceError,
  protectedResourceRequest,
} from 'oauth4webapi'
import type { DPoPKey, ProofRequest } from '../../api/dpop.js'

/** Generates a key for proofs: ES256, not extractable. */
export function generateProofKey(): Promise<CryptoKeyPair> {
  return generateKeyPair('ES256')
}

/** What a key can prove (RFC 9449 section 4). */
export type Prover = Omit<DPoPKey, 'close'>

/** Creates what proves the possession of a key. Remembers the nonces of each server. */
export function createProver(key: CryptoKeyPair): Prover {
  const proof = { DPoP: DPoP({}, key) }

  /** The library makes proofs only for requests of its own: this one goes nowhere, and is answered here. */
  const capture = async ({ method, url, accessToken }: ProofRequest, answer: Response): Promise<string> => {
    let header: string | undefined
    await protectedResourceRequest(accessToken, method, new URL(url), undefined, undefined, {
      ...proof,
      [allowInsecureRequests]: true,
      [customFetch]: async (_, { headers }) => {
        header = headers['dpop']
        return answer
      },
    })
    return header!
  }

  return {
    thumbprint: () => proof.DPoP.calculateThumbprint(),
    async attach(work) {
      try {
        return await work(proof)
      } catch (error) {
        // Once: a nonce that this page cannot read (CORS) would be asked for again for ever.
        if (!isDPoPNonceError(error)) throw error
        return work(proof)
      }
    },
    async prove(request) {
      // It takes nonces out of the answers that it sees.
      if (request.nonce)
        await capture(request, new Response(null, { headers: { 'dpop-nonce': request.nonce } }))
      return capture(request, new Response())
    },
  }
}
