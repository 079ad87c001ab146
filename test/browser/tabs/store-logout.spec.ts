import { events, goBack, openApp, state } from '../../rig/app-page.js'
import { withBackForwardCache } from '../../rig/back-forward-cache.js'
import { breakIndexedDb } from '../../rig/broken-indexeddb.js'
import { expect, test } from '../../rig/fixtures.js'
import { collectRefreshTokens, isAlive } from '../../rig/refresh-tokens.js'
import { isRefresh } from '../../rig/request-kinds.js'
import { signInByRequest } from '../../rig/server-session.js'
import { shiftClock } from '../../rig/shifted-clock.js'
import { expectState, getToken, openTab, renewToken, startSession } from '../../rig/token-calls.js'

const loggedIn = { status: 'logged-in', user: { sub: 'alice' } } as never
const loggedOut = { status: 'logged-out', reason: 'logout' } as const

for (const name of ['has no space left', 'aborts each change', 'refuses each change, and to be deleted']) {
  test(`logs out for good, here and in another tab, when IndexedDB ${name}`, async ({ page, app, as }) => {
    const refreshTokens = collectRefreshTokens(as)
    await startSession(page, app)
    const other = await openTab(page)
    for (const tab of [page, other]) await breakIndexedDb(tab, name)
    await page.evaluate(() => window.auth.logout({ local: true }))
    for (const tab of [page, other]) {
      await expectState(tab, loggedOut)
      expect((await getToken(tab)).error?.code).toBe('login_required')
    }
    for (const tab of [page, other]) {
      await tab.reload()
      expect(await tab.evaluate(async () => (await window.auth.ready()).status)).toBe('logged-out')
    }
    expect((await state(await openTab(page))).status).toBe('logged-out')
    expect(as.count('revocation')).toBe(1)
    expect(as.count('token', isRefresh)).toBe(0)
    expect(await isAlive(as, refreshTokens[0])).toBe(false)

    // A login after that is kept.
    await page.evaluate(() => window.auth.login({ mode: 'silent' }))
    await page.reload()
    expect(await page.evaluate(() => window.auth.ready())).toMatchObject(loggedIn)
  })
}

test('rejects, and sends an event, when the browser does not let the stored session be overwritten or removed', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app)
  await breakIndexedDb(page, 'refuses each change, and to be deleted')
  await page.evaluate(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException('The quota is exceeded.', 'QuotaExceededError')
    }
  })
  const code = await page.evaluate(() => window.auth.logout({ local: true }).catch(({ code: why }) => why))
  expect(code).toBe('storage_unavailable')
  expect(await state(page)).toEqual(loggedOut)
  expect(await events(page)).toContainEqual({
    type: 'logout_incomplete',
    error: expect.objectContaining({ code: 'storage_unavailable', retryable: false }),
  })
  expect(as.count('revocation')).toBe(1)
  // It was true.
  await page.reload()
  expect(await page.evaluate(() => window.auth.ready())).toMatchObject(loggedIn)
})

test('honours a logout announced by another tab, whatever the store still holds', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app)
  const other = await openTab(page)
  for (const tab of [page, other]) await breakIndexedDb(tab, 'refuses each change, and to be deleted')
  await page.evaluate(() => window.auth.logout({ local: true, revoke: false }))
  await expectState(other, loggedOut)
  expect((await renewToken(other)).error?.code).toBe('login_required')
  expect(as.count('token', isRefresh)).toBe(0)
})

