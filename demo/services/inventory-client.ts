import type { Presented } from './access.js'
import type { Call } from './call.js'
import { inventoryScopes } from './inventory-service.js'
import { createServiceClient, type ServiceCredentials } from './service-client.js'
import type { Stock } from './stock-book.js'

/** Where the inventory is, and as whom it is called. */
export interface InventoryClientOptions extends ServiceCredentials {
  url: string
  /** The resource (RFC 8707) that the inventory is. */
  resource: string
}

/** What the inventory answered, and how it was called. */
export interface StockAnswer {
  stock: Stock[]
  call: Call
}

/** How the orders API calls the inventory. */
export interface InventoryClient {
  /** Reads the stock for the user whose token the orders API was called with: as the user, or for the user. */
  readStock(userToken: string, way: 'impersonation' | 'delegation'): Promise<StockAnswer>
  /** Reads what has to be ordered again: the shop's own work, with no user in it. */
  readLowStock(): Promise<StockAnswer>
}

/** Creates the orders API's client of the inventory. */
export function createInventoryClient({
  url,
  resource,
  ...credentials
}: InventoryClientOptions): InventoryClient {
  const { getOwnToken, exchange } = createServiceClient(credentials)
  const getReportToken = () => getOwnToken({ resource, scope: inventoryScopes.report })

  async function call(path: string, token: string, by: Call['by']): Promise<StockAnswer> {
    const response = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } })
    if (!response.ok) throw new Error(`the inventory answered ${response.status} to ${path}`)
    const { stock, presented } = (await response.json()) as { stock: Stock[]; presented: Presented }
    return { stock, call: { from: 'orders', to: 'inventory', path, by, checkedBy: 'signature', presented } }
  }

  return {
    async readStock(userToken, way) {
      const target = { resource, scope: inventoryScopes.read }
      // Its own token says who acts.
      const actorToken = way === 'delegation' ? await getReportToken() : undefined
      return call('/stock', await exchange(userToken, target, actorToken), 'token exchange')
    },
    async readLowStock() {
      return call('/stock/low', await getReportToken(), 'client credentials')
    },
  }
}
