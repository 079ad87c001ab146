import { secondFactor } from '../authorization-server/second-factor.js'
import { createJwtCheck } from './jwt-check.js'
import { listOrders } from './order-book.js'
import { createProofMemory } from './proof-memory.js'
import { startService, type Granted, type RunningService } from './start-service.js'

/** What the orders API must know. */
export interface OrdersOptions {
  /** The port to listen at; 0 takes any free one. */
  port: number
  /** The authorization server whose tokens are taken. */
  issuer: string
  /** The resource (RFC 8707) that tokens must be for. */
  audience: string
  /** The origins of the apps that may call from a browser. */
  allowedOrigins: string[]
}

/** The running orders API. */
export interface OrdersService extends RunningService {
  /** Wants another nonce in DPoP proofs from now on. */
  renewNonce(): void
}

/** Starts the orders API, which takes JWT access tokens: `GET /orders` lists the orders of the token's subject. */
export async function startOrders({
  port,
  issuer,
  audience,
  allowedOrigins,
}: OrdersOptions): Promise<OrdersService> {
  const proofs = createProofMemory()
  const list = ({ presented }: Granted) => ({ orders: listOrders(presented.subject) })
  const listRefundable = ({ presented }: Granted) => ({
    orders: listOrders(presented.subject).filter(({ status }) => status === 'delivered'),
  })
  const service = await startService({
    port,
    allowedOrigins,
    check: createJwtCheck({ realm: 'orders', issuer, audience }, proofs),
    routes: {
      '/orders': { scope: 'orders:read', answer: list },
      '/orders/history': { scope: 'orders:history', answer: list },
      '/orders/refunds': { scope: 'orders:read', acr: secondFactor, maxAge: 300, answer: listRefundable },
    },
  })
  return { ...service, renewNonce: proofs.renew }
}
