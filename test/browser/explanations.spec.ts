import type { Page } from '@playwright/test'
import {
  click,
  clickLogin,
  createAuth,
  openApp,
  outcome,
  type PageClientOptions,
  type PlainError,
} from '../rig/app-page.js'
import { servePolicy } from '../rig/csp-reports.js'
import { expect, test, type AppServer, type TestAuthorizationServer } from '../rig/fixtures.js'
import { startServerSession } from '../rig/server-session.js'
import { popupOf, signIn } from '../rig/sign-in.js'

/** What a browser hides from a page, the message lists: each cause is there with what to mend, by its own name. */
function expectWords(error: PlainError | undefined, code: string, words: string[]): void {
  expect(error).toMatchObject({ name: 'AuthError', code })
  for (const word of words) expect(error!.message).toContain(word)
}

async function failSilently(page: Page, options: PageClientOptions = {}): Promise<PlainError | undefined> {
  await openApp(page)
  await createAuth(page, { timeouts: { iframe: 500 }, ...options })
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
  'CSP "frame-src"',
  'COEP',
  'third-party cookies',
  `"redirectUri" (${redirectUri})`,
]

test('names the redirect URI where the server does not know it', async ({ page, as, app }) => {
  const redirectUri = `${app.origin}/unknown.html`
  await openApp(page)
  await createAuth(page, { redirectUri, timeouts: { popup: 1000 } })
  const popup = await popupOf(page, () => clickLogin(page))
  expectWords((await outcome(page)).error, 'timeout', ['"clientId"', `"redirectUri" (${redirectUri})`])
  await expect.poll(() => popup.isClosed()).toBe(true)

  const error = await failSilently(page, { redirectUri })
  expectWords(error, 'frame_silent', silentFrame(as, redirectUri))
})

test('lists what can stand between this page and discovery', async ({ page, as, app }) => {
  as.fault('metadata', { body: {}, cors: false })
  expectWords(await failSilently(page), 'network_error', lostRequest(as, app))
})

test('lists what can stand between this page and the token endpoint', async ({ page, as, app }) => {
  as.fault('token', { body: {}, cors: false })
  await openApp(page)
  await createAuth(page)
  const popup = await popupOf(page, () => clickLogin(page))
  await signIn(popup)
  expectWords((await outcome(page)).error, 'network_error', lostRequest(as, app))
})

test('lists CSP connect-src where that is what forbids the request', async ({ page, as, app }) => {
  servePolicy(app, `default-src 'self'; frame-src ${as.origin} 'self'`)
  expectWords(await failSilently(page), 'network_error', lostRequest(as, app))
})

const unframed: Record<string, (as: TestAuthorizationServer, app: AppServer) => void> = {
  'this page forbids it by CSP frame-src': (as, app) =>
    servePolicy(app, `default-src 'self'; connect-src ${as.origin}; frame-src 'self'`),
  'this page has a COEP': (_, app) =>
    void (app.headers['*'] = { 'cross-origin-embedder-policy': 'require-corp' }),
}
for (const [what, forbid] of Object.entries(unframed))
  test(`lists what can keep a hidden frame silent, where ${what}`, async ({ page, as, app }) => {
    await startServerSession(page, as, app)
    // The control: nothing else is wrong.
    await openApp(page)
    await createAuth(page)
    await clickLogin(page, { mode: 'silent' })
    expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })

    forbid(as, app)
    expectWords(await failSilently(page), 'frame_silent', silentFrame(as, `${app.origin}/callback.html`))
  })

test.describe('at a server of another site, whose cookies a frame does not get', () => {
  test.use({ asOptions: { host: '127.0.0.1' } })

  test('says that third-party cookies can be why there seems to be no session', async ({ page, as, app }) => {
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

test('names the origin that is no secure context, and what is one', async ({ page, context, as, app }) => {
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
