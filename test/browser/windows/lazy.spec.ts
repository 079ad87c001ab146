import type { Page } from '@playwright/test'
import { click, clickLogin, createAuth, events, openApp, outcome, state } from '../../rig/app-page.js'
import { engineFaults, serveEngine, type EngineFile } from '../../rig/engine-file.js'
import { expect, test, type AppServer } from '../../rig/fixtures.js'
import { logInByPopup, popupOf, signIn } from '../../rig/sign-in.js'
import {
  expectState,
  getToken,
  openTab,
  renewToken,
  startExpiredSession,
  startSession,
} from '../../rig/token-calls.js'

const notLoaded = expect.objectContaining({ name: 'AuthError', code: 'code_not_loaded', retryable: true })

// Each test has a server, also one that does not mention it.
test.beforeEach(({ as }) => void as)

test('shows a live session and returns its token before the engine is there', async ({ page, app }) => {
  const engine = serveEngine(app)
  await startSession(page, app)
  const token = (await getToken(page)).value
  engine.hold()
  await page.reload()
  await expectState(page, { status: 'logged-in' })
  expect((await getToken(page)).value).toBe(token)
  engine.release()
})

test('loads the engine once the page is idle, and once only', async ({ page, app }) => {
  const engine = serveEngine(app)
  await openApp(page)
  expect(engine.count()).toBe(0)
  await createAuth(page)
  await expect.poll(() => engine.count()).toBe(1)
  await logInByPopup(page)
  await renewToken(page)
  expect(engine.count()).toBe(1)
})

for (const fault of engineFaults) {
  test(`keeps the session when the file of the engine is ${fault}`, async ({ page, app, as }) => {
    const engine = serveEngine(app)
    await startSession(page, app)
    const other = await openTab(page)
    await other.reload()
    engine.serve(fault)
    await page.reload()
    await expectState(page, { status: 'logged-in' })
    const token = (await getToken(page)).value
    expect(token).toBeTruthy()
    as.requests.length = 0

    const popup = page.context().waitForEvent('page')
    await clickLogin(page)
    expect((await outcome(page)).error).toEqual(notLoaded)
    await expect.poll(async () => (await popup).isClosed()).toBe(true)
    expect((await renewToken(page)).error).toEqual(notLoaded)
    expect(await page.evaluate(() => window.auth.prepare().catch(window.describe))).toEqual(notLoaded)
    const after = await state(page)
    expect(after).toMatchObject({ status: 'logged-in' })
    expect(after.status !== 'loading' && after.login).toBeUndefined()
    expect((await getToken(page)).value).toBe(token)
    expect(as.requests).toEqual([])

    // The control: the same session is renewed where the file is there.
    engine.serve()
    await page.reload()
    await expectState(page, { status: 'logged-in' })
    expect((await renewToken(page)).value).toBeTruthy()

    engine.serve(fault)
    await page.reload()
    await expectState(page, { status: 'logged-in' })
    await page.evaluate(() => window.auth.logout())
    expect(await state(page)).toMatchObject({ status: 'logged-out', reason: 'logout' })
    await expectState(other, { status: 'logged-out', reason: 'logout' })
    expect(await events(page)).toContainEqual({ type: 'logout_incomplete', error: notLoaded })
    await page.reload()
    await expectState(page, { status: 'logged-out', reason: 'logout' })
  })
}

test('loads the file when it is asked again, where the browser does that', async ({
  page,
  app,
  browserName,
}) => {
  test.skip(browserName === 'firefox', 'before 155 it does not ask for a file again that failed once')
  const engine = serveEngine(app)
  engine.serve('missing')
  await openApp(page)
  await createAuth(page)
  await clickLogin(page)
  expect((await outcome(page)).error).toEqual(notLoaded)
  engine.serve()
  expect(await logInByPopup(page)).toMatchObject({ status: 'logged-in' })
})

test('opens the window inside the gesture and logs in once a slow file is there', async ({ page, app }) => {
  const engine = serveEngine(app)
  engine.hold()
  await openApp(page)
  await createAuth(page)
  const popup = await popupOf(page, () => clickLogin(page))
  expect(popup.url()).toBe('about:blank')
  await expectState(page, { status: 'logged-out', login: 'opening' })
  expect(await page.evaluate(() => window.auth.focusWindow())).toBe(true)
  engine.release()
  await signIn(popup)
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
  expect(await state(page)).not.toHaveProperty('login')
})

test('closes the window when the caller gives up before the file is there', async ({ page, app }) => {
  const engine = serveEngine(app)
  engine.hold()
  await openApp(page)
  await createAuth(page)
  const popup = await popupOf(page, () =>
    click(page, () => {
      const giveUp = new AbortController()
      Object.assign(window, { giveUp: () => giveUp.abort() })
      return window.auth.login({ signal: giveUp.signal })
    }),
  )
  await page.evaluate(() => (window as unknown as { giveUp(): void }).giveUp())
  expect((await outcome(page)).error).toMatchObject({ name: 'AbortError' })
  await expect.poll(() => popup.isClosed()).toBe(true)
  expect(await state(page)).toEqual({ status: 'logged-out' })
  engine.release()
})

test('rejects with code_not_loaded while the device is offline', async ({ page, app, browserName }) => {
  serveEngine(app)
  await startSession(page, app)
  app.authAtLoad = undefined
  await page.reload()
  await page.context().setOffline(true)
  await createAuth(page)
  await expectState(page, { status: 'logged-in' })
  expect((await getToken(page)).value).toBeTruthy()
  expect((await renewToken(page)).error).toEqual(notLoaded)
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
  await page.context().setOffline(false)
  // Firefox before 155 does not ask again.
  if (browserName !== 'firefox') expect((await renewToken(page)).value).toBeTruthy()
})

