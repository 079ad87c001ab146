import type { Page } from '@playwright/test'
import { clickLogin, events, goBackAnywhere, openApp, outcome, type PlainState } from '../../rig/app-page.js'
import { expect, test, type AppServer } from '../../rig/fixtures.js'
import { holdCallback } from '../../rig/held-callback.js'
import { expectMarked, startSecretSearch, type SecretSearch } from '../../rig/secret-search.js'
import { popupOf, signIn, typeSignIn } from '../../rig/sign-in.js'

test.use({ asOptions: { webMessage: false } })

let search: SecretSearch
test.beforeEach(async ({ page, as, app }) => {
  app.authAtLoad = {}
  search = await startSecretSearch(page, as)
})
// The URLs of these histories carry codes on the way that could still be redeemed.
test.afterEach(async ({ as }, { status }) => {
  if (status === 'skipped') return
  expectMarked(as, 1)
  expect(await search.find()).toEqual([])
})

/** Forgets a redirect that was left behind: its verifier stays where that has its place, as the user could still go forward. */
async function forgetRedirect(page: Page): Promise<void> {
  expect(await search.find()).toEqual(['sessionStorage'])
  await page.evaluate(() => sessionStorage.clear())
}

/** The state of the client that the page has made at its start; undefined while it loads. */
async function now(page: Page): Promise<PlainState | undefined> {
  const describe = () => window.describe(window.auth?.getState())
  return (await page.evaluate(describe).catch(() => undefined)) as PlainState | undefined
}

const loggedIn = { status: 'logged-in', user: { sub: 'alice' } }
const unknown = { status: 'logged-out', error: { name: 'AuthError', code: 'unknown_transaction' } }

