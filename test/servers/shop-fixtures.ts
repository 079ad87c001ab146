import { startShop, type Shop } from '../../demo/services/shop.js'
import type { ShopAtServer } from './real-server.js'
import { annotationTypes } from './read-report.js'
import { test as base } from './fixtures.js'
import { publishKeys, readKey } from './shop-keys.js'

export { expect } from './fixtures.js'

interface ShopOptions {
  /** The shop's registration at the server. */
  atServer: ShopAtServer
}

interface ShopFixtures {
  /** The demo's services, which know this server instead of the demo's. */
  shop: Shop
  /** Writes what the server answered into the matrix. */
  note: (text: string) => void
}

/** The walk's `test` with the services of the demo's shop. */
export const test = base.extend<ShopOptions & ShopFixtures, { keys: void }>({
  atServer: [undefined as unknown as ShopAtServer, { option: true }],

  keys: [
    async ({}, use) => {
      const end = await publishKeys()
      await use()
      await end()
    },
    { scope: 'worker' },
  ],

  shop: async ({ server, app, atServer, keys }, use) => {
    void keys
    const shop = await startShop({
      issuer: server.issuer,
      secrets: shopSecrets,
      targetParameter: atServer.targetParameter,
      allowedOrigins: [app.origin],
      ports: { orders: 0, payments: 0, inventory: 0 },
    })
    await use(shop)
    await shop.close()
  },

  note: async ({}, use, { annotations }) => {
    await use((description) => void annotations.push({ type: annotationTypes.note, description }))
  },
})

/** The secrets of the shop's services at each server. */
export const shopSecrets = {
  'orders-service': { privateKey: readKey('orders-service') },
  'payments-service': { clientSecret: 'payments-secret' },
  'partner-service': { clientSecret: 'partner-secret' },
}
