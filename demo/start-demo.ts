import { randomUUID } from 'node:crypto'
import { buildAppFiles, readCallbackPage } from './app-files.js'
import { startAppServer } from './app-server.js'
import { startAuthorizationServer } from './authorization-server/index.js'
import { findFreePort } from './free-port.js'
import { createJwtIssuer } from './partner/jwt-issuer.js'
import { startPartner } from './partner/partner-service.js'
import { createSamlIssuer } from './partner/saml-issuer.js'
import { quickStarts } from './quick-start-page.js'
import { buildVariables, createQuickStarts, type QuickStartSettings } from './quick-starts.js'
import {
  buildShippingRegistration,
  shippingClient,
  shippingResource,
  startShipping,
} from './services/shipping.js'
import { buildShopRegistration, createShopSecrets, shopResources, startShop } from './services/shop.js'

/** A running demo. */
export interface RunningDemo {
  /** The app's origin. */
  url: string
  /** The authorization server's issuer identifier. */
  issuer: string
  /** The origins of the APIs that the app calls, and of the inventory API behind them. */
  services: Record<'orders' | 'payments' | 'inventory' | 'partner' | 'deliveries' | 'tracking', string>
  /** The settings with which a reader's own app, at one of `readerOrigins`, can log in here. */
  quickStart: QuickStartSettings
  /** Stops all servers. */
  close(): Promise<void>
}

/** The ports from which to look for free ones; the services take the next ones. 0 takes any free port. */
export interface DemoPorts {
  app: number
  authorizationServer: number
}

/** Starts the demo: the authorization server, the shop's services and the app, each at the first free port. */
export async function startDemo(
  ports: DemoPorts = { app: 5173, authorizationServer: 3000 },
): Promise<RunningDemo> {
  // Both servers read it at each request, because the app's own port is known last.
  const appOrigins: string[] = []
  const closers: (() => Promise<void>)[] = []
  const close = async () => void (await Promise.allSettled(closers.splice(0).map((closeOne) => closeOne())))

  try {
    const secrets = createShopSecrets()
    const shopRegistration = buildShopRegistration(secrets)
    const shippingSecret = randomUUID()
    const shippingRegistration = buildShippingRegistration(shippingSecret)
    const saml = createSamlIssuer({ entityId: 'https://idp.partner.example.com' })
    const jwt = createJwtIssuer('https://idp.partner.example.com')
    const port = await choosePort(ports.authorizationServer)
    const authorizationServer = await startAuthorizationServer({
      port,
      appOrigins,
      clientName: 'latchkey demo',
      otherApps: { [quickStartId]: 'latchkey quick start' },
      appPaths: ['/', ...quickStarts.map((name) => `/${name}/`)],
      consent: 'ask',
      ...shopRegistration,
      resources: { ...shopRegistration.resources, ...shippingRegistration.resources },
      services: { ...shopRegistration.services, ...shippingRegistration.services },
      // Only the orders API may act for users.
      tokenExchange: { mayAct: { '*': 'orders-service' } },
      samlIssuers: { [saml.entityId]: { publicKey: saml.publicKey, scope: 'orders:read' } },
      jwtIssuers: { [jwt.issuer]: { publicKey: jwt.publicKey, scope: 'orders:read' } },
    })
    closers.push(() => authorizationServer.close())
    const { issuer } = authorizationServer

    const orders = await choosePort(port && port + 1)
    const payments = await choosePort(orders && orders + 1)
    const inventory = await choosePort(payments && payments + 1)
    const shop = await startShop({
      issuer,
      secrets,
      allowedOrigins: appOrigins,
      ports: { orders, payments, inventory },
    })
    closers.push(() => shop.close())
    const ordersApi = { url: shop.orders.url, resource: shopResources.orders }
    const partner = await startPartner({
      port: await choosePort(inventory && inventory + 1),
      issuer,
      clientId: 'partner-service',
      ...secrets['partner-service'],
      allowedOrigins: appOrigins,
      orders: ordersApi,
      identityProvider: { saml, jwt },
    })
    closers.push(() => partner.close())

    const deliveries = await choosePort(inventory && inventory + 2)
    const shipping = await startShipping({
      issuer,
      clientId: shippingClient,
      clientSecret: shippingSecret,
      allowedOrigins: appOrigins,
      ports: { deliveries, tracking: await choosePort(deliveries && deliveries + 1) },
    })
    closers.push(() => shipping.close())
    const describeShipping = (name: 'deliveries' | 'tracking') => ({
      url: shipping[name].url,
      resource: shippingResource,
    })

    const config = {
      issuer,
      clientId: 'demo-app',
      scope: 'openid profile orders:read stock:read payments:read shipping:read',
      orders: ordersApi,
      partnerUrl: partner.url,
      payments: { url: shop.payments.url, resource: shopResources.payments },
      shipping: {
        resource: shippingResource,
        deliveries: describeShipping('deliveries'),
        tracking: describeShipping('tracking'),
      },
    }
    const define = { DEMO_CONFIG: JSON.stringify(config) }
    const [app, callbackPage] = await Promise.all([
      buildAppFiles({ folder: 'app', define }),
      readCallbackPage(),
    ])
    const files = new Map([...app, ...callbackPage])
    const quickStart = {
      issuer,
      clientId: quickStartId,
      scope: 'openid profile orders:read',
      resource: ordersApi.resource,
      ordersUrl: ordersApi.url,
    }
    const variables = Object.entries(buildVariables(quickStart)).map(([name, value]) => `${name}=${value}\n`)
    files.set('/quick-start.env', variables.join(''))
    const findQuickStart = createQuickStarts(quickStart)
    const { origin } = new URL(issuer)
    const services = {
      orders: shop.orders.url,
      payments: shop.payments.url,
      inventory: shop.inventory.url,
      partner: partner.url,
      deliveries: shipping.deliveries.url,
      tracking: shipping.tracking.url,
    }
    // Only services call the inventory.
    const { inventory: _, ...calledByApp } = services
    const server = await startAppServer({
      port: await choosePort(ports.app),
      findFile: async (path) => files.get(path) ?? findQuickStart(path),
      connectTo: [origin, ...Object.values(calledByApp)],
      frames: [origin],
      // Vue creates a policy for its templates. It works without one, but browsers then report a violation.
      trustedTypes: (path) => (path.startsWith('/vue/') ? 'vue' : `'none'`),
    })
    closers.push(() => server.close())
    const { url } = server
    appOrigins.push(...new Set([url, ...readerOrigins]))
    return { url, issuer, services, quickStart, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** The origins of a reader's quick start app: Vite's development server, with or without this demo running, and its preview server. */
const readerOrigins = [5173, 5174, 4173].map((port) => `http://localhost:${port}`)

/** The OAuth client of the quick start apps. Their tokens are not bound to a key, so they do not share the main app's session. */
const quickStartId = 'quick-start'

async function choosePort(first: number): Promise<number> {
  return first === 0 ? 0 : findFreePort(first)
}
