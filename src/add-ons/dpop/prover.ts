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

/** Generates a key for proofs: ES256, not extractable. */
export function generateProofKey(): Promise<CryptoKeyPair> {
  return generateKeyPair('ES256')
}

/** What a key can prove (RFC 9449 section 4). */
export type Prover = Omit<DPoPKey, 'close' | 'learnClock'>

/** By how many seconds the server's clock is ahead of ours: as proofs are made, and as its last ID token says. */
export interface ServerClock {
  ahead: number
  measured: number
}

/** Creates what proves the possession of a key. Remembers the nonces of each server. */
export function createProver(key: CryptoKeyPair, clock: ServerClock = { ahead: 0, measured: 0 }): Prover {
  const byServerTime = (_: unknown, claims: Record<string, unknown>) => {
    claims['iat'] = Math.floor(Date.now() / 1000 + clock.ahead)
  }
  const proof = { DPoP: DPoP({}, key, { [modifyAssertion]: byServerTime }) }

  /** Tells by how many seconds the server's clock is ahead: by its `Date`, else by its last ID token; 0 where neither is there. */
  const measure = (date: string | null): number =>
    date ? (Date.parse(date) - Date.now()) / 1000 : clock.measured

  /**
   * Takes over the server's time after it has refused a proof. An ID token's is not trusted before that, because some servers issue
   * them ahead of time. False where there is no other time to try.
   */
  const setClock = (date: string | null): boolean => {
    const isTried = (ahead: number) => Math.abs(ahead - clock.ahead) < 2
    const measured = measure(date)
    // Of an ID token the device's own time may be the better one by now: its clock was set right.
    const ahead = !date && isTried(measured) ? 0 : measured
    if (isNaN(ahead) || isTried(ahead)) return false
    clock.ahead = ahead
    return true
  }

  const withNonce = async <T>(work: (handle: typeof proof) => Promise<T>): Promise<T> => {
    try {
      return await work(proof)
    } catch (error) {
      // Once: a nonce that this page cannot read (CORS) would be asked for again for ever.
      if (!isDPoPNonceError(error)) throw error
      return work(proof)
    }
  }

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
    async attach(work, tolerance) {
      try {
        return await withNonce(work)
      } catch (refused) {
        if (!isProofError(refused)) throw refused
        const { headers, status } = refused.response
        const date = headers.get('date')
        // By how many seconds this clock is ahead.
        const skew = -Math.round(measure(date))
        if (setClock(date))
          try {
            return await withNonce(work)
          } catch (error) {
            if (!isProofError(error)) throw error
          }
        // Also with the server's time, or there is no other one to try.
        if (!(Math.abs(skew) > tolerance)) throw refused
        throw buildClockError(skew, 'set it, because the server rejected the DPoP proof', {
          error: 'invalid_dpop_proof',
          status,
        })
      }
    },
    async prove(request) {
      // It takes nonces out of the answers that it sees.
      if (request.nonce)
        await capture(request, new Response(null, { headers: { 'dpop-nonce': request.nonce } }))
      if (request.refusedAt !== undefined && !setClock(request.refusedAt)) return ''
      return capture(request, new Response())
    },
  }
}

/** Tells whether the server has refused a proof: in the body of an answer, or in a challenge of the userinfo endpoint. */
function isProofError(thrown: unknown): thrown is { response: Response } {
  const { error, cause } = thrown as { error?: string; cause?: { parameters?: { error?: string } }[] }
  const errors = Array.isArray(cause) ? cause.map(({ parameters }) => parameters?.error) : [error]
  return errors.includes('invalid_dpop_proof')
}
