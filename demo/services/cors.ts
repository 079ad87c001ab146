import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Lets pages of the allowed origins read what this API answers, and answers preflights itself.
 *
 * @returns whether the answer is complete
 */
export function applyCors(
  request: IncomingMessage,
  response: ServerResponse,
  allowedOrigins: string[],
): boolean {
  const { origin } = request.headers
  const isPreflight =
    request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined

  // Also without an allowed origin: a cache must not hand the answer for one origin to another.
  response.setHeader('Vary', 'Origin')
  if (origin !== undefined && allowedOrigins.includes(origin)) {
    response.setHeader('Access-Control-Allow-Origin', origin)
    // Without this line a page cannot see why its token was refused, nor which nonce is wanted.
    response.setHeader('Access-Control-Expose-Headers', 'WWW-Authenticate, DPoP-Nonce')
    if (isPreflight) {
      response.setHeader('Access-Control-Allow-Methods', 'GET')
      response.setHeader('Access-Control-Allow-Headers', 'Authorization, DPoP')
      response.setHeader('Access-Control-Max-Age', '600')
    }
  }
  if (isPreflight) response.writeHead(204).end()
  return isPreflight
}
