import { processDiscoveryResponse, type AuthorizationServer } from 'oauth4webapi'

/** Reads the metadata of a server (OpenID Connect Discovery, or RFC 8414). Its error messages are for the user who typed the issuer. */
export async function readMetadata(issuer: string): Promise<AuthorizationServer> {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  const addresses = [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ]
  const problems: string[] = []
  for (const address of addresses) {
    try {
      const response = await fetch(address, { signal: AbortSignal.timeout(30_000) })
      if (!response.ok) throw new Error(`HTTP ${response.status}`)
      return await processDiscoveryResponse(new URL(issuer), response)
    } catch (error) {
      problems.push(`  ${address}: ${describe(error)}`)
    }
  }
  throw new Error(`cannot read the metadata of ${issuer}\n${problems.join('\n')}`)
}

function describe(error: unknown): string {
  const { message, cause } = error as Error
  const { attribute, body } = Object(cause) as { attribute?: string; body?: { issuer?: unknown } }
  if (attribute === 'issuer') return `the metadata names another issuer, ${JSON.stringify(body?.issuer)}`
  // When Node's fetch fails, only the cause says what happened.
  return cause instanceof Error ? `no connection (${'code' in cause ? cause.code : cause.message})` : message
}
