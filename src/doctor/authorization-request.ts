import type { AuthorizationServer } from 'oauth4webapi'
import { buildAuthorizationUrl } from '../protocol/authorization-url.js'
import { isEndpoint } from '../protocol/secure-url.js'
import { createRandomness } from '../protocol/transaction.js'
import { offersOpenId } from './facts.js'

/** What is sent in place of a secret. */
export const nothing = 'latchkey-doctor'

/** A client ID that nobody has. */
export const nobody = 'latchkey-doctor-unknown-client'

/** A redirect URI that nobody has registered; the name cannot be resolved (RFC 2606 section 2). */
export const elsewhere = 'https://latchkey-doctor.invalid/callback.html'

/** Builds the URL of an authorization request as an app sends it; `params` by our names. */
export async function buildRequest(
  metadata: AuthorizationServer,
  clientId: string | undefined,
  redirectUri: string,
  params: Record<string, string>,
): Promise<string> {
  const { state, nonce, codeChallenge } = await createRandomness()
  const code = { responseType: 'code', codeChallenge, codeChallengeMethod: 'S256' }
  const openId = offersOpenId(metadata) && { scope: 'openid', nonce }
  const ours = { clientId, redirectUri, state, ...code, ...openId, ...params }
  const { authorization_endpoint: endpoint } = metadata
  // The parameters are of use to PAR even where the endpoint itself is missing.
  const url = isEndpoint(endpoint) ? endpoint! : elsewhere
  return buildAuthorizationUrl({ ...metadata, authorization_endpoint: url }, [], ours, [])
}
