import { test as base, vi } from 'vitest'
import {
  startTestAuthorizationServer,
  type TestAuthorizationServer,
  type TestAuthorizationServerOptions,
} from '../rig/authorization-server.js'
import { appOrigin, openNodeClient, type NodeClient, type NodeClientOptions } from '../rig/node-client.js'

export { expect } from 'vitest'
export type { TestAuthorizationServer } from '../rig/authorization-server.js'
export type { NodeClient } from '../rig/node-client.js'

interface Fixtures {
  /** Options of `as`, by `test.override({ asOptions: { … } })`. */
  asOptions: TestAuthorizationServerOptions
  /** Options of `client`, by `test.override({ clientOptions: { … } })`. */
  clientOptions: NodeClientOptions
  /** The authorization server of this test. */
  as: TestAuthorizationServer
  /** Starts one more authorization server. */
  startAs: (options?: TestAuthorizationServerOptions) => Promise<TestAuthorizationServer>
  /** A client at `as`. */
  client: NodeClient
  servers: TestAuthorizationServer[]
}

// Milliseconds as a rule; a busy machine takes its time.
vi.setConfig({ testTimeout: 30_000 })

/** vitest's `test` with an authorization server of its own for each test, and the part of a client that judges its answers. */
export const test = base.extend<Fixtures>({
  asOptions: {},
  clientOptions: {},
  servers: async ({}, use) => {
    const servers: TestAuthorizationServer[] = []
    await use(servers)
    await Promise.all(servers.map((server) => server.close()))
  },
  startAs: async ({ servers }, use) => {
    await use(async (options) => {
      const as = await startTestAuthorizationServer({ ...options, appOrigins: [appOrigin] })
      servers.push(as)
      return as
    })
  },
  as: async ({ startAs, asOptions }, use) => use(await startAs(asOptions)),
  client: async ({ as, clientOptions }, use) => use(await openNodeClient(as, clientOptions)),
})
