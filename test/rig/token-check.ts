import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Access } from '../../demo/services/access.js'
import { createJwtCheck } from '../../demo/services/jwt-check.js'
import { createProofMemory } from '../../demo/services/proof-memory.js'

/** Options of `createTokenCheck`. */
export interface TokenCheckOptions {
  issuer: string
  /** The resource that tokens must be for. */
  audience: string
  scope: string
  /** The headers that a page may send, beside those of a token. */
  allowedHeaders: string
  /** The headers that a page may read. */
  exposedHeaders: string
}

/** A call with a valid token. */
export type Accepted = Exclude<Access, { error: string }>

/** The demo's check of JWT access tokens, for an API that answers by itself. Gives undefined where the answer is complete. */
export function createTokenCheck(options: TokenCheckOptions) {
  const { issuer, audience, scope, allowedHeaders, exposedHeaders } = options
  const check = createJwtCheck({ realm: 'test', issuer, audience }, createProofMemory())
  return async (request: IncomingMessage, response: ServerResponse): Promise<Accepted | undefined> => {
    response.setHeader('Access-Control-Allow-Origin', request.headers.origin ?? '*')
    response.setHeader('Access-Control-Expose-Headers', exposedHeaders)
    if (request.method === 'OPTIONS') {
      response.setHeader('Access-Control-Allow-Methods', 'GET, POST, DELETE')
      response.setHeader('Access-Control-Allow-Headers', allowedHeaders)
      response.writeHead(204).end()
      return undefined
    }
    const access = await check(request, audience, { scope })
    if (!('error' in access)) return access
    response.writeHead(access.status, access.headers).end()
    return undefined
  }
}
