import type { Page } from '@playwright/test'
import { clickLogin, createAuth, events, openApp, outcome, state } from '../rig/app-page.js'
import { expect, test } from '../rig/fixtures.js'
import { logInByPopup, popupOf, signIn } from '../rig/sign-in.js'
import {
  expectState,
  getToken,
  openTab,
  renewToken,
  startAgingSession,
  startExpiredSession,
  startSession,
} from '../rig/token-calls.js'

/** Marks a page, so that a reload would show. */
const mark = (tab: Page) => tab.evaluate(() => void Object.assign(window, { marked: true }))
const isMarked = (tab: Page) => tab.evaluate(() => 'marked' in window)

test('restores the session after a reload without a request to the server', async ({ page, app, as }) => {
  await startSession(page, app)
  const { value } = await getToken(page)
  const { length } = as.requests
  await page.reload()
  const restored = await page.evaluate(() => window.auth.ready())
  expect(restored).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  expect((await getToken(page)).value).toBe(value)
  expect(as.requests).toHaveLength(length)
})

test('restores the session in a new tab without a request to the server', async ({ page, app, as }) => {
  await startSession(page, app)
  const { value } = await getToken(page)
  const { length } = as.requests
  const tab = await openTab(page)
  expect(await state(tab)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  expect((await getToken(tab)).value).toBe(value)
  await page.close()
  expect((await getToken(tab)).value).toBe(value)
  expect(as.requests).toHaveLength(length)
})

test('shows a login, a change of the user and a logout in all tabs without a reload', async ({
  page,
  app,
  as,
}) => {
  app.authAtLoad = {}
  await openApp(page)
  const others = [await openTab(page), await openTab(page)]
  for (const tab of others) {
    expect(await state(tab)).toEqual({ status: 'logged-out' })
    await mark(tab)
  }

  await logInByPopup(page)
  for (const tab of others) await expectState(tab, { status: 'logged-in', user: { sub: 'alice' } as never })
  const { value: ofAlice } = await getToken(page)
  for (const tab of others) expect((await getToken(tab)).value).toBe(ofAlice)

  await signIn(await popupOf(page, () => clickLogin(page, { prompt: 'login' })), 'bob')
  expect((await outcome(page)).value).toMatchObject({ user: { sub: 'bob' } })
  for (const tab of others) await expectState(tab, { status: 'logged-in', user: { sub: 'bob' } as never })
  const { value: ofBob } = await getToken(page)
  expect(ofBob).not.toBe(ofAlice)
  for (const tab of others) expect((await getToken(tab)).value).toBe(ofBob)
  expect(as.count('token')).toBe(2)

  await page.evaluate(() => window.auth.logout({ local: true }))
  for (const tab of others) {
    await expectState(tab, { status: 'logged-out', reason: 'logout' })
    expect((await getToken(tab)).error?.code).toBe('login_required')
    expect(await tab.evaluate(() => window.auth.getUser())).toBe(null)
    expect(await isMarked(tab)).toBe(true)
  }
})

test('takes over the token that another tab has renewed, without a request', async ({ page, app, as }) => {
  await startSession(page, app)
  const other = await openTab(page)
  const { value } = await renewToken(page)
  await expect.poll(async () => (await getToken(other)).value).toBe(value)
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
})

test('keeps the sessions of two clients of one app apart', async ({ page, app, as }) => {
  await startSession(page, app)
  app.authAtLoad = undefined
  const other = await page.context().newPage()
  await openApp(other)
  await createAuth(other, { clientId: 'second-app' })
  expect(await other.evaluate(() => window.auth.ready())).toEqual({ status: 'logged-out' })
  await other.evaluate(() => window.auth.login({ mode: 'silent' }))
  const [ofFirst, ofSecond] = [await renewToken(page), await renewToken(other)]
  expect(ofSecond.value).toBeTruthy()
  expect(ofSecond.value).not.toBe(ofFirst.value)
  await other.evaluate(() => window.auth.logout({ local: true }))
  expect((await getToken(page)).value).toBe(ofFirst.value)
  expect((await renewToken(page)).value).toBeTruthy()
  expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(3)
})

test.describe('while another tab holds the lock and does not let go', () => {
  /** Short, because what another tab may take is what this one waits for; 5 s are added to them. */
  const options = { timeouts: { request: 2000, iframe: 2000 } }

  /** Holds the session's lock, as a frozen tab does. */
  async function holdLock(holder: Page, issuer: string, clientId: string): Promise<void> {
    await openApp(holder, '/callback.js')
    await holder.evaluate(
      (name) =>
        new Promise<void>((resolve) => {
          void navigator.locks.request(name, () => {
            resolve()
            return new Promise(() => {})
          })
        }),
      `latchkey ${issuer} ${clientId}`,
    )
  }

  test('returns a token that is still good', async ({ page, app, as }) => {
    await startAgingSession(page, app, as)
    app.authAtLoad = options
    const tab = await openTab(page)
    const holder = await page.context().newPage()
    await holdLock(holder, as.issuer, as.clientId)
    const { length } = as.requests
    const { value: aging } = await getToken(tab, { minValidity: 0 })
    expect((await getToken(tab)).value).toBe(aging)
    expect(as.requests).toHaveLength(length)
    await holder.close()
    expect((await getToken(tab)).value).not.toBe(aging)
  })

  test('gets a token by iframe when there is no such token, and leaves the refresh token alone', async ({
    page,
    app,
    as,
  }) => {
    // The wait for the lock alone takes 16 s: the frame must have time to answer on a busy machine.
    test.slow()
    await startExpiredSession(page, app, as)
    app.authAtLoad = { timeouts: { request: 1000, iframe: 10_000 } }
    const tab = await openTab(page)
    const holder = await page.context().newPage()
    await holdLock(holder, as.issuer, as.clientId)
    const renewed = await getToken(tab)
    expect(renewed.error).toBe(undefined)
    expect(as.secrets).toContain(renewed.value)
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(0)
    expect(await events(tab)).toContainEqual({ type: 'renewed', via: 'iframe' })
  })

  test('rejects with busy when neither is to be had, and goes on once the lock is free', async ({
    page,
    app,
    as,
  }) => {
    await startExpiredSession(page, app, as)
    app.authAtLoad = options
    const tab = await openTab(page)
    const holder = await page.context().newPage()
    await holdLock(holder, as.issuer, as.clientId)
    await page.context().clearCookies()
    const tokens = as.count('token')
    expect((await getToken(tab)).error).toMatchObject({ name: 'AuthError', code: 'busy', retryable: true })
    expect(await state(tab)).toMatchObject({ status: 'logged-in' })
    expect(as.count('token')).toBe(tokens)
    await holder.close()
    expect(as.secrets).toContain((await getToken(tab)).value)
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
  })
})
