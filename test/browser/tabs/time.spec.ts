import type { Page } from '@playwright/test'
import { goBack, openApp, state } from '../../rig/app-page.js'
import { withBackForwardCache } from '../../rig/back-forward-cache.js'
import { expect, test, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { isRefresh } from '../../rig/request-kinds.js'
import { signInByRequest } from '../../rig/server-session.js'
import { passTime } from '../../rig/shifted-clock.js'
import {
  expectState,
  getToken,
  getTokens,
  openTab,
  renewToken,
  startExpiredSession,
  startSession,
} from '../../rig/token-calls.js'

const loggedIn = { status: 'logged-in', user: { sub: 'alice' } } as never
const hour = 3600
const day = 24 * hour

/** What the server saw of refresh tokens: how many were sent, taken and refused. */
const countRefreshes = (as: TestAuthorizationServer) => ({
  sent: as.count('token', isRefresh),
  taken: as.countEvents('grant.success', 'refresh_token'),
  refused: as.countEvents('grant.error', 'refresh_token'),
})

const passTimeInAll = (tabs: Page[], seconds: number) =>
  Promise.all(tabs.map((tab) => passTime(tab, seconds)))

test('refreshes once for five tabs that wake up after eight hours', async ({ page, app, as }) => {
  test.slow()
  // The clock of the server does not jump with that of the tabs.
  Object.assign(as, { accessTokenTTL: 9 * hour, idTokenTTL: 2 * day })
  await startSession(page, app)
  as.accessTokenTTL = 2 * day
  const tabs = [page]
  while (tabs.length < 5) tabs.push(await openTab(page))
  const { value } = await getToken(page)
  await passTimeInAll(tabs, 8 * hour)
  // The control: the token is still valid.
  expect((await getToken(page)).value).toBe(value)
  await passTimeInAll(tabs, 2 * hour)
  // What a browser does when the tab is shown again.
  for (const tab of tabs) await tab.evaluate(() => dispatchEvent(new Event('visibilitychange')))
  const outcomes = await Promise.all(tabs.map((tab) => getToken(tab)))
  expect(outcomes.map(({ error }) => error?.code).filter(Boolean)).toEqual([])
  expect(new Set(outcomes.map((outcome) => outcome.value)).size).toBe(1)
  expect(outcomes[0]!.value).not.toBe(value)
  expect(countRefreshes(as)).toEqual({ sent: 1, taken: 1, refused: 0 })
  for (const tab of tabs) expect(await state(tab)).toMatchObject(loggedIn)
})

test('a page that the back button restores has the token that another tab renewed, and renews it next', async ({
  app,
  as,
  browserName,
}) => {
  test.skip(browserName === 'firefox', 'BiDi keeps no page for the back button')
  await withBackForwardCache(async (browser) => {
    const context = await browser.newContext({ baseURL: app.origin })
    const page = await context.newPage()
    await signInByRequest(page, as, app)
    app.authAtLoad = {}
    await openApp(page)
    await page.evaluate(() => window.auth.login({ mode: 'silent' }))
    await page.evaluate(() => void Object.assign(window, { isOld: true }))
    const other = await openTab(page)
    // The browser would drop the page if it were told something while it is away.
    await other.evaluate(() => void (BroadcastChannel.prototype.postMessage = () => {}))
    await openApp(page, '/callback.js')
    expect((await renewToken(other)).value).toBeTruthy()
    const { value } = await renewToken(other)
    await goBack(page, '/')
    await page.waitForFunction(() => 'auth' in window)
    expect(await page.evaluate(() => 'isOld' in window)).toBe(true)
    await expect.poll(async () => (await getToken(page)).value).toBe(value)
    expect((await renewToken(page)).value).toBeTruthy()
    expect(countRefreshes(as)).toEqual({ sent: 3, taken: 3, refused: 0 })
    expect(await state(page)).toMatchObject(loggedIn)
  })
})

test.describe('when the clock is set back an hour while the app runs', () => {
  // The ID token of a renewal is an hour ahead then.
  const options = { clockTolerance: 2 * hour }

  test('goes on in all tabs, and a logout still ends the session in all', async ({ page, app, as }) => {
    await startSession(page, app, options)
    const other = await openTab(page)
    const { value: first } = await renewToken(page)
    await passTimeInAll([page, other], -hour)
    // It counts as valid for an hour longer: an API says when it is not.
    expect((await getToken(page)).value).toBe(first)
    for (const [tab, sibling] of [
      [page, other],
      [other, page],
    ] as const) {
      const { value } = await renewToken(tab)
      expect(as.secrets).toContain(value)
      await expect.poll(async () => (await getToken(sibling)).value).toBe(value)
    }
    expect(countRefreshes(as)).toEqual({ sent: 3, taken: 3, refused: 0 })
    await page.evaluate(() => window.auth.logout({ local: true }))
    for (const tab of [page, other]) {
      await expectState(tab, { status: 'logged-out', reason: 'logout' })
      expect((await renewToken(tab)).error?.code).toBe('login_required')
    }
    await page.reload()
    expect(await page.evaluate(() => window.auth.ready())).toEqual({ status: 'logged-out', reason: 'logout' })
  })

  test('replaces a token that an API no longer accepts', async ({ page, app, as }) => {
    await startSession(page, app, { ...options, apis: [{ url: app.origin }] })
    const { value: expired } = await getToken(page)
    app.route('/api', ({ headers }) =>
      headers['authorization'] === `Bearer ${expired}`
        ? { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } }
        : { body: 'orders' },
    )
    await passTime(page, -hour)
    expect(await page.evaluate(async () => (await window.auth.fetch('/api')).text())).toBe('orders')
    expect(countRefreshes(as)).toEqual({ sent: 1, taken: 1, refused: 0 })
  })

  test('does not wait an hour longer for a server that was overloaded', async ({ page, app, as }) => {
    await startExpiredSession(page, app, as, options)
    await page.context().clearCookies()
    as.fault('token', {
      error: 'temporarily_unavailable',
      status: 503,
      retryAfter: 60,
      when: isRefresh,
      times: 1,
    })
    for (let call = 0; call < 2; call++)
      expect((await renewToken(page)).error).toMatchObject({
        code: 'temporarily_unavailable',
        retryAfter: 60,
      })
    // The control: nothing is sent before the pause is over.
    expect(as.count('token', isRefresh)).toBe(1)
    await passTime(page, -hour)
    expect(as.secrets).toContain((await renewToken(page)).value)
    expect(countRefreshes(as)).toEqual({ sent: 2, taken: 1, refused: 0 })
  })
})

