import { test as base } from '@playwright/test'
import { startAppServer, type AppServer, type AppServerOptions } from './app-server.js'
import {
  startTestAuthorizationServer,
  type TestAuthorizationServer,
  type TestAuthorizationServerOptions,
} from './authorization-server.js'

export { expect } from '@playwright/test'
export type { AppServer, RouteAnswer } from './app-server.js'
export type { TestAuthorizationServer } from './authorization-server.js'

/** The options that a project can set. */
export interface RigOptions {
  /** Options of `as`, by `test.use({ asOptions: { … } })`. */
  asOptions: TestAuthorizationServerOptions
  /** Options of `app`, by `test.use({ appOptions: { … } })`. */
  appOptions: AppServerOptions
  /** What the test page loads, unless the test says otherwise: `latchkey`, or `latchkey/lazy`. */
  entry: 'latchkey' | 'latchkey/lazy'
  /** Where sessions are held, unless the test says otherwise: in the page, or in a worker of this kind. */
  vaultIn: 'page' | 'shared' | 'worker'
}

interface RigFixtures {
  /** The app's origin; also Playwright's `baseURL`. */
  app: AppServer
  /** The authorization server that `app` is registered at. */
  as: TestAuthorizationServer
  /** Starts one more app origin and registers it at all authorization servers of the test. */
  startApp: (options?: AppServerOptions) => Promise<AppServer>
  /** Starts one more authorization server that knows all apps of the test. */
  startAs: (options?: TestAuthorizationServerOptions) => Promise<TestAuthorizationServer>
  servers: { apps: AppServer[]; authorizationServers: TestAuthorizationServer[] }
}

/** Playwright's `test` with an app and an authorization server of its own for each test. */
export const test = base.extend<RigOptions & RigFixtures>({
  asOptions: [{}, { option: true }],
  appOptions: [{}, { option: true }],
  entry: ['latchkey', { option: true }],
  vaultIn: ['page', { option: true }],

  servers: async ({}, use) => {
    const servers: RigFixtures['servers'] = { apps: [], authorizationServers: [] }
    await use(servers)
    await Promise.all([...servers.apps, ...servers.authorizationServers].map((server) => server.close()))
  },

  startApp: async ({ servers, entry, vaultIn }, use) => {
    await use(async (options) => {
      const app = await startAppServer(options)
      if (entry === 'latchkey/lazy') app.bundle = 'lazy/latchkey.js'
      servers.apps.push(app)
      for (const as of servers.authorizationServers) as.appOrigins.push(app.origin)
      const [first] = servers.authorizationServers
      if (first) app.authDefaults = defaultsFor(first, vaultIn)
      return app
    })
  },

  startAs: async ({ servers, vaultIn }, use) => {
    await use(async (options = {}) => {
      const origins = servers.apps.map(({ origin }) => origin)
      const appOrigins = [...new Set([...origins, ...(options.appOrigins ?? [])])]
      const as = await startTestAuthorizationServer({ ...options, appOrigins })
      servers.authorizationServers.push(as)
      if (servers.authorizationServers.length === 1) {
        for (const app of servers.apps) app.authDefaults = defaultsFor(as, vaultIn)
      }
      return as
    })
  },

  app: async ({ startApp, appOptions }, use) => use(await startApp(appOptions)),
  as: async ({ app, startAs, asOptions }, use) => {
    void app
    await use(await startAs(asOptions))
  },
  baseURL: async ({ app }, use) => use(app.origin),
})

function defaultsFor(as: TestAuthorizationServer, vaultIn: RigOptions['vaultIn']): object {
  const vault = vaultIn !== 'page' && { vault: vaultIn }
  return { issuer: as.issuer, clientId: as.clientId, ...vault }
}
