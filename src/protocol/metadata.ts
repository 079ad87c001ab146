import { discoveryRequest, processDiscoveryResponse, type AuthorizationServer } from 'oauth4webapi'
import { refuse } from './to-auth-error.js'
import { callServer, isEndpoint, type Caller } from './server-call.js'

/**
 * Reads the server's metadata (RFC 8414; OpenID Connect Discovery 1.0).
 *
 * Rejects with `discovery_failed` when what answers is not the metadata of that issuer.
 */
export function discover(
  caller: Caller,
  issuer: string,
  algorithm: 'oidc' | 'oauth2',
): Promise<AuthorizationServer> {
  const url = new URL(issuer)
  return callServer(
    caller,
    `metadata of "issuer" ${issuer}`,
    issuer,
    async (options) => {
      const metadata = await processDiscoveryResponse(
        url,
        await discoveryRequest(url, { ...options, algorithm }),
      )
      const wrong = findWrongEndpoint(metadata)
      if (wrong) throw refuse('discovery_failed', wrong)
      return metadata
    },
    'discovery_failed',
  )
}

const optional = [
  'jwks_uri',
  'pushed_authorization_request_endpoint',
  'revocation_endpoint',
  'end_session_endpoint',
]

/** Finds an endpoint that is missing, or is no place to send a user or a token to; the rest is optional. */
export function findWrongEndpoint(
  metadata: Partial<AuthorizationServer>,
  required: string[] = [],
): string | undefined {
  const needed = ['authorization_endpoint', 'token_endpoint', ...required]
  return [...needed, ...optional].find(
    (field) => (metadata[field] !== undefined || needed.includes(field)) && !isEndpoint(metadata[field]),
  )
}
