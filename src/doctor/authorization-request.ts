import type { AuthorizationServer } from 'oauth4webapi'
import { buildAuthorizationUrl } from '../protocol/authorization-url.js'
import { isEndpoint } from '../protocol/secure-url.js'
import { createRandomness } from '../protocol/transaction.js'
import { offersOpenId } from './facts.js'

/** A value that is sent in place of a secret. */
export const nothing = 'latchkey-doctor'

/** An unregistered client ID. */
export const nobody = 'latchkey-doctor-unknown-client'

/** An unregistered redirect URI. Its host cannot be resolved (RFC 2606 section 2). */
export const elsewhere = 'https://latchkey-doctor.invalid/callback.html'

/** Builds the URL of an authorization request as an app sends it. `params` has camelCase names. */
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
  // PAR needs the parameters even if the endpoint itself is missing.
  const url = isEndpoint(endpoint) ? endpoint! : elsewhere
  return buildAuthorizationUrl({ ...metadata, authorization_endpoint: url }, [], ours, [])
}
