import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import type { Client as McpClient } from '@modelcontextprotocol/sdk/client/index.js'
import { isRefresh } from '../../rig/request-kinds.js'
import { startEventApi } from '../../rig/event-api.js'
import { startMcpServer } from '../../rig/mcp-server.js'
import { expect, orders, test } from '../../rig/orders-api.js'
import { openRecipe } from '../../rig/recipe.js'
import { passTime } from '../../rig/shifted-clock.js'
import { logInByPopup } from '../../rig/sign-in.js'

// The code is that of docs/recipes.md.

/** The names of all recipes, as far as a test calls them. */
interface Recipes {
  recipe: {
    connect: (url?: string) => Promise<McpClient>
    client?: McpClient
    watch: (onEvent: (data: string) => void) => () => void
    api: { get: (url: string) => Promise<{ status: number }> }
    needsLogin: (error: unknown) => boolean
  }
  received: string[]
}
declare const window: Window & Recipes

/** The codes of the settled calls of `window.recipe.api.get`. */
const get = (page: Page, url: string) =>
  page.evaluate(
    (to) =>
      window.recipe.api.get(to).then(
        ({ status }) => ({ status }),
        (error: { code?: string; cause?: { code?: string } }) => ({
          code: error.code,
          needsLogin: window.recipe.needsLogin(error),
        }),
      ),
    url,
  )

test('the MCP SDK lists and calls tools with the tokens of auth.fetch, across renewals', async ({
  page,
  app,
  startAs,
  startApp,
}) => {
  const resources: Record<string, { scope: string }> = {}
  const as = await startAs({ resources })
  const mcp = await startMcpServer(as.issuer, readMcpHeaders())
  resources[mcp.url] = { scope: 'tools' }
  try {
    await openRecipe(page, app, 'mcp.ts', {
      replace: {
        'https://mcp.example.com/mcp': mcp.url,
        'https://id.example.com': as.issuer,
        spa: as.clientId,
      },
      names: ['connect', 'Client', 'StreamableHTTPClientTransport'],
    })
    const connect = () =>
      page.evaluate(() =>
        window.recipe.connect().then(
          (client) => {
            window.recipe.client = client
            return 'connected'
          },
          (error: { code: string }) => error.code,
        ),
      )
    expect(await connect()).toBe('login_required')
    // The control: without a token, this server lets nobody in.
    const plain = await page.evaluate(
      (url) => fetch(url, { method: 'POST' }).then(({ status }) => status),
      mcp.url,
    )
    expect([plain, mcp.calls]).toEqual([401, []])

    // Shorter than the lifetime that each request asks for, so that each needs a new token.
    as.accessTokenTTL = 5
    await logInByPopup(page)
    expect(await connect()).toBe('connected')
    const [tools, answer] = await page.evaluate(async () => {
      const { tools } = await window.recipe.client!.listTools()
      const { content } = await window.recipe.client!.callTool({ name: 'who_am_i', arguments: {} })
      return [tools.map(({ name }) => name), content]
    })
    expect(tools).toEqual(['who_am_i'])
    expect(answer).toEqual([{ type: 'text', text: 'alice' }])
    const posts = mcp.calls.filter(({ method }) => method === 'POST')
    // All but the first call are of one session; each has another token.
    expect(new Set(posts.slice(1).map(({ session }) => session)).size).toBe(1)
    expect(new Set(posts.map(({ token }) => token)).size).toBe(posts.length)
    expect(as.count('token', isRefresh)).toBeGreaterThanOrEqual(posts.length - 1)

    // Another server gets no token: not even a request.
    const other = await startApp()
    const refused = await page.evaluate((url) => {
      const { Client, StreamableHTTPClientTransport } = window.recipe as never as Record<
        string,
        new (...values: unknown[]) => { connect: (transport: unknown) => Promise<void> }
      >
      const transport = new StreamableHTTPClientTransport!(new URL(url), { fetch: window.auth.fetch })
      return new Client!({ name: 'test', version: '1' })
        .connect(transport)
        .catch(({ code }: { code: string }) => code)
    }, `${other.origin}/mcp`)
    expect([refused, other.requests]).toEqual(['origin_not_allowed', []])
    await page.evaluate(() => window.recipe.client!.close())
  } finally {
    await mcp.close()
  }
})

/** Reads the headers that the recipe tells the server to allow and to expose. */
function readMcpHeaders(): { allowed: string; exposed: string } {
  const text = readFileSync('docs/recipes.md', 'utf8')
  const read = (name: string) => new RegExp(`\\| \`${name}\` +\\| \`(.*?)\``).exec(text)![1]!
  return {
    allowed: read('Access-Control-Allow-Headers'),
    exposed: read('Access-Control-Expose-Headers'),
  }
}

