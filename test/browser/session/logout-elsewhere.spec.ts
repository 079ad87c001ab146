import type { Page } from '@playwright/test'
import { expect, test, type AppServer } from '../../rig/fixtures.js'
import { isAlive, collectRefreshTokens } from '../../rig/refresh-tokens.js'
import { startSession } from '../../rig/token-calls.js'

/** Serves a page that ends a session in its own way, and shows what it was called with. */
function serveLogout(server: AppServer): string {
  server.route('/logout', ({ query }) => ({
    headers: { 'content-type': 'text/html' },
    body: `<!doctype html><title>Bye</title><pre>${JSON.stringify(Object.fromEntries(new URLSearchParams(query)))}</pre>`,
  }))
  return `${server.origin}/logout`
}

/** Reads what the page of the server shows, once the browser is there. */
async function readParameters(page: Page, url: string): Promise<Record<string, string>> {
  await page.waitForURL((at) => at.href.startsWith(url))
  return JSON.parse((await page.locator('pre').textContent())!) as Record<string, string>
}

test('ends the session at another URL, with its query and the parameters of the app', async ({
  page,
  app,
  as,
  startApp,
}) => {
  const url = serveLogout(await startApp({ host: '127.0.0.1' }))
  const refreshTokens = collectRefreshTokens(as)
  await startSession(page, app, { endSessionUrl: `${url}?federated=` })
  await page.evaluate(() => {
    void window.auth.logout({ params: { logout_uri: 'https://app.example.com/?a=1&b=2', unused: undefined } })
  })
  expect(await readParameters(page, url)).toEqual({
    client_id: as.clientId,
    federated: '',
    logout_uri: 'https://app.example.com/?a=1&b=2',
  })
  expect(as.count('end_session')).toBe(0)
  expect(as.count('revocation')).toBe(1)
  expect(await isAlive(as, refreshTokens.at(-1))).toBe(false)
  // The control: the session has ended here, too.
  await page.goto(app.origin)
  expect(await page.evaluate(() => window.auth.ready())).toMatchObject({ status: 'logged-out' })
})

test('lets parameters replace the client ID, and needs no metadata for it', async ({
  page,
  app,
  as,
  startApp,
}) => {
  const url = serveLogout(await startApp({ host: '127.0.0.1' }))
  await startSession(page, app, { endSessionUrl: url })
  await page.evaluate(() => {
    void window.auth.logout({
      returnTo: '/bye',
      params: { client_id: 'other', returnTo: 'https://app.example.com/' },
    })
  })
  expect(await readParameters(page, url)).toEqual({
    client_id: 'other',
    returnTo: 'https://app.example.com/',
  })
  expect(as.count('metadata')).toBe(1)
})

test('adds, replaces and leaves out parameters of the standard request', async ({ page, app, as }) => {
  await startSession(page, app)
  await page.evaluate(() => {
    const params = {
      ui_locales: 'de',
      post_logout_redirect_uri: `${location.origin}/`,
      id_token_hint: undefined,
    }
    void window.auth.logout({ returnTo: '/not-registered', params })
  })
  await expect.poll(() => as.count('end_session')).toBe(1)
  const { params } = as.requests.find(({ endpoint }) => endpoint === 'end_session')!
  expect(params).toEqual({
    client_id: as.clientId,
    ui_locales: 'de',
    post_logout_redirect_uri: `${app.origin}/`,
  })
})

test('sends all parameters of the standard request without params', async ({ page, app, as }) => {
  await startSession(page, app)
  await page.evaluate(() => void window.auth.logout())
  await expect.poll(() => as.count('end_session')).toBe(1)
  const { params } = as.requests.find(({ endpoint }) => endpoint === 'end_session')!
  expect(Object.keys(params).sort()).toEqual(['client_id', 'id_token_hint', 'post_logout_redirect_uri'])
})

test('goes nowhere with local', async ({ page, app, as, startApp }) => {
  const server = await startApp({ host: '127.0.0.1' })
  await startSession(page, app, { endSessionUrl: serveLogout(server) })
  await page.evaluate(() =>
    window.auth.logout({ local: true, params: { logout_uri: 'https://app.example.com/' } }),
  )
  expect(page.url()).toBe(`${app.origin}/`)
  expect(server.requests).toHaveLength(0)
  expect(as.count('revocation')).toBe(1)
})
