import type { AuthorizationServer } from 'oauth4webapi'

/** Tells whether a value is the URL of an endpoint: `https:`, or `http:` on this device. `javascript:` would run in our page. */
export function isEndpoint(value: unknown): boolean {
  // Not a list with one URL, which would be converted to it.
  if (typeof value !== 'string' || !URL.canParse(value)) return false
  const { protocol, hostname } = new URL(value)
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}

/** Tells whether a host is this device. Only there, plain `http:` is as safe as TLS. */
export function isLoopback(hostname: string): boolean {
  return /^(.+\.)?localhost$|^127(\.\d+){3}$|^\[::1]$/.test(hostname)
}

const optional = [
  'jwks_uri',
  'pushed_authorization_request_endpoint',
  'revocation_endpoint',
  'end_session_endpoint',
]

/** Finds an endpoint that is missing, or not safe to send a user or a token to. */
export function findWrongEndpoint(
  metadata: Partial<AuthorizationServer>,
  required: string[] = [],
): string | undefined {
  const needed = ['authorization_endpoint', 'token_endpoint', ...required]
  return [...needed, ...optional].find(
    (field) => (metadata[field] !== undefined || needed.includes(field)) && !isEndpoint(metadata[field]),
  )
}