test('a stream of events reconnects with a new token when the old one has expired or was revoked', async ({
  page,
  app,
  startAs,
}) => {
  const resources: Record<string, { scope: string }> = {}
  const as = await startAs({ resources })
  const api = await startEventApi(as.issuer)
  resources[api.origin] = { scope: 'events' }
  try {
    await openRecipe(page, app, 'events.ts', {
      replace: {
        'https://api.example.com': api.origin,
        'https://id.example.com': as.issuer,
        spa: as.clientId,
      },
      names: ['watch'],
    })
    as.accessTokenTTL = 60
    await logInByPopup(page)
    await page.evaluate(() => {
      window.received = []
      window.recipe.watch((data) => void window.received.push(data))
    })
    const { streams } = api
    const opened = (count: number) => expect.poll(() => streams.length).toBe(count)
    const received = (...data: string[]) =>
      expect.poll(() => page.evaluate(() => window.received)).toEqual(data)
    await opened(1)
    api.send('one')
    await received('one')

    // The control: as long as the token is valid, the next connection has the same one.
    api.end()
    await opened(2)
    expect(streams[1]).toMatchObject({ token: streams[0]!.token, lastEventId: '1', isOpen: true })

    // Too short for the next request, which asks for 30 s.
    await passTime(page, 40)
    // The open stream is not touched by that.
    api.send('two')
    await received('one', 'two')
    api.end()
    await opened(3)
    expect(streams[2]).toMatchObject({ lastEventId: '2', isOpen: true })
    expect(streams[2]!.token).not.toBe(streams[0]!.token)
    expect(as.count('token', isRefresh)).toBe(1)

    // Old enough for `fetch` to believe that it was revoked, but not expired.
    await passTime(page, 15)
    api.refused = streams[2]!.token
    api.end()
    await opened(4)
    expect(streams[3]!.token).not.toBe(streams[2]!.token)
    expect([api.refusals, as.count('token', isRefresh)]).toEqual([1, 2])
    api.send('three')
    await received('one', 'two', 'three')

    await page.evaluate(() => window.auth.logout({ local: true }))
    await expect.poll(() => streams[3]!.isOpen).toBe(false)
    expect(streams).toHaveLength(4)
  } finally {
    await api.close()
  }
})

for (const name of ['axios', 'ky'] as const) {
  test(`${name} calls an API with DPoP, its nonces and renewals, and sends nothing to another origin`, async ({
    page,
    app,
    as,
    api,
    startApp,
  }) => {
    await openRecipe(page, app, `${name}.ts`, {
      replace: {
        'https://api.example.com': api.url,
        'https://id.example.com': as.issuer,
        'https://orders.example.com': orders.resource,
        // The recipe as it is, with one option more.
        "clientId: 'spa',": `clientId: '${as.clientId}', dpop: dpop(),`,
      },
      names: ['api', 'needsLogin'],
      more: `import { dpop } from 'latchkey/dpop'`,
    })
    const path = name === 'axios' ? '/orders' : `${api.url}/orders`
    expect(await get(page, path)).toEqual({ code: 'login_required', needsLogin: true })

    as.accessTokenTTL = 60
    await logInByPopup(page)
    const sent: { status: number; authorization: string | undefined }[] = []
    page.on('response', async (response) => {
      if (!response.url().startsWith(api.url) || response.request().method() === 'OPTIONS') return
      sent.push({ status: response.status(), authorization: response.request().headers()['authorization'] })
    })
    expect(await get(page, path)).toEqual({ status: 200 })
    // The first proof had no nonce.
    await expect.poll(() => sent.map(({ status }) => status)).toEqual([401, 200])
    await passTime(page, 40)
    expect(await get(page, path)).toEqual({ status: 200 })
    await expect.poll(() => sent.length).toBe(3)
    expect(sent.every(({ authorization }) => authorization?.startsWith('DPoP '))).toBe(true)
    expect(sent[2]!.authorization).not.toBe(sent[1]!.authorization)
    expect(as.count('token', isRefresh)).toBe(1)

    const other = await startApp()
    expect(await get(page, `${other.origin}/orders`)).toEqual({
      code: 'origin_not_allowed',
      needsLogin: false,
    })
    expect(other.requests).toEqual([])
    // The control: this server does get what is sent to it.
    await page.evaluate((url) => fetch(url, { mode: 'no-cors' }), `${other.origin}/orders`)
    expect(other.requests).toHaveLength(1)
  })
}