for (const wasLoggedOut of [true, false]) {
  test(`sessionStore: a tab that was elsewhere comes back logged ${wasLoggedOut ? 'out when another tab has logged out meanwhile' : 'in otherwise'}`, async ({
    page,
    app,
    as,
  }) => {
    await startSession(page, app, { store: 'session' })
    const other = await openTab(page)
    await other.evaluate(() => window.auth.login({ mode: 'silent' }))
    await openApp(page, '/callback.js')
    if (wasLoggedOut) await other.evaluate(() => window.auth.logout({ local: true }))
    const { length } = as.requests
    await openApp(page)
    const ready = await page.evaluate(() => window.auth.ready())
    if (wasLoggedOut) {
      expect(ready).toEqual(loggedOut)
      expect((await getToken(page)).error?.code).toBe('login_required')
      expect(as.requests).toHaveLength(length)
      expect(await page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain('refreshToken')
    } else {
      expect(ready).toMatchObject(loggedIn)
      expect((await renewToken(page)).value).toBeTruthy()
    }
    expect(as.countEvents('grant.error')).toBe(0)
  })
}

test('sessionStore: keeps a login after a logout, even if the clock goes back an hour in between', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app, { store: 'session' })
  const other = await openTab(page)
  await other.evaluate(() => window.auth.login({ mode: 'silent' }))
  await other.evaluate(() => window.auth.logout({ local: true }))
  await expectState(page, loggedOut)
  app.authAtLoad = { store: 'session', clockTolerance: 7200 }
  await shiftClock(page, -3600)
  await page.reload()
  await page.evaluate(() => window.auth.login({ mode: 'silent' }))
  await page.reload()
  expect(await page.evaluate(() => window.auth.ready())).toMatchObject(loggedIn)
  // And the next logout ends it as well.
  await openApp(page, '/callback.js')
  await shiftClock(other, -3600)
  await openApp(other)
  await other.evaluate(() => window.auth.logout({ local: true }))
  await openApp(page)
  expect(await page.evaluate(() => window.auth.ready())).toEqual(loggedOut)
  expect(as.countEvents('grant.error')).toBe(0)
})

for (const { words, logout, isOld } of [
  // The browser drops the page that it has kept when that is told something, and loads it anew.
  { words: 'out if another tab has logged out', logout: 'heard', isOld: false },
  { words: 'out if another tab has logged out, and it did not hear of that', logout: 'unheard', isOld: true },
  { words: 'in otherwise', logout: undefined, isOld: true },
] as const) {
  test(`sessionStore: a page to which the back button leads is logged ${words}`, async ({
    app,
    as,
    browserName,
  }) => {
    test.skip(browserName === 'firefox', 'BiDi keeps no page for the back button')
    await withBackForwardCache(async (browser) => {
      const context = await browser.newContext({ baseURL: app.origin })
      const page = await context.newPage()
      await signInByRequest(page, as, app)
      const refreshTokens = collectRefreshTokens(as)
      app.authAtLoad = { store: 'session' }
      await openApp(page)
      await page.evaluate(() => window.auth.login({ mode: 'silent' }))
      await page.evaluate(() => void Object.assign(window, { isOld: true }))
      const other = await context.newPage()
      await openApp(other)
      await other.evaluate(() => window.auth.login({ mode: 'silent' }))
      await openApp(page, '/callback.js')
      if (logout === 'unheard')
        await other.evaluate(() => void (BroadcastChannel.prototype.postMessage = () => {}))
      if (logout) await other.evaluate(() => window.auth.logout({ local: true }))
      const { length } = as.requests
      await goBack(page, '/')
      await page.waitForFunction(() => 'auth' in window)
      expect(await page.evaluate(() => 'isOld' in window)).toBe(isOld)
      await expectState(page, logout ? loggedOut : loggedIn)
      expect(as.countEvents('grant.success', 'authorization_code')).toBe(2)
      if (!logout) {
        expect(as.secrets).toContain((await renewToken(page)).value)
        expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
        expect(as.count('revocation')).toBe(0)
        expect(as.countEvents('grant.error')).toBe(0)
        return
      }
      expect((await renewToken(page)).error?.code).toBe('login_required')
      // The tab that logged out has revoked its own token, and that is all the server heard of it.
      expect(as.requests).toHaveLength(length)
      expect(as.count('token', isRefresh)).toBe(0)
      const revoked = as.requests.flatMap(({ endpoint, preflight, params }) =>
        endpoint === 'revocation' && !preflight ? [params['token']] : [],
      )
      expect(revoked).toEqual([refreshTokens[1]])
      expect(await isAlive(as, refreshTokens[1])).toBe(false)
    })
  })
}
