import { createAuth, events, openApp, state } from '../../rig/app-page.js'
import { watchDisturbances } from '../../rig/disturbances.js'
import { expect, test } from '../../rig/fixtures.js'
import { isRefresh, isSilent } from '../../rig/request-kinds.js'
import { logInByPopup } from '../../rig/sign-in.js'
import {
  expectState,
  getToken,
  getTokens,
  openTab,
  startExpiredSession,
  startSession,
} from '../../rig/token-calls.js'

test('returns the cached token without a request', async ({ page, app, as }) => {
  await startSession(page, app)
  const { length } = as.requests
  const tokens = new Set((await getTokens(page, 10)).map(({ value }) => value))
  expect(tokens.size).toBe(1)
  expect(as.secrets).toContain([...tokens][0])
  expect(as.requests).toHaveLength(length)
})

test('refreshes a token that expires too soon, and only then', async ({ page, app, as }) => {
  as.accessTokenTTL = 100
  await startSession(page, app)
  const { value: first } = await getToken(page, { minValidity: 60 })
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(0)
  const { value: second } = await getToken(page, { minValidity: 120 })
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
  expect(second).not.toBe(first)
  expect(as.count('authorize')).toBe(1)
  expect(await events(page)).toContainEqual({ type: 'renewed', via: 'refresh' })
})

test('refreshes an expired token', async ({ page, app, as }) => {
  await startExpiredSession(page, app, as)
  const { value } = await getToken(page)
  expect(as.secrets).toContain(value)
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
  expect(as.count('authorize')).toBe(1)
})

test("has the login's scope when the response to a refresh names none", async ({ page, app, as }) => {
  await startExpiredSession(page, app, as, { scope: 'openid email' })
  as.tamperTokenResponse((json) => ({ ...json, scope: undefined }))
  expect(await page.evaluate(() => window.auth.getTokenSet())).toMatchObject({ scope: 'openid email' })
  expect(as.count('token', isRefresh)).toBe(1)
})

test('adopts the token that another tab has refreshed in the meantime, even if that takes longer than five seconds', async ({
  page,
  app,
  as,
}) => {
  await startExpiredSession(page, app, as)
  const other = await openTab(page)
  const fault = as.fault('token', { hang: true })
  const first = getToken(page)
  await fault.hit
  // The second tab asks, and waits for the first, before the answer comes.
  const second = getToken(other)
  const waiting = () =>
    expect.poll(() => other.evaluate(async () => (await navigator.locks.query()).pending?.length)).toBe(1)
  await waiting()
  const since = Date.now()
  // A limit on the wait for a lock shows only once it has passed.
  await expect.poll(() => Date.now() - since, { timeout: 10_000 }).toBeGreaterThan(6000)
  // It asks again every other second.
  await waiting()
  fault.release()
  const { value } = await first
  expect(as.secrets).toContain(value)
  expect((await second).value).toBe(value)
  expect(as.count('token', isRefresh)).toBe(1)
  expect(as.countEvents('grant.error')).toBe(0)
  expect(await events(other)).toContainEqual({ type: 'renewed', via: 'tab' })
})

test.describe('without refresh tokens', () => {
  test.use({ asOptions: { refreshTokens: false } })

  test('falls back to the hidden iframe', async ({ page, app, as }) => {
    await startExpiredSession(page, app, as)
    const seen = watchDisturbances(page)
    const { value } = await getToken(page)
    expect(as.secrets).toContain(value)
    expect(as.count('authorize', isSilent)).toBe(1)
    expect(as.count('token')).toBe(2)
    expect(await events(page)).toContainEqual({ type: 'renewed', via: 'iframe' })
    expect(await page.locator('iframe').count()).toBe(0)
    expect(seen).toEqual([])
    const { length } = as.requests
    expect((await getToken(page)).value).toBe(value)
    expect(as.requests).toHaveLength(length)
  })

  test('rejects with login_required when the iframe finds nobody logged in, and never opens a window, navigates or alerts', async ({
    page,
    app,
    as,
  }) => {
    await startExpiredSession(page, app, as)
    await page.context().clearCookies()
    const seen = watchDisturbances(page)
    const { error } = await getToken(page)
    expect(error).toMatchObject({ name: 'AuthError', code: 'login_required', retryable: false })
    expect(as.count('authorize', isSilent)).toBe(1)
    expect(await state(page)).toMatchObject({ status: 'logged-in' })
    expect(seen).toEqual([])
    // What it must not do would have been seen.
    await page.evaluate(() => alert('control'))
    expect(seen).toEqual(['alert'])
    await page.reload()
    const window = page.context().waitForEvent('page')
    await page.context().newPage()
    await window
    expect(seen).toEqual(['alert', 'navigation', 'window'])
  })
})

test('rejects with login_required before any login, without a request', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  const seen = watchDisturbances(page)
  const { error } = await getToken(page)
  expect(error).toMatchObject({ name: 'AuthError', code: 'login_required' })
  expect(as.requests).toEqual([])
  expect(seen).toEqual([])
  await logInByPopup(page)
  expect((await getToken(page)).value).toBeTruthy()
})

test('never restores a user who logged out in another tab', async ({ page, app, as }) => {
  await startExpiredSession(page, app, as)
  const other = await openTab(page)
  await page.evaluate(() => window.auth.logout({ local: true }))
  const { length } = as.requests
  const outcomes = await getTokens(other, 100)
  expect(outcomes.map(({ error }) => error?.code)).toEqual(Array(100).fill('login_required'))
  await expectState(other, { status: 'logged-out', reason: 'logout' })
  expect((await getTokens(other, 100)).every(({ error }) => error?.code === 'login_required')).toBe(true)
  expect(as.requests).toHaveLength(length)
  // The server's session is alive: a renewal in the iframe would have worked.
  expect(await other.evaluate(async () => (await window.auth.login({ mode: 'silent' })).status)).toBe(
    'logged-in',
  )
})

test('refreshes once for 100 concurrent calls in one tab', async ({ page, app, as }) => {
  await startExpiredSession(page, app, as)
  const outcomes = await getTokens(page, 100)
  expect(new Set(outcomes.map(({ value }) => value)).size).toBe(1)
  expect(as.secrets).toContain(outcomes[0]!.value)
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
  expect(as.countEvents('grant.error')).toBe(0)
})

test('detaches only the caller whose signal is aborted', async ({ page, app, as }) => {
  await startExpiredSession(page, app, as)
  const fault = as.fault('token', { hang: true })
  const run = page.evaluate(async () => {
    const leaving = new AbortController()
    Object.assign(window, { leave: () => leaving.abort(new Error('the caller has left')) })
    const stays = window.auth.getToken()
    const leaves = window.auth.getToken({ signal: leaving.signal })
    const reason = await leaves.catch((error: Error) => error.message)
    return { reason, pending: await Promise.race([stays, Promise.resolve('pending')]), token: await stays }
  })
  await fault.hit
  await page.evaluate(() => (window as unknown as { leave: () => void }).leave())
  fault.release()
  const { reason, pending, token } = await run
  expect(reason).toBe('the caller has left')
  expect(pending).toBe('pending')
  expect(as.secrets).toContain(token)
  expect(as.count('token')).toBe(2)
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
})
