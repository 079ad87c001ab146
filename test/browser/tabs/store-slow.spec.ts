import type { Page } from '@playwright/test'
import { events, openApp, state } from '../../rig/app-page.js'
import { exchange } from '../../rig/exchange-calls.js'
import { expect, test, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { holdStore } from '../../rig/held-store.js'
import { isRefresh, isSilent } from '../../rig/request-kinds.js'
import {
  expectState,
  getToken,
  renewToken,
  startAgingSession,
  startExpiredSession,
  startSession,
} from '../../rig/token-calls.js'

const loggedIn = { status: 'logged-in', user: { sub: 'alice' } } as never

/** Waits for the client's first state; gives that and how long it took, in milliseconds. */
const measureReady = (page: Page) =>
  page.evaluate(async () => {
    const start = performance.now()
    const { status } = await window.auth.ready()
    return { status, after: performance.now() - start }
  })

const failures = async (page: Page) => (await events(page)).filter(({ type }) => type === 'store_failed')

test('sessionStore: keeps the session through reloads of a page that is busy right after its client was created', async ({
  page,
  app,
  as,
}) => {
  test.slow()
  await startSession(page, app, { store: 'session' })
  await page.addInitScript(() => {
    const work = (ms: number) => {
      const start = performance.now()
      while (performance.now() - start < ms);
    }
    document.addEventListener('DOMContentLoaded', () => {
      work(200)
      setTimeout(() => work(350))
    })
  })
  const { length } = as.requests
  for (let round = 0; round < 10; round++) {
    await page.reload()
    expect(await page.evaluate(() => window.auth.ready())).toMatchObject(loggedIn)
  }
  expect(as.requests).toHaveLength(length)
  expect((await renewToken(page)).value).toBeTruthy()
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
  expect(as.countEvents('grant.error')).toBe(0)
  expect(await failures(page)).toEqual([])
})

test('shows the session, with its refresh token, as soon as a slow store responds', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app)
  const release = await holdStore(page)
  await page.reload()
  const ready = await measureReady(page)
  expect(ready.status).toBe('logged-out')
  expect(ready.after).toBeLessThan(3000)
  expect(await failures(page)).toHaveLength(1)

  await release()
  await expectState(page, loggedIn)
  const counts = [as.count('authorize'), as.count('token')]
  expect(counts).toEqual([1, 1])
  expect((await renewToken(page)).value).toBeTruthy()
  expect(as.count('authorize')).toBe(1)
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
  expect(as.countEvents('grant.error')).toBe(0)
})

/** Renews the token in each tab. All know the new one before the next renewal: a tab that does not would adopt it in place of its own. */
async function renewInTurn(tabs: Page[], as: TestAuthorizationServer): Promise<void> {
  for (const tab of tabs) {
    const { value } = await renewToken(tab)
    expect(as.secrets).toContain(value)
    for (const each of tabs) await expect.poll(async () => (await getToken(each)).value).toBe(value)
  }
}

test('resumes the stored session, with its refresh token, after the store was slow during the session', async ({
  page,
  app,
  as,
}) => {
  await startExpiredSession(page, app, as)
  const release = await holdStore(page)
  // Without the refresh token, which other tabs could be sending: a new grant.
  const { value } = await getToken(page)
  expect(as.secrets).toContain(value)
  expect([as.count('authorize', isSilent), as.count('token', isRefresh)]).toEqual([1, 0])
  expect(await state(page)).toMatchObject(loggedIn)

  await release()
  // What the slow store missed is found there once it answers.
  const other = await page.context().newPage()
  await openApp(other)
  await expect.poll(async () => (await getToken(other)).value).toBe(value)
  await renewInTurn([page, other], as)
  expect([as.count('authorize', isSilent), as.count('token', isRefresh)]).toEqual([1, 2])
  expect(as.countEvents('grant.error')).toBe(0)
  expect(await failures(page)).toHaveLength(1)
})

// Without an ID token, an iframe could return the grant of another user.
const resource = 'https://orders.example.com'
const plain = { scope: 'orders:read', resource }

