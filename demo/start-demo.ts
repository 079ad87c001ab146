import { buildAppFiles, readCallbackPage } from './app-files.js'
import { startAppServer } from './app-server.js'
import { startAuthorizationServer } from './authorization-server/index.js'
import { findFreePort } from './free-port.js'
import { buildShopRegistration, shopResources, startShop } from './services/shop.js'

/** A running demo. */
export interface RunningDemo {
  /** Where the app is. */
  url: string
  /** The authorization server's issuer identifier. */
  issuer: string
  /** Where the APIs are that the app calls, and the one behind them. */
  services: { orders: string; payments: string; inventory: string }
  /** Ends all servers. */
  close(): Promise<void>
}

/** The ports to start looking for free ones at; the services take the next ones. */
export interface DemoPorts {
  app: number
  authorizationServer: number
}

/** Starts the demo: the authorization server, the shop's services and the app, each at the first free port. */
export async function startDemo(
  ports: DemoPorts = { app: 5173, authorizationServer: 3000 },
): Promise<RunningDemo> {
  const appPort = await findFreePort(ports.app)
  const url = `http://localhost:${appPort}`
  const closers: (() => Promise<void>)[] = []
  const close = async () => void (await Promise.allSettled(closers.splice(0).map((closeOne) => closeOne())))

  try {
    const registration = buildShopRegistration()
    const port = await findFreePort(ports.authorizationServer)
    const authorizationServer = await startAuthorizationServer({
      port,
      appOrigins: [url],
      clientName: 'latchkey demo',
      consent: 'ask',
      ...registration,
      // The orders API may act for every user, and nobody else may.
      tokenExchange: { mayAct: { '*': 'orders-service' } },
    })
    closers.push(() => authorizationServer.close())
    const { issuer } = authorizationServer

    const orders = await findFreePort(port + 1)
    const payments = await findFreePort(orders + 1)
    const inventory = await findFreePort(payments + 1)
    const shop = await startShop({
      issuer,
      registration,
      allowedOrigins: [url],
      ports: { orders, payments, inventory },
    })
    closers.push(() => shop.close())

    const config = {
      issuer,
      clientId: 'demo-app',
      scope: 'openid profile orders:read stock:read payments:read',
      orders: { url: shop.orders.url, resource: shopResources.orders },
      payments: { url: shop.payments.url, resource: shopResources.payments },
    }
    const [app, callbackPage] = await Promise.all([buildAppFiles(config), readCallbackPage()])
    const { origin } = new URL(issuer)
    const server = await startAppServer({
      port: appPort,
      files: new Map([...app, ...callbackPage]),
      connectTo: [origin, shop.orders.url, shop.payments.url],
      frames: [origin],
    })
    closers.push(() => server.close())
    const { url: inventoryUrl } = shop.inventory
    return {
      url,
      issuer,
      services: { orders: shop.orders.url, payments: shop.payments.url, inventory: inventoryUrl },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
