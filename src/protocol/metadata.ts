import type { AuthorizationServer } from 'oauth4webapi'
import { fetchDocument } from './fetch-document.js'
import { findWrongEndpoint } from './secure-url.js'
import type { Caller } from './server-call.js'
import { refuse } from './refuse.js'
import { tenantMark } from './tenant-id.js'

/** The server's metadata, and how long it may be cached. */
export interface Discovered {
  metadata: AuthorizationServer
  /** In milliseconds, by `Cache-Control` (RFC 9111 section 5.2.2); undefined if the header does not say. */
  life: number | undefined
}

/**
 * Fetches the server's metadata (RFC 8414 section 3; OpenID Connect Discovery 1.0 section 4).
 *
 * Rejects with `discovery_failed` if the response is not the metadata of that issuer.
 */
export function discover(caller: Caller, issuer: string, algorithm: 'oidc' | 'oauth2'): Promise<Discovered> {
  const name = `the metadata of "issuer" ${issuer}`
  return fetchDocument(caller, name, buildMetadataUrl(issuer, algorithm), (document, headers) => {
    const named = document['issuer']
    if (!isIssuer(named, issuer))
      throw refuse(
        'discovery_failed',
        'issuer',
        `${name} names the issuer ${typeof named === 'string' ? named : '(not a string)'}, expected ${new URL(issuer).href}: copy "issuer" exactly from the metadata of the server`,
      )
    const metadata = document as unknown as AuthorizationServer
    checkEndpoints(metadata)
    const limit = /no-store|no-cache|max-age=(\d+)/.exec(headers.get('cache-control') ?? '')
    return { metadata, life: limit ? Number(limit[1] ?? 0) * 1000 : undefined }
  })
}

/** Tells whether a value names the issuer. The same URL can be written in two ways (RFC 8414 section 3.3). */
function isIssuer(value: unknown, issuer: string): boolean {
  return typeof value === 'string' && URL.canParse(value) && new URL(value).href === new URL(issuer).href
}

/** Tells whether a stored value is metadata of the issuer that `discover` would accept. */
export function isMetadata(value: Partial<AuthorizationServer>, issuer: string): boolean {
  return isIssuer(value.issuer, issuer) && !findWrongEndpoint(value)
}

function buildMetadataUrl(issuer: string, algorithm: 'oidc' | 'oauth2'): string {
  // The one document that names all tenants.
  const url = new URL(issuer.replace(tenantMark, 'common'))
  const path = url.pathname.replace(/\/$/, '')
  url.pathname =
    algorithm === 'oidc'
      ? `${path}/.well-known/openid-configuration`
      : `/.well-known/oauth-authorization-server${path}`
  return url.href
}

/** Throws `discovery_failed` for an endpoint that is missing, or is not safe to send a user or a token to. */
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
