import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Lets pages of the allowed origins read this API's responses, and responds to preflight requests.
 *
 * @returns whether the response is complete
 */
export function applyCors(
  request: IncomingMessage,
  response: ServerResponse,
  allowedOrigins: string[],
): boolean {
  const { origin } = request.headers
  const isPreflight =
    request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined

  // Even for a disallowed origin: a cache must not serve the response for one origin to another.
  response.setHeader('Vary', 'Origin')
  if (origin !== undefined && allowedOrigins.includes(origin)) {
    response.setHeader('Access-Control-Allow-Origin', origin)
    // Without this, a page cannot see why its token was refused, or which nonce is required.
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