/** Keeps a page from being idle, from its next load on, until `rest`. */
async function keepBusy(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const waiting: (() => void)[] = []
    Object.assign(window, {
      requestIdleCallback: (work: () => void) => waiting.push(work),
      rest: () => waiting.forEach((work) => work()),
    })
  })
}

/** Makes a request from the page that is answered after all that it sent before. */
async function makeRoundTrip(page: Page): Promise<void> {
  await page.evaluate(async () => (await fetch('/')).text())
}

test('loads the engine at once where the stored token has to be renewed', async ({ page, app, as }) => {
  const engine = serveEngine(app)
  await startExpiredSession(page, app, as)
  await keepBusy(page)
  const before = engine.count()
  as.requests.length = 0
  await page.reload()
  await expectState(page, { status: 'logged-in' })
  await expect.poll(() => engine.count()).toBe(before + 1)
  // The engine's file is all that it costs: the renewal waits for a call.
  await makeRoundTrip(page)
  expect(as.requests).toEqual([])
  expect((await getToken(page)).value).toBeTruthy()
  expect(as.count('token')).toBe(1)
})

test('waits for an idle page where the stored token is valid', async ({ page, app }) => {
  const engine = serveEngine(app)
  await startSession(page, app)
  await keepBusy(page)
  const before = engine.count()
  await page.reload()
  await expectState(page, { status: 'logged-in' })
  expect((await getToken(page)).value).toBeTruthy()
  await makeRoundTrip(page)
  expect(engine.count()).toBe(before)
  await page.evaluate(() => (window as unknown as { rest(): void }).rest())
  await expect.poll(() => engine.count()).toBe(before + 1)
})

/** Waits until the page has returned to the app, and its client has left `loading`. */
async function awaitClient(page: Page, app: AppServer): Promise<void> {
  await page.waitForURL(`${app.origin}/`)
  await page.waitForFunction(() => window.auth as unknown)
  await page.evaluate(() => window.auth.ready())
}

/** Starts a redirect login, and has it come back to a page whose engine is missing. Nobody is logged in before. */
async function returnWithoutEngine(
  page: Page,
  app: AppServer,
  options: AppServer['authAtLoad'] = {},
): Promise<EngineFile> {
  const engine = serveEngine(app)
  app.authAtLoad = options
  await openApp(page)
  await clickLogin(page, { mode: 'redirect', appState: 7 })
  await expect(page.getByLabel('Password')).toBeVisible()
  engine.serve('missing')
  await signIn(page)
  await awaitClient(page, app)
  expect(await state(page)).toMatchObject({ status: 'logged-out', error: notLoaded })
  engine.serve()
  return engine
}

test('finishes a redirect login after a reload when the engine could not be loaded', async ({
  page,
  app,
  as,
}) => {
  const engine = await returnWithoutEngine(page, app)
  engine.serve('missing')
  await page.reload()
  await awaitClient(page, app)
  expect(await state(page)).toMatchObject({ status: 'logged-out', error: notLoaded })
  expect(as.count('token')).toBe(0)
  engine.serve()
  await page.reload()
  await expectState(page, { status: 'logged-in', appState: 7 })
  expect(await state(page)).not.toHaveProperty('error')
  expect(as.count('token')).toBe(1)
  // Once: nothing is left for the next load.
  await page.reload()
  await expectState(page, { status: 'logged-in' })
  expect(await state(page)).not.toHaveProperty('error')
  expect(as.count('token')).toBe(1)
})

for (const store of ['indexedDB', 'session', 'memory'] as const)
  test(`does not finish a redirect login after the user has logged out in another tab instead, with the store ${store}`, async ({
    page,
    app,
    as,
  }) => {
    await returnWithoutEngine(page, app, store === 'indexedDB' ? {} : { store })
    const other = await openTab(page)
    await other.evaluate(() => window.auth.logout({ local: true }))
    await page.reload()
    await awaitClient(page, app)
    expect((await state(page)).status).toBe('logged-out')
    expect(await state(page)).not.toHaveProperty('error')
    expect(as.count('token')).toBe(0)
  })

test('finishes only the later one of two redirect logins', async ({ page, app, as, browserName }) => {
  test.skip(browserName === 'firefox', 'before 155 it does not ask for a file again that failed once')
  await returnWithoutEngine(page, app)
  await page.context().clearCookies()
  await clickLogin(page, { mode: 'redirect', appState: 8 })
  await signIn(page, 'bob')
  await awaitClient(page, app)
  expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'bob' }, appState: 8 })
  await page.reload()
  await awaitClient(page, app)
  expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'bob' } })
  expect(as.count('token')).toBe(1)
})

test('does not finish a redirect login after another user has logged in instead', async ({
  page,
  app,
  as,
  browserName,
}) => {
  test.skip(browserName === 'firefox', 'before 155 it does not ask for a file again that failed once')
  await returnWithoutEngine(page, app)
  await page.context().clearCookies()
  await logInByPopup(page, { user: 'bob' })
  await page.reload()
  await awaitClient(page, app)
  expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'bob' } })
  expect(await state(page)).not.toHaveProperty('error')
  expect(as.count('token')).toBe(1)
})

test('says that a redirect login came back to a page without the engine, and keeps the session', async ({
  page,
  app,
  as,
}) => {
  const engine = serveEngine(app)
  await startSession(page, app)
  await clickLogin(page, { mode: 'redirect', prompt: 'login' })
  await expect(page.getByLabel('Password')).toBeVisible()
  engine.serve('missing')
  await signIn(page)
  await awaitClient(page, app)
  expect(await state(page)).toMatchObject({ status: 'logged-in', error: notLoaded })
  expect((await getToken(page)).value).toBeTruthy()
  expect(as.count('token')).toBe(1)
})
