import type { Presented } from './access.js'
import type { Call } from './call.js'
import { inventoryScopes } from './inventory-service.js'
import { createServiceClient, type ServiceCredentials } from './service-client.js'
import type { Stock } from './stock-book.js'

/** Options of `createInventoryClient`: the inventory API, and the caller's credentials. */
export type InventoryClientOptions = ServiceCredentials & {
  url: string
  /** The resource identifier (RFC 8707) of the inventory API. */
  resource: string
}

/** The inventory API's response, and the call. */
export interface StockAnswer {
  stock: Stock[]
  call: Call
}

/** The orders API's client of the inventory API. */
export interface InventoryClient {
  /** Reads the stock with the user's token: as the user (impersonation), or on the user's behalf (delegation). */
  readStock(userToken: string, way: 'impersonation' | 'delegation'): Promise<StockAnswer>
  /** Reads the articles to reorder, on the shop's own behalf and without a user. */
  readLowStock(): Promise<StockAnswer>
}

/** Creates the orders API's client of the inventory API. */
export function createInventoryClient({
  url,
  resource,
  ...credentials
}: InventoryClientOptions): InventoryClient {
  const { getOwnToken, exchange } = createServiceClient(credentials)
  const getReportToken = () => getOwnToken({ resource, scope: inventoryScopes.report })

  async function call(path: string, token: string, by: Call['by']): Promise<StockAnswer> {
    const response = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } })
    if (!response.ok) throw new Error(`the inventory API answered ${path} with HTTP ${response.status}`)
    const { stock, presented } = (await response.json()) as { stock: Stock[]; presented: Presented }
    return { stock, call: { from: 'orders', to: 'inventory', path, by, checkedBy: 'signature', presented } }
  }

  return {
    async readStock(userToken, way) {
      const target = { resource, scope: inventoryScopes.read }
      // The service's own token identifies the actor.
      const actorToken = way === 'delegation' ? await getReportToken() : undefined
      return call('/stock', await exchange(userToken, target, actorToken), 'token exchange')
    },
    async readLowStock() {
      return call('/stock/low', await getReportToken(), 'client credentials')
    },
  }
}
