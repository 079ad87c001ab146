import { click, clickLogin, createAuth, events, openApp, outcome, state } from '../../rig/app-page.js'
import { engineFaults, serveEngine } from '../../rig/engine-file.js'
import { expect, test } from '../../rig/fixtures.js'
import { logInByPopup, popupOf, signIn } from '../../rig/sign-in.js'
import { expectState, getToken, openTab, renewToken, startSession } from '../../rig/token-calls.js'

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
  await expect.poll(() => page.url()).toBe(`${app.origin}/`)
  await page.evaluate(() => window.auth.ready())
  expect(await state(page)).toMatchObject({ status: 'logged-in', error: notLoaded })
  expect((await getToken(page)).value).toBeTruthy()
  expect(as.count('token')).toBe(1)
})
