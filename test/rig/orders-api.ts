import { startOrders, type OrdersService } from '../../demo/services/orders-service.js'
import { test as base } from './fixtures.js'

export { expect } from './fixtures.js'

/** The resource whose tokens the orders API takes, as `asOptions` and client options want it. */
export const orders = {
  resource: 'https://orders.example.com',
  scope: 'orders:read',
  /** What `/orders/history` needs beside it. */
  more: 'orders:history',
}

/** The rig's `test` with the demo's orders API, which validates JWT access tokens and DPoP proofs. */
export const test = base.extend<{ api: OrdersService }>({
  asOptions: { resources: { [orders.resource]: { scope: `${orders.scope} ${orders.more}` } } },
  api: async ({ app, as }, use) => {
    const api = await startOrders({
      port: 0,
      issuer: as.issuer,
      audience: orders.resource,
      allowedOrigins: [app.origin],
    })
    await use(api)
    await api.close()
  },
})
