import { createJwtCheck } from './jwt-check.js'
import { createProofMemory } from './proof-memory.js'
import type { RunningService } from './json-server.js'
import { startService, type Granted } from './start-service.js'
import { listLowStock, listStock } from './stock-book.js'

/** What the inventory API must know. */
export interface InventoryOptions {
  /** The port to listen at; 0 takes any free one. */
  port: number
  /** The authorization server whose tokens are taken. */
  issuer: string
  /** The resource (RFC 8707) that tokens must be for. */
  audience: string
}

/** What tokens for the inventory API may allow: to see the stock, and to see what the shop has to order again. */
export const inventoryScopes = { read: 'stock:read', report: 'stock:report' }

/**
 * Starts the inventory API, which other services call, and no browser does. It answers with what it saw in the token, so that
 * the demo can show it.
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
