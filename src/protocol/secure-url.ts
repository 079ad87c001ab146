import type { AuthorizationServer } from 'oauth4webapi'

/** Tells whether a URL can be an endpoint: `https:`, or `http:` on this device itself. `javascript:` would run in our page. */
export function isEndpoint(value: unknown): boolean {
  const { protocol, hostname = '' } = URL.canParse(value as string)
    ? new URL(value as string)
    : ({} as Partial<URL>)
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}

/** Tells whether a host is this device itself: only there is plain `http:` as good as TLS. */
export function isLoopback(hostname: string): boolean {
  return /^(.+\.)?localhost$|^127(\.\d+){3}$|^\[::1]$/.test(hostname)
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
