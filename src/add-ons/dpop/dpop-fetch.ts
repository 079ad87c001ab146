import type { DPoPCapability, ProofRequest } from '../../api/dpop.js'
import { AuthError } from '../../base/errors.js'
import { readChallenge } from '../../fetch/challenge.js'

/**
 * Sends a request with a DPoP-bound token and a proof. Retries once if the API requires a nonce (RFC 9449 section 9), and once with
 * the server's time if the API rejects the proof. The API must expose `WWW-Authenticate`.
 */
export const sendWithProof: DPoPCapability['send'] = async (request, accessToken, prove, replayable) => {
  const { method, url } = request
  const target: ProofRequest = { method, url, accessToken }
  const tried: string[] = []
  let proof = await prove(target)
  for (;;) {
    const sent = replayable ? request.clone() : request
    sent.headers.set('authorization', `DPoP ${accessToken}`)
    sent.headers.set('dpop', proof)
    const response = await fetch(sent)
    const nonce = response.headers.get('dpop-nonce') ?? undefined
    const error = response.status === 401 ? readChallenge(response, 'error') : ''
    const isAgain = tried.includes(error)
    tried.push(error)
    const refused = error === 'invalid_dpop_proof' && !isAgain
    if (!nonce && !refused) return response
    const wanted = error === 'use_dpop_nonce' && !isAgain
    const refusedAt = refused ? (response.headers.get('date') ?? '') : undefined
    // Even if this response is final, the nonce and the server's time are stored for the next request.
    proof = await prove({ ...target, nonce, refusedAt })
    if (wanted && !replayable)
      throw new AuthError(
        'body_not_replayable',
        `${new URL(url).origin} requires a "DPoP-Nonce", but a stream can only be sent once: call fetch() again`,
      )
    if (!wanted && !(refused && replayable && proof)) return response
  }
}