/** Logs in by redirect up to the callback page, which does nothing yet. Returns its URL and what puts it to work. */
async function redirectToHeldCallback(
  page: Page,
  app: AppServer,
): Promise<{ url: string; release: () => void }> {
  const release = holdCallback(app)
  await openApp(page, '/start')
  await clickLogin(page, { mode: 'redirect' })
  await signIn(page)
  await page.waitForURL(/callback\.html#/)
  return { url: page.url(), release }
}

test('does not log in again when the user goes back through a redirect login', async ({ page, as, app }) => {
  await openApp(page, '/start')
  await clickLogin(page, { mode: 'redirect', returnTo: '/done' })
  await signIn(page)
  await page.waitForURL(`${app.origin}/done`)
  await expect.poll(() => now(page)).toMatchObject(loggedIn)
  const counts = () => [as.count('authorize'), as.count('token')]
  expect(counts()).toEqual([1, 1])

  // The page before is the server's sign-in page: it has ended. The callback page is nowhere in the history.
  await goBackAnywhere(page)
  await expect(page.getByRole('heading')).toHaveText('This sign-in has ended')
  await goBackAnywhere(page)
  await expect.poll(() => page.evaluate(() => location.pathname).catch(() => '')).toBe('/start')
  await expect.poll(() => now(page)).toMatchObject(loggedIn)
  // After this call's own answer: the navigation would take it away.
  await page.evaluate(() => void setTimeout(() => history.go(2)))
  await expect.poll(() => page.evaluate(() => location.pathname).catch(() => '')).toBe('/done')
  await expect.poll(() => now(page)).toMatchObject(loggedIn)
  expect(counts()).toEqual([1, 1])
  expect(as.countEvents('grant.error')).toBe(0)
})

test('logs in again after the user came back from the server without signing in', async ({
  page,
  as,
  app,
}) => {
  await openApp(page, '/start')
  await clickLogin(page, { mode: 'redirect' })
  await page.getByLabel('User name').waitFor()
  await goBackAnywhere(page)
  await expect.poll(() => page.evaluate(() => location.pathname).catch(() => '')).toBe('/start')
  await expect.poll(() => now(page)).toEqual({ status: 'logged-out' })
  // Playwright's own click hangs in Firefox on a page that came out of the back/forward cache.
  await page.evaluate(() => void window.auth.login({ mode: 'redirect', appState: 'second try' }))
  // Waits for the form: in Firefox, `page.url()` is still the one of the server's page.
  await typeSignIn(page)
  await page.waitForURL(`${app.origin}/start`)
  await expect.poll(() => now(page)).toMatchObject({ ...loggedIn, appState: 'second try' })
  expect([as.count('authorize'), as.count('token')]).toEqual([2, 1])
  await forgetRedirect(page)
})

test('rejects with redirect_not_left when the back/forward cache restores the page', async ({
  page,
  as,
  browserName,
}) => {
  test.skip(browserName === 'chromium', 'Playwright starts Chromium without the back/forward cache')
  await openApp(page, '/start')
  await clickLogin(page, { mode: 'redirect' })
  await page.getByLabel('User name').waitFor()
  await goBackAnywhere(page)
  await expect.poll(() => page.evaluate(() => location.pathname).catch(() => '')).toBe('/start')
  expect((await outcome(page)).error).toMatchObject({ code: 'redirect_not_left', retryable: true })
  expect(as.count('authorize')).toBe(1)
  await forgetRedirect(page)
})

test('logs in once when the callback URL is reloaded', async ({ page, as, app }) => {
  const { release } = await redirectToHeldCallback(page, app)
  release()
  await page.reload()
  await page.waitForURL(`${app.origin}/start`)
  await expect.poll(() => now(page)).toMatchObject(loggedIn)
  await page.reload()
  await expect.poll(() => now(page)).toMatchObject(loggedIn)
  expect([as.count('authorize'), as.count('token')]).toEqual([1, 1])
})

test('reports unknown_transaction when the callback opens in another tab, and logs in in the first', async ({
  page,
  as,
  app,
}) => {
  const { url, release } = await redirectToHeldCallback(page, app)
  release()
  const other = await page.context().newPage()
  await other.goto(url)
  await other.getByRole('link').click()
  await expect.poll(() => now(other)).toMatchObject(unknown)
  expect(as.count('token')).toBe(0)

  await page.reload()
  await page.waitForURL(`${app.origin}/start`)
  await expect.poll(() => now(page)).toMatchObject(loggedIn)
  await expect.poll(() => now(other)).toMatchObject(loggedIn)
  expect([as.count('authorize'), as.count('token')]).toEqual([1, 1])
})

test('handles the callback of a redirect login once', async ({ page, as, app }) => {
  const { url, release } = await redirectToHeldCallback(page, app)
  release()
  await page.reload()
  await page.waitForURL(`${app.origin}/start`)
  await expect.poll(() => now(page)).toMatchObject(loggedIn)

  // Once more, in the same tab: the session stays, and the app hears of it.
  await page.goto(url)
  await page.getByRole('link').click()
  await expect.poll(() => now(page)).toMatchObject(loggedIn)
  await expect
    .poll(() => events(page))
    .toMatchObject([{ type: 'login_failed', error: { code: 'unknown_transaction' } }])

  await page.evaluate(() => window.auth.logout({ local: true }))
  await page.goto(url)
  await page.getByRole('link').click()
  await expect.poll(() => now(page)).toMatchObject(unknown)
  expect([as.count('authorize'), as.count('token')]).toEqual([1, 1])
})

test('logs the app in once when the callback of its popup opens in another tab', async ({
  page,
  as,
  app,
}) => {
  const release = holdCallback(app)
  await openApp(page)
  const popup = await popupOf(page, () => clickLogin(page))
  await signIn(popup)
  await popup.waitForURL(/callback\.html#/)
  const url = popup.url()
  release()
  const other = await page.context().newPage()
  // It closes itself when the app has taken the answer.
  await other.goto(url).catch(() => {})
  expect((await outcome(page)).value).toMatchObject(loggedIn)
  await expect.poll(() => popup.isClosed()).toBe(true)

  const third = await page.context().newPage()
  await third.goto(url)
  await expect(third.getByRole('alert')).toContainText('The app has not answered')
  expect(third.url()).toBe(`${app.origin}/callback.html`)
  expect([as.count('authorize'), as.count('token')]).toEqual([1, 1])
})