test.describe('while the store does not respond and no hidden iframe can help', () => {
  test.use({ asOptions: { resources: { [resource]: { scope: 'orders:read' } }, tokenExchange: true } })

  for (const [why, options] of Object.entries({
    'the server has no session any more': {},
    'the login was without "openid"': plain,
  }))
    test(`asks nobody to log in, and renews once the store responds: ${why}`, async ({ page, app, as }) => {
      await startExpiredSession(page, app, as, options)
      await page.context().clearCookies()
      const release = await holdStore(page)
      for (let call = 0; call < 2; call++)
        expect((await getToken(page)).error).toMatchObject({ code: 'vault_unavailable', retryable: true })
      expect(await state(page)).toMatchObject({ status: 'logged-in' })
      expect(as.count('token', isRefresh)).toBe(0)

      await release()
      await expect.poll(async () => (await getToken(page)).error?.code, { timeout: 15_000 }).toBe(undefined)
      expect(as.secrets).toContain((await getToken(page)).value)
      expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
      expect(as.countEvents('grant.error')).toBe(0)
    })

  test('returns the old token while that is valid', async ({ page, app, as }) => {
    await startAgingSession(page, app, as, plain)
    const { value } = await getToken(page, { minValidity: 0 })
    const release = await holdStore(page)
    expect((await getToken(page)).value).toBe(value)
    expect(as.count('token')).toBe(1)
    await release()
    await expect.poll(async () => (await getToken(page)).value, { timeout: 15_000 }).not.toBe(value)
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
  })

  test('does not say that the session has no refresh token to exchange', async ({ page, app, as }) => {
    await startSession(page, app, { scope: 'openid orders:read', resource })
    const release = await holdStore(page)
    const call = { subjectTokenType: 'refresh_token', audience: resource }
    expect((await exchange(page, call)).error).toMatchObject({ code: 'vault_unavailable', retryable: true })
    expect(as.count('token')).toBe(1)
    // The control.
    await release()
    await expect
      .poll(async () => (await exchange(page, call)).error?.code, { timeout: 15_000 })
      .toBe(undefined)
  })
})

test('keeps the stored refresh token if the store did not respond while an iframe brought a grant without another one', async ({
  page,
  app,
  as,
}) => {
  await startExpiredSession(page, app, as)
  // Only a refresh returns another refresh token.
  as.tamperTokenResponse(({ refresh_token, ...json }) => {
    const request = as.requests.findLast(({ endpoint, preflight }) => endpoint === 'token' && !preflight)
    return isRefresh(request!) ? { ...json, refresh_token } : json
  })
  const release = await holdStore(page)
  expect((await getToken(page)).error).toMatchObject({ code: 'vault_unavailable', retryable: true })
  expect([as.count('authorize', isSilent), as.count('token', isRefresh)]).toEqual([1, 0])
  expect(await state(page)).toMatchObject(loggedIn)

  await release()
  await expect.poll(async () => (await getToken(page)).error?.code, { timeout: 15_000 }).toBe(undefined)
  // The store may have responded in the middle of the first renewal, so that an iframe brought its token.
  expect(as.secrets).toContain((await renewToken(page)).value)
  expect(as.countEvents('grant.success', 'refresh_token')).toBeGreaterThan(0)
  expect(as.countEvents('grant.error')).toBe(0)
})

test('stores a login that a slow store has missed, and shows it in the other tabs', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app)
  await page.evaluate(() => window.auth.logout({ local: true }))
  const other = await page.context().newPage()
  await openApp(other)
  await expectState(other, { status: 'logged-out' })
  const release = await holdStore(page)
  expect(await page.evaluate(() => window.auth.login({ mode: 'silent' }))).toMatchObject(loggedIn)
  await release()
  // A call that looks into the store again.
  expect((await renewToken(page)).value).toBeTruthy()
  await expectState(other, loggedIn)
  await page.reload()
  expect((await measureReady(page)).status).toBe('logged-in')
  await renewInTurn([other, page], as)
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(3)
  expect(as.countEvents('grant.error')).toBe(0)
})
