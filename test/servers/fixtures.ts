import { test as base, type Page, type Request } from '@playwright/test'
import type { AuthorizationServer } from 'oauth4webapi'
import { startAppServer, type AppServer } from '../rig/app-server.js'
import { appPort } from './addresses.js'
import { annotationTypes } from './read-report.js'
import type { Missing, RealServer } from './real-server.js'

export { expect } from '@playwright/test'

/** What a browser sent to a server. */
export interface ServerTraffic {
  metadata: AuthorizationServer
  /** Every request to the server's origin, preflights left out. */
  requests: Request[]
  /** How many went to an endpoint of the metadata, by its name without `_endpoint`. */
  count: (endpoint: string) => number
  /** Reads the responses of the token endpoint to the page, in order, including `refresh_token`. */
  readTokens: (page: Page) => Promise<Record<string, unknown>[]>
}

interface ServerOptions {
  /** The server that is walked through. */
  server: RealServer
}

interface ServerFixtures {
  /** Writes down which browser the test ran in. */
  engine: void
  /** The app, where the servers expect it. */
  app: AppServer
  traffic: ServerTraffic
}

/** Playwright's `test` with an app at `http://localhost:5190` and an ear on what the browser sends to the server. */
export const test = base.extend<ServerOptions & ServerFixtures>({
  server: [undefined as unknown as RealServer, { option: true }],

  engine: [
    async ({ browserName, browser }, use, { annotations }) => {
      const name = browserName.charAt(0).toUpperCase() + browserName.slice(1)
      annotations.push({ type: annotationTypes.engine, description: `${name} ${browser.version()}` })
      await use()
    },
    { auto: true },
  ],

  app: async ({ server }, use) => {
    const app = await startAppServer({ port: appPort })
    app.authDefaults = { issuer: server.issuer, ...server.client }
    await use(app)
    await app.close()
  },

  traffic: async ({ server, context }, use) => {
    const metadata = await readMetadata(server.issuer)
    const traffic: ServerTraffic = {
      metadata,
      requests: [],
      readTokens: (page) => page.evaluate(() => window.tokenAnswers),
      count: (endpoint) =>
        traffic.requests.filter(
          (one) => withoutQuery(one.url()) === metadata[`${endpoint}_endpoint` as 'token_endpoint'],
        ).length,
    }
    context.on('request', (request) => {
      const isOfServer = request.url().startsWith(new URL(server.issuer).origin)
      if (isOfServer && request.method() !== 'OPTIONS') traffic.requests.push(request)
    })
    await context.addInitScript(keepTokenAnswers, metadata.token_endpoint)
    await use(traffic)
  },

  baseURL: async ({ app }, use) => use(app.origin),
})

declare global {
  interface Window {
    tokenAnswers: Record<string, unknown>[]
  }
}

/** Records the responses of the token endpoint; in the page, because Chromium does not give every body to the driver. */
function keepTokenAnswers(endpoint: string | undefined): void {
  const { fetch } = window
  window.tokenAnswers = []
  window.fetch = async (input, init) => {
    const response = await fetch(input, init)
    if (String(input) === endpoint && response.ok)
      window.tokenAnswers.push((await response.clone().json()) as Record<string, unknown>)
    return response
  }
}

async function readMetadata(issuer: string): Promise<AuthorizationServer> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const answer = await fetch(url).catch(() => undefined)
  if (!answer?.ok)
    throw new Error(`no server at ${issuer}: run npm run test:servers (test/servers/README.md)`)
  return (await answer.json()) as AuthorizationServer
}

const withoutQuery = (url: string) => url.replace(/[?#].*/, '')

/** Gives what a server can do, or skips the test with the reason why it cannot. */
export function requireAbility<T extends object | true>(ability: T | Missing): T {
  const missing = typeof ability === 'object' && 'missing' in ability ? ability.missing : undefined
  test.skip(missing !== undefined, missing)
  return ability as T
}

/**
 * Has the page take the first answer of the token endpoint for one with an access token that has expired. The client must not
 * be there yet: it takes `fetch` as it is when it is created.
 */
export async function expireFirstToken(page: Page, { metadata }: ServerTraffic): Promise<void> {
  // In the page: Firefox over BiDi does not give the body of a request to the driver, which could not send it on.
  await page.evaluate((endpoint) => {
    const { fetch } = window
    let isFirst = true
    window.fetch = async (input, init) => {
      const response = await fetch(input, init)
      if (String(input) !== endpoint || !isFirst) return response
      isFirst = false
      return new Response(JSON.stringify({ ...(await response.json()), expires_in: 0 }), response)
    }
  }, metadata.token_endpoint!)
}
