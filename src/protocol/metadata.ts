import type { AuthorizationServer } from 'oauth4webapi'
import { fetchDocument } from './fetch-document.js'
import { isEndpoint, type Caller } from './server-call.js'
import { refuse } from './to-auth-error.js'

/** The server's metadata, and how long they may be kept. */
export interface Discovered {
  metadata: AuthorizationServer
  /** In milliseconds, by `Cache-Control` (RFC 9111 section 5.2.2); undefined where that says nothing. */
  life: number | undefined
}

/** The endpoints that each login needs. */
const neededEndpoints = ['authorization_endpoint', 'token_endpoint']
/** The endpoints that may be missing. */
const optionalEndpoints = [
  'jwks_uri',
  'pushed_authorization_request_endpoint',
  'revocation_endpoint',
  'end_session_endpoint',
]

/**
 * Reads the server's metadata (RFC 8414; OpenID Connect Discovery 1.0).
 *
 * Rejects with `discovery_failed` when what answers is not the metadata of that issuer.
 */
export function discover(caller: Caller, issuer: string, algorithm: 'oidc' | 'oauth2'): Promise<Discovered> {
  const name = `the metadata of "issuer" ${issuer}`
  return fetchDocument(caller, name, buildMetadataUrl(issuer, algorithm), (metadata, { headers }) => {
    const named = typeof metadata.issuer === 'string' ? metadata.issuer : ''
    if (!URL.canParse(named) || new URL(named).href !== new URL(issuer).href)
      throw refuse(
        'discovery_failed',
        'issuer',
        `${name} names the issuer ${named}, expected ${issuer}: set "issuer" to exactly that of the server`,
      )
    checkEndpoints(metadata)
    const limit = /no-store|no-cache|max-age=(\d+)/.exec(headers.get('cache-control') ?? '')
    return { metadata, life: limit ? Number(limit[1] ?? 0) * 1000 : undefined }
  })
}

/** Builds the URL that the metadata are at (OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3). */
function buildMetadataUrl(issuer: string, algorithm: 'oidc' | 'oauth2'): string {
  const url = new URL(issuer)
  const path = url.pathname.replace(/\/$/, '')
  url.pathname =
    algorithm === 'oidc'
      ? path + '/.well-known/openid-configuration'
      : '/.well-known/oauth-authorization-server' + path
  return url.href
}

/** Finds an endpoint that is missing, or is no place to send a user or a token to; the rest is optional. */
export function findWrongEndpoint(
  metadata: Partial<AuthorizationServer>,
  required: string[] = [],
): string | undefined {
  const needed = [...neededEndpoints, ...required]
  return [...needed, ...optionalEndpoints].find(
    (field) => (metadata[field] !== undefined || needed.includes(field)) && !isEndpoint(metadata[field]),
  )
}

/** Throws `discovery_failed` for an endpoint that is missing, or is no place to send a user or a token to. */
export function checkEndpoints(metadata: Partial<AuthorizationServer>, required?: string[]): void {
  const wrong = findWrongEndpoint(metadata, required)
  if (!wrong) return
  const why = metadata[wrong] === undefined ? 'is missing' : 'is not an https: URL'
  throw refuse('discovery_failed', wrong, `"${wrong}" ${why} in the server's metadata`)
}
