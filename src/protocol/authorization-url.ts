import type { AuthorizationServer } from 'oauth4webapi'

/** How the response is delivered (OAuth 2.0 Multiple Response Types section 2.1; Web Message Response Mode). */
export type ResponseMode = 'web_message' | 'fragment' | 'query'

/** Chooses the response mode. `fragment` comes before `query`, because it keeps the code out of server logs. */
export function chooseResponseMode(
  { response_modes_supported: supported }: AuthorizationServer,
  configured: ResponseMode | undefined,
  canHearServer: boolean,
): ResponseMode {
  if (configured && (canHearServer || configured !== 'web_message')) return configured
  if (canHearServer && supported?.includes('web_message')) return 'web_message'
  if (!supported || supported.includes('fragment')) return 'fragment'
  return 'query'
}

/**
 * Builds the URL of an authorization request (RFC 6749 section 4.1.1, RFC 7636 section 4.3, RFC 8707 section 2.1).
 *
 * @param raw parameters that are sent as they are; the last one of a name counts. They cannot replace one of ours
 * @param ours parameters by our names: `loginHint` is sent as `login_hint`, an object as JSON, an empty one is not sent
 */
export function buildAuthorizationUrl(
  { authorization_endpoint }: AuthorizationServer,
  raw: [name: string, value: string | undefined][],
  ours: Record<string, unknown>,
  resources: string[],
): string {
  const url = new URL(authorization_endpoint!)
  const { searchParams } = url
  for (const [name, value] of raw) if (value !== undefined) searchParams.set(name, value)
  for (const [name, value] of Object.entries(ours))
    if (value !== undefined && value !== '')
      searchParams.set(
        name.replace(/[A-Z]/g, (letter) => '_' + letter.toLowerCase()),
        typeof value === 'object' ? JSON.stringify(value) : `${value}`,
      )
  for (const resource of resources) if (resource) searchParams.append('resource', resource)
  return url.href
}
