import type { DPoPCapability } from '../../api/dpop.js'
import { AuthError } from '../../base/errors.js'
import { readChallenge } from '../../protocol/challenge.js'

/** Tells whether an API wants a nonce in the proof (RFC 9449 section 9). Needs `WWW-Authenticate` to be exposed. */
function wantsNonce(response: Response): boolean {
  return response.status === 401 && readChallenge(response, 'error') === 'use_dpop_nonce'
}

/** Sends a request with a token that is bound to a key, and the proof of that key; once more where the API wants a nonce. */
export const sendWithProof: DPoPCapability['send'] = async (request, accessToken, prove, replayable) => {
  const { method, url } = request
  const send = async (from: Request, nonce?: string | null) => {
    from.headers.set('authorization', `DPoP ${accessToken}`)
    from.headers.set('dpop', await prove({ method, url, accessToken, nonce: nonce ?? undefined }))
    return fetch(from)
  }
  const spare = replayable ? request.clone() : undefined
  const response = await send(request)
  const nonce = response.headers.get('dpop-nonce')
  if (!nonce) return response
  const wanted = wantsNonce(response)
  if (wanted && spare) return send(spare, nonce)
  // Remembered for the next request.
  await prove({ method, url, accessToken, nonce })
  if (!wanted) return response
  throw new AuthError(
    'body_not_replayable',
    `${new URL(url).origin} wants the request again with a "DPoP-Nonce", and a stream can be sent once: call fetch() again`,
  )
}
