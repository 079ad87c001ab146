import type { Page } from '@playwright/test'
import {
  click,
  clickLogin,
  createAuth,
  openApp,
  outcome,
  type PageClientOptions,
  type PlainError,
} from '../../rig/app-page.js'
import { readReports, servePolicy, violatePolicy } from '../../rig/csp-reports.js'
import { expect, test, type AppServer, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { startServerSession } from '../../rig/server-session.js'
import { popupOf } from '../../rig/sign-in.js'

/** What a browser hides from a page, the message lists: each cause is there with what to mend, by its own name. */
function expectWords(error: PlainError | undefined, code: string, words: string[]): void {
  expect(error).toMatchObject({ name: 'AuthError', code })
  for (const word of words) expect(error!.message).toContain(word)
}

/** For a frame that never answers. */
const soonSilent = { timeouts: { iframe: 500 } }

async function failSilently(page: Page, options: PageClientOptions = {}): Promise<PlainError | undefined> {
  await openApp(page)
  await createAuth(page, options)
  await clickLogin(page, { mode: 'silent' })
  return (await outcome(page)).error
}

/** All that keeps a request from its server without the browser saying which. */
const lostRequest = (as: TestAuthorizationServer, app: AppServer) => [
  as.origin,
  'down',
  'CORS',
  `register this origin: ${app.origin}`,
  'CSP "connect-src"',
]

/** All that keeps a hidden frame silent without the browser saying which. */
const silentFrame = (as: TestAuthorizationServer, redirectUri: string) => [
  as.origin,
  'X-Frame-Options',
  '"frame-ancestors"',
  'COEP',
  'third-party cookies',
  `"redirectUri" (${redirectUri})`,
]

test('names the redirect URI if the server does not know it', async ({ page, as, app }) => {
  const redirectUri = `${app.origin}/unknown.html`
  await openApp(page)
  await createAuth(page, { redirectUri, timeouts: { popup: 1000 } })
  const popup = await popupOf(page, () => clickLogin(page))
  expectWords((await outcome(page)).error, 'timeout', ['"clientId"', `"redirectUri" (${redirectUri})`])
  await expect.poll(() => popup.isClosed()).toBe(true)

  const error = await failSilently(page, { redirectUri, ...soonSilent })
  expectWords(error, 'frame_silent', silentFrame(as, redirectUri))
})

/** Logs in without a window, where nothing is wrong. */
async function succeedSilently(page: Page): Promise<void> {
  await openApp(page)
  await createAuth(page)
  await clickLogin(page, { mode: 'silent' })
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
}

test('lists what can block discovery', async ({ page, as, app }) => {
  await startServerSession(page, as, app)
  const fault = as.fault('metadata', { body: {}, cors: false })
  expectWords(await failSilently(page), 'network_error', lostRequest(as, app))
  expect(fault.hits).toBeGreaterThan(0)
  fault.end()
  // The controls: what the page can read is another failure, and without any it logs in.
  const readable = as.fault('metadata', { body: {} })
  expect(await failSilently(page)).toMatchObject({ code: 'discovery_failed' })
  readable.end()
  await succeedSilently(page)
})

test('lists what can block the token endpoint', async ({ page, as, app }) => {
  await startServerSession(page, as, app)
  const fault = as.fault('token', { body: {}, cors: false })
  expectWords(await failSilently(page), 'network_error', lostRequest(as, app))
  expect(fault.hits).toBe(1)
  fault.end()
  const readable = as.fault('token', { body: {} })
  expect(await failSilently(page)).toMatchObject({ code: 'invalid_token_response' })
  readable.end()
  await succeedSilently(page)
})

test('lists CSP connect-src if that blocks the request', async ({ page, as, app }) => {
  await startServerSession(page, as, app)
  const policy = `default-src 'self'; frame-src ${as.origin} 'self'`
  const { length } = as.requests
  servePolicy(app, policy)
  expectWords(await failSilently(page), 'network_error', lostRequest(as, app))
  expect(as.requests).toHaveLength(length)
  await violatePolicy(page, app)
  expect(readReports(app)).toContainEqual(expect.stringMatching(`^connect-src ${as.origin}`))
  servePolicy(app, `${policy}; connect-src ${as.origin}`)
  await succeedSilently(page)
})

test('lists what can keep a hidden frame silent, on a page with COEP', async ({ page, as, app }) => {
  await startServerSession(page, as, app)
  await succeedSilently(page)
  app.headers['*'] = { 'cross-origin-embedder-policy': 'require-corp' }
  expectWords(
    await failSilently(page, soonSilent),
    'frame_silent',
    silentFrame(as, `${app.origin}/callback.html`),
  )
})

for (const [what, webMessage] of Object.entries({ server: true, 'callback page': false }))
  test.describe(`where this page's own policy blocks the ${what}`, () => {
    test.use({ asOptions: { webMessage } })

    test('says at once what CSP frame-src must allow', async ({ page, as, app }) => {
      await startServerSession(page, as, app)
      const allowed = webMessage ? `'self'` : as.origin
      const policy = `default-src 'self'; connect-src ${as.origin}; frame-src`
      servePolicy(app, `${policy} ${allowed}`)
      await openApp(page)
      await createAuth(page)
      await clickLogin(page, { mode: 'silent' })
      const { error, after } = await outcome(page)
      expect(error).toMatchObject({
        code: 'frame_silent',
        message: `the CSP of this page blocks the frame: allow ${as.origin} and 'self' in "frame-src"`,
      })
      // And not when the time is up, which is 10 s.
      expect(after).toBeLessThan(5000)

      // The controls: a policy that only reports, and the one that the message asks for.
      app.headers['*'] = { 'content-security-policy-report-only': `${policy} ${allowed}` }
      await succeedSilently(page)
      servePolicy(app, `${policy} ${as.origin} 'self'`)
      await succeedSilently(page)
    })
  })

test.describe('at a server of another site, whose cookies are blocked in a frame', () => {
  test.use({ asOptions: { host: '127.0.0.1' } })

  test('says that blocked third-party cookies can hide the session', async ({ page, as, app }) => {
    await startServerSession(page, as, app)
    await openApp(page)
    await createAuth(page)
    await clickLogin(page, { mode: 'silent' })
    const { error } = await outcome(page)
    expectWords(error, 'login_required', ['login_required', 'third-party cookies'])
    // The control: the session is there, where a window shows it.
    await clickLogin(page)
    expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
  })
})

test('names the origin that is not a secure context, and what would be one', async ({
  page,
  context,
  as,
  app,
}) => {
  const insecure = 'http://app.example'
  await context.route(`${insecure}/**`, async (route) => {
    const { pathname } = new URL(route.request().url())
    await route.fulfill({ response: await route.fetch({ url: app.origin + pathname }) })
  })
  await page.goto(`${insecure}/`)
  await createAuth(page)
  await click(page, () => window.auth.login())
  const { error } = await outcome(page)
  expectWords(error, 'insecure_context', [insecure, 'https:', 'localhost'])
  expect(as.requests).toEqual([])
})
