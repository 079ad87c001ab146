import { buildAppFiles, readCallbackPage } from './app-files.js'
import { startAppServer } from './app-server.js'
import { startOrders } from './services/orders-service.js'
import { startAuthorizationServer } from './authorization-server/index.js'
import { findFreePort } from './free-port.js'

/** A running demo. */
export interface RunningDemo {
  /** Where the app is. */
  url: string
  /** The authorization server's issuer identifier. */
  issuer: string
  /** Where the resource server is. */
  apiUrl: string
  /** Ends all three servers. */
  close(): Promise<void>
}

/** The ports to start looking for a free one at. */
export interface DemoPorts {
  app: number
  authorizationServer: number
  api: number
}

const resource = 'https://orders.example.com'

/** Starts the demo: the authorization server, the resource server and the app, each at the first free port. */
export async function startDemo(
  ports: DemoPorts = { app: 5173, authorizationServer: 3000, api: 3001 },
): Promise<RunningDemo> {
  const appPort = await findFreePort(ports.app)
  const url = `http://localhost:${appPort}`
  const closers: (() => Promise<void>)[] = []
  const close = async () => void (await Promise.allSettled(closers.splice(0).map((closeOne) => closeOne())))

  try {
    const authorizationServer = await startAuthorizationServer({
      port: await findFreePort(ports.authorizationServer),
      appOrigins: [url],
      clientName: 'latchkey demo',
      consent: 'ask',
      tokenExchange: true,
      resources: { [resource]: { scope: 'orders:read' } },
    })
    closers.push(() => authorizationServer.close())
    const { issuer } = authorizationServer

    const api = await startOrders({
      port: await findFreePort(ports.api),
      issuer,
      audience: resource,
      allowedOrigins: [url],
    })
    closers.push(() => api.close())

    const config = {
      issuer,
      clientId: 'demo-app',
      scope: 'openid profile orders:read',
      resource,
      apiUrl: api.url,
    }
    const [app, callbackPage] = await Promise.all([buildAppFiles(config), readCallbackPage()])
    const { origin } = new URL(issuer)
    const server = await startAppServer({
      port: appPort,
      files: new Map([...app, ...callbackPage]),
      connectTo: [origin, api.url],
      frames: [origin],
    })
    closers.push(() => server.close())
    return { url, issuer, apiUrl: api.url, close }
  } catch (error) {
    await close()
    throw error
  }
}
