import { secondFactor } from '../authorization-server/second-factor.js'
import type { Call } from './call.js'
import { createInventoryClient, type InventoryClientOptions } from './inventory-client.js'
import { createJwtCheck } from './jwt-check.js'
import { listOrders } from './order-book.js'
import { createProofMemory } from './proof-memory.js'
import type { RunningService } from './json-server.js'
import { startService, type Granted } from './start-service.js'

/** Options of `startOrders`. */
export interface OrdersOptions {
  /** The port to listen on; 0 takes any free port. */
  port: number
  /** The authorization server whose tokens are accepted. */
  issuer: string
  /** The resource (RFC 8707) that tokens must be issued for. */
  audience: string
  /** The origins of the apps that may call from a browser. */
  allowedOrigins: string[]
  /** The inventory API, and the credentials to call it. Without it, the paths that need it do not exist. */
  inventory?: InventoryClientOptions
}

/** The running orders API. */
export interface OrdersService extends RunningService {
  /** Requires a new nonce in DPoP proofs from now on. */
  renewNonce(): void
}

const scope = 'orders:read'
/** The scope with which a user lets the orders API read the stock. It becomes the scope of the exchanged token. */
const stockScope = 'stock:read'

/**
 * Starts the orders API, which accepts JWT access tokens. `GET /orders` lists the orders of the token's subject. For `/orders/stock`
 * it calls the inventory API for the user, and for `/orders/supply` on its own behalf.
 */
export async function startOrders({
  port,
  issuer,
  audience,
  allowedOrigins,
  inventory,
}: OrdersOptions): Promise<OrdersService> {
  const proofs = createProofMemory()
  const orders = ({ presented }: Granted) => listOrders(presented.subject)
  const service = await startService({
    port,
    allowedOrigins,
    check: createJwtCheck({ realm: 'orders', issuer, audience }, proofs),
    routes: {
      '/orders': {
        scope,
        answer: (granted) => ({ orders: orders(granted), calls: [describe(granted, '/orders')] }),
      },
      '/orders/history': { scope: 'orders:history', answer: (granted) => ({ orders: orders(granted) }) },
      '/orders/refunds': {
        scope,
        acr: secondFactor,
        maxAge: 300,
        answer: (granted) => ({
          orders: orders(granted).filter(({ status }) => status === 'delivered'),
          calls: [describe(granted, '/orders/refunds')],
        }),
      },
      ...(inventory && buildStockRoutes(inventory)),
    },
  })
  return { ...service, renewNonce: proofs.renew }
}

function buildStockRoutes(options: InventoryClientOptions) {
  const { readStock, readLowStock } = createInventoryClient(options)
  return {
    '/orders/stock': {
      scope: stockScope,
      async answer(granted: Granted) {
        const way = granted.query.get('way') === 'impersonation' ? 'impersonation' : 'delegation'
        const { stock, call } = await readStock(granted.token, way)
        const wanted = new Set(
          listOrders(granted.presented.subject).flatMap(({ items }) => items.map(({ name }) => name)),
        )
        return {
          stock: stock.filter(({ name }) => wanted.has(name)),
          calls: [describe(granted, '/orders/stock'), call],
        }
      },
    },
    '/orders/supply': {
      scope,
      async answer(granted: Granted) {
        const { stock, call } = await readLowStock()
        return { stock, calls: [describe(granted, '/orders/supply'), call] }
      },
    },
  }
}

function describe({ presented }: Granted, path: string): Call {
  // Assumes an app that users log in to. A partner itself reports how it got its token.
  return { from: presented.client, to: 'orders', path, by: 'login', checkedBy: 'signature', presented }
}
