import { processDiscoveryResponse, type AuthorizationServer } from 'oauth4webapi'
import { clean } from '../src/doctor/report.js'

/** The metadata of a server, and where it was. */
export interface PublishedMetadata {
  metadata: AuthorizationServer
  /** The option `discovery` that makes the client read it from the same place. */
  discovery: 'oidc' | 'oauth2'
}

/** Reads the metadata of a server (OpenID Connect Discovery, or RFC 8414). Its error messages are for the user who typed the issuer. */
export async function readMetadata(issuer: string): Promise<PublishedMetadata> {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  const places = [
    { discovery: 'oidc', address: `${origin}${path}/.well-known/openid-configuration` },
    { discovery: 'oauth2', address: `${origin}/.well-known/oauth-authorization-server${path}` },
  ] as const
  const problems: string[] = []
  for (const { discovery, address } of places) {
    try {
      // The client does not follow redirects here, either.
      const response = await fetch(address, { redirect: 'manual', signal: AbortSignal.timeout(30_000) })
      if (response.status >= 300 && response.status < 400) throw new Error(describeRedirect(response))
      if (!response.ok) throw new Error(`HTTP ${response.status}`)
      return { metadata: await processDiscoveryResponse(new URL(issuer), response), discovery }
    } catch (error) {
      problems.push(`  ${address}: ${clean(describe(error))}`)
    }
  }
  throw new Error(`cannot read the metadata of ${issuer}\n${problems.join('\n')}`)
}

function describeRedirect({ status, headers }: Response): string {
  const target = headers.get('location') ?? 'nowhere'
  return `HTTP ${status}: a redirect to ${target}, which is not followed. Serve the metadata at this URL itself`
}

function describe(error: unknown): string {
  const { message, cause } = error as Error
  const { attribute, body } = Object(cause) as { attribute?: string; body?: { issuer?: unknown } }
  if (attribute === 'issuer') return `the metadata names another issuer, ${JSON.stringify(body?.issuer)}`
  if (cause instanceof SyntaxError) return 'the response is not JSON'
  // When Node's fetch fails, only the cause says what happened.
  return cause instanceof Error ? `no connection (${'code' in cause ? cause.code : cause.message})` : message
}