test('keeps a token without "expires_in" until an API refuses it', async ({ page, app, as }) => {
  as.tamperTokenResponse(({ expires_in: _, ...json }) => json)
  await startSession(page, app, { apis: [{ url: app.origin }] })
  const { value: first } = await getToken(page)
  await passTime(page, 365 * day)
  for (const minValidity of [0, 30, 365 * day])
    expect((await getToken(page, { minValidity })).value).toBe(first)
  expect(countRefreshes(as)).toEqual({ sent: 0, taken: 0, refused: 0 })
  await passTime(page, -365 * day + 11)
  app.route('/api', ({ headers }) =>
    headers['authorization'] === `Bearer ${first}`
      ? { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } }
      : { body: 'orders' },
  )
  expect(await page.evaluate(async () => (await window.auth.fetch('/api')).text())).toBe('orders')
  expect((await getToken(page)).value).not.toBe(first)
  expect(countRefreshes(as)).toEqual({ sent: 1, taken: 1, refused: 0 })
})

test('renews tokens that live for five seconds, once for all calls at the same time', async ({
  page,
  app,
  as,
}) => {
  as.accessTokenTTL = 5
  await startSession(page, app)
  for (let round = 1; round <= 5; round++) {
    const outcomes = await getTokens(page, 3)
    for (const { value } of outcomes) expect(as.secrets).toContain(value)
    expect(new Set(outcomes.map(({ value }) => value)).size).toBe(1)
    expect(countRefreshes(as)).toEqual({ sent: round, taken: round, refused: 0 })
  }
  // A call that is content with less gets what is there.
  const { value } = await getToken(page, { minValidity: 0 })
  expect(as.secrets).toContain(value)
  expect(as.count('token', isRefresh)).toBe(5)
})

test('keeps a token that lives for 30 days for 30 days, and sets no timer for it', async ({
  page,
  app,
  as,
}) => {
  // As a timer, this would overflow, and fire at once.
  Object.assign(as, { accessTokenTTL: 30 * day, idTokenTTL: 60 * day })
  await page.addInitScript(() => {
    const long: unknown[] = []
    const { setTimeout } = window
    Object.assign(window, {
      long,
      setTimeout: (work: () => void, ms = 0) => {
        if (ms > 2 ** 31 - 1) long.push(ms)
        return setTimeout(work, ms)
      },
    })
  })
  await startSession(page, app, { timeouts: { popup: 30 * day * 1000, request: Infinity } })
  const { value } = await getToken(page)
  await passTime(page, 30 * day - 60)
  expect((await getToken(page)).value).toBe(value)
  expect(countRefreshes(as)).toEqual({ sent: 0, taken: 0, refused: 0 })
  await passTime(page, 60)
  expect((await getToken(page)).value).not.toBe(value)
  expect(countRefreshes(as)).toEqual({ sent: 1, taken: 1, refused: 0 })
  const long = () => page.evaluate(() => (window as unknown as { long: number[] }).long)
  expect(await long()).toEqual([])
  // The control.
  await page.evaluate(() => void setTimeout(() => {}, 2 ** 31))
  expect(await long()).toHaveLength(1)
})
