import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { secondFactor } from '../authorization-server/second-factor.js'
import { createAccessCheck } from './access-check.js'
import { createProofMemory } from './proof-memory.js'
import { applyCors } from './cors.js'
import { listOrders } from './orders.js'

/** What the resource server must know. */
export interface ApiOptions {
  /** The port to listen at; 0 takes any free one. */
  port: number
  /** The authorization server whose tokens are taken. */
  issuer: string
  /** The resource (RFC 8707) that tokens must be for. */
  audience: string
  /** The origins of the apps that may call from a browser. */
  allowedOrigins: string[]
}

/** What a path needs: a scope, and for some of them a stronger login (RFC 9470). */
const needsOf: Record<string, { scope: string; acr?: string; maxAge?: number }> = {
  '/orders': { scope: 'orders:read' },
  '/orders/history': { scope: 'orders:history' },
  '/orders/refunds': { scope: 'orders:read', acr: secondFactor, maxAge: 300 },
}

/** A running resource server. */
export interface RunningApi {
  /** The origin that it listens at. */
  url: string
  /** Wants another nonce in DPoP proofs from now on. */
  renewNonce(): void
  /** Ends it with every open connection. */
  close(): Promise<void>
}

/** Starts the demo's resource server: `GET /orders` lists the orders of the access token's subject. */
export async function startApi({ port, issuer, audience, allowedOrigins }: ApiOptions): Promise<RunningApi> {
  const proofs = createProofMemory()
  const check = createAccessCheck({ issuer, audience }, proofs)

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('Cache-Control', 'no-store')
    if (applyCors(request, response, allowedOrigins)) return
    const { pathname } = new URL(request.url ?? '/', url)
    const needs = needsOf[pathname]
    if (!needs) return send(response, 404, { error: 'not_found' })
    if (request.method !== 'GET') {
      response.setHeader('Allow', 'GET, OPTIONS')
      return send(response, 405, { error: 'method_not_allowed' })
    }
    const access = await check(request, url + pathname, needs.scope, needs)
    if (request.headers.dpop) response.setHeader('DPoP-Nonce', proofs.nonce())
    if ('subject' in access) {
      const orders = listOrders(access.subject)
      const refundable = orders.filter(({ status }) => status === 'delivered')
      return send(response, 200, { orders: pathname === '/orders/refunds' ? refundable : orders })
    }
    if (access.challenge) response.setHeader('WWW-Authenticate', access.challenge)
    if (access.status === 503) response.setHeader('Retry-After', '1')
    send(response, access.status, { error: access.error, error_description: access.description })
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      console.error(error)
      if (!response.headersSent) send(response, 500, { error: 'server_error' })
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, 'localhost', resolve)
  })
  const url = `http://localhost:${(server.address() as AddressInfo).port}`

  return {
    url,
    renewNonce: proofs.renew,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify(body))
}
