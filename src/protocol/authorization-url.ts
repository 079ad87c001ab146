import type { AuthorizationServer } from 'oauth4webapi'

/** How an answer comes back (OAuth 2.0 Multiple Response Types section 2.1; Web Message Response Mode). */
export type ResponseMode = 'web_message' | 'fragment' | 'query'

/** Chooses how the answer shall come back. `fragment` before `query`: it keeps the code out of server logs. */
export function chooseResponseMode(
  { response_modes_supported: supported }: AuthorizationServer,
  wanted: ResponseMode | undefined,
  canHearServer: boolean,
): ResponseMode {
  if (wanted && (canHearServer || wanted !== 'web_message')) return wanted
  if (canHearServer && supported?.includes('web_message')) return 'web_message'
  if (!supported || supported.includes('fragment')) return 'fragment'
  return 'query'
}

/**
 * Builds the URL of an authorization request (RFC 6749 section 4.1.1, RFC 7636 section 4.3, RFC 8707 section 2.1).
 *
 * @param raw parameters as they are, the last of a name counts; they cannot replace one of ours
 * @param ours parameters by our names: `loginHint` is sent as `login_hint`, objects as JSON, empty ones not at all
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
