import { createServer, type Server } from 'node:http'
import type { TestAuthorizationServer } from './authorization-server.js'

/** Stops an authorization server, so that nothing listens at its port, and returns the function that starts it again. */
export async function stopServer(as: TestAuthorizationServer): Promise<() => Promise<Server>> {
  await as.close()
  return () =>
    new Promise((resolve, reject) => {
      // The same provider, which remembers its sessions.
      const server = createServer(as.provider.callback())
      server.once('error', reject)
      server.listen(Number(new URL(as.issuer).port), '127.0.0.1', () => resolve(server))
    })
}
