import {
  customFetch,
  discoveryRequest,
  processDiscoveryResponse,
  type AuthorizationServer,
} from 'oauth4webapi'
import { findWrongEndpoint } from './secure-url.js'
import { callServer, type Caller } from './server-call.js'
import { refuse } from './to-auth-error.js'

/** The server's metadata, and how long they may be kept. */
export interface Discovered {
  metadata: AuthorizationServer
  /** In milliseconds, by `Cache-Control` (RFC 9111 section 5.2.2); undefined where that says nothing. */
  life: number | undefined
}

/**
 * Reads the server's metadata (RFC 8414; OpenID Connect Discovery 1.0).
 *
 * Rejects with `discovery_failed` when what answers is not the metadata of that issuer.
 */
export function discover(caller: Caller, issuer: string, algorithm: 'oidc' | 'oauth2'): Promise<Discovered> {
  const url = new URL(issuer)
  return callServer(
    caller,
    `the metadata of "issuer" ${issuer}`,
    issuer,
    async (options) => {
      const { [customFetch]: fetch } = options
      const response = await discoveryRequest(url, {
        ...options,
        algorithm,
        // We keep it ourselves, and ask when that is of no use: the browser's own copy would be the same.
        [customFetch]: (href: string, init: object) => fetch(href, { ...init, cache: 'no-cache' }),
      })
      const metadata = await processDiscoveryResponse(url, response)
      checkEndpoints(metadata)
      const limit = /no-store|no-cache|max-age=(\d+)/.exec(response.headers.get('cache-control') ?? '')
      return { metadata, life: limit ? Number(limit[1] ?? 0) * 1000 : undefined }
    },
    'discovery_failed',
  )
}

/** Throws `discovery_failed` for an endpoint that is missing, or is no place to send a user or a token to. */
export function checkEndpoints(metadata: Partial<AuthorizationServer>, required?: string[]): void {
  const wrong = findWrongEndpoint(metadata, required)
  if (!wrong) return
  const why = metadata[wrong] === undefined ? 'is missing' : 'is not an https: URL'
  throw refuse(
    'discovery_failed',
    wrong,
    `"${wrong}" ${why} in the server's metadata: fix it there, or set the option "metadata"`,
  )
}
