import {
  allowInsecureRequests,
  customFetch,
  DPoP,
  generateKeyPair,
  isDPoPNonceError,
  modifyAssertion,
  protectedResourceRequest,
} from 'oauth4webapi'
import type { DPoPKey, ProofRequest } from '../../api/dpop.js'
import { buildClockError } from '../../base/clock-error.js'

/** Generates a key for proofs: ES256, non-extractable. */
export function generateProofKey(): Promise<CryptoKeyPair> {
  return generateKeyPair('ES256')
}

/** Creates proofs with one key (RFC 9449 section 4). */
export type Prover = Omit<DPoPKey, 'close' | 'learnClock'>

/** By how many seconds the server's clock is ahead of ours: as used for proofs, and as measured from its last ID token. */
export interface ServerClock {
  ahead: number
  measured: number
}

/** Creates a prover. It stores the last nonce of each server. */
export function createProver(key: CryptoKeyPair, clock: ServerClock = { ahead: 0, measured: 0 }): Prover {
  const byServerTime = (_: unknown, claims: Record<string, unknown>) => {
    claims['iat'] = Math.floor(Date.now() / 1000 + clock.ahead)
  }
  const proof = { DPoP: DPoP({}, key, { [modifyAssertion]: byServerTime }) }

  /** By how many seconds the server's clock is ahead, by its `Date` header, or else by its last ID token; 0 if neither is known. */
  const measure = (date: string | null): number =>
    date ? (Date.parse(date) - Date.now()) / 1000 : clock.measured

  /**
   * Switches to the server's time after a rejected proof: from its `Date` header, or else from its last ID token. The ID token is not
   * trusted before that, because some servers date them ahead. Returns false if there is no other time to try.
   */
  const setClock = (date: string | null): boolean => {
    const isTried = (ahead: number) => Math.abs(ahead - clock.ahead) < 2
    const measured = measure(date)
    // If the ID token's time was tried, the device's clock may have been corrected since.
    const ahead = !date && isTried(measured) ? 0 : measured
    if (isNaN(ahead) || isTried(ahead)) return false
    clock.ahead = ahead
    return true
  }

  const withNonce = async <T>(work: (handle: typeof proof) => Promise<T>): Promise<T> => {
    try {
      return await work(proof)
    } catch (error) {
      // Only once: if CORS hides the nonce from this page, the server would keep requiring it.
      if (!isDPoPNonceError(error)) throw error
      return work(proof)
    }
  }

  /** The library creates proofs only as part of a request. This one is answered here and never sent. */
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
    async attach(work, tolerance) {
      try {
        return await withNonce(work)
      } catch (refused) {
        if (!isProofError(refused)) throw refused
        const { headers, status } = refused.response
        const date = headers.get('date')
        // By how many seconds this device's clock is ahead.
        const skew = -Math.round(measure(date))
        if (setClock(date))
          try {
            return await withNonce(work)
          } catch (error) {
            if (!isProofError(error)) throw error
          }
        // The server's time was refused as well, or there was no other time to try.
        if (!(Math.abs(skew) > tolerance)) throw refused
        throw buildClockError(skew, 'set it, because the server rejected the DPoP proof', {
          error: 'invalid_dpop_proof',
          status,
        })
      }
    },
    async prove(request) {
      // The library takes nonces from responses.
      if (request.nonce)
        await capture(request, new Response(null, { headers: { 'dpop-nonce': request.nonce } }))
      if (request.refusedAt !== undefined && !setClock(request.refusedAt)) return ''
      return capture(request, new Response())
    },
  }
}

/** Tells whether the server rejected a proof, in the body of a response or in a challenge of the userinfo endpoint. */
function isProofError(thrown: unknown): thrown is { response: Response } {
  const { error, cause } = thrown as { error?: string; cause?: { parameters?: { error?: string } }[] }
  const errors = Array.isArray(cause) ? cause.map(({ parameters }) => parameters?.error) : [error]
  return errors.includes('invalid_dpop_proof')
}
