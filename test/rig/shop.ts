import { buildShopRegistration, createShopSecrets, startShop, type Shop } from '../../demo/services/shop.js'
import { test as base } from './fixtures.js'

export { expect } from './fixtures.js'
export { shopResources } from '../../demo/services/shop.js'

/** The secrets of the shop's services at the authorization server of each test in this file. */
export const secrets = createShopSecrets()

const registration = buildShopRegistration(secrets)

/** The rig's `test` with all services of the demo's shop. */
export const test = base.extend<{ shop: Shop }>({
  asOptions: {
    ...registration,
    tokenExchange: { mayAct: { '*': 'orders-service' } },
  },
  shop: async ({ app, as }, use) => {
    const shop = await startShop({
      issuer: as.issuer,
      secrets,
      allowedOrigins: [app.origin],
      ports: { orders: 0, payments: 0, inventory: 0 },
    })
    await use(shop)
    await shop.close()
  },
})
