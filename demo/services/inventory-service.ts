import { createJwtCheck } from './jwt-check.js'
import { createProofMemory } from './proof-memory.js'
import type { RunningService } from './json-server.js'
import { startService, type Granted } from './start-service.js'
import { listLowStock, listStock } from './stock-book.js'

/** Options of `startInventory`. */
export interface InventoryOptions {
  /** The port to listen on; 0 takes any free port. */
  port: number
  /** The authorization server whose tokens are accepted. */
  issuer: string
  /** The resource (RFC 8707) that tokens must be issued for. */
  audience: string
}

/** The scopes of the inventory API: to see the stock, and to see what the shop has to reorder. */
export const inventoryScopes = { read: 'stock:read', report: 'stock:report' }

/**
 * Starts the inventory API, which only other services call. Its responses include the content of the token, so that the demo can
 * show it.
 */
export function startInventory({ port, issuer, audience }: InventoryOptions): Promise<RunningService> {
  const { read, report } = inventoryScopes
  return startService({
    port,
    check: createJwtCheck({ realm: 'inventory', issuer, audience }, createProofMemory()),
    routes: {
      '/stock': {
        scope: read,
        answer: ({ presented }: Granted) => ({ stock: listStock(), presented }),
      },
      '/stock/low': {
        scope: report,
        answer: ({ presented }: Granted) => ({ stock: listLowStock(), presented }),
      },
    },
  })
}
