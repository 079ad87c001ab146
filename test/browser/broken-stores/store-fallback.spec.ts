import type { Page } from '@playwright/test'
import { createAuth, events, openApp, state } from '../../rig/app-page.js'
import { breakIndexedDb, brokenIndexedDb } from '../../rig/broken-indexeddb.js'
import { expect, test, type AppServer, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { isRefresh, isSilent } from '../../rig/request-kinds.js'
import { logInByPopup } from '../../rig/sign-in.js'
import {
  expectState,
  getToken,
  openTab,
  renewToken,
  startExpiredSession,
  startSession,
} from '../../rig/token-calls.js'

const failures = async (page: Page) => (await events(page)).filter(({ type }) => type === 'store_failed')

/** Lets a page with a session fall back to memory; another tab goes on with the store. Gives that, and what makes the store work again. */
async function fallBack(page: Page, app: AppServer, as: TestAuthorizationServer) {
  await startExpiredSession(page, app, as)
  const other = await openTab(page)
  const mend = await breakIndexedDb(page, 'loses its connection')
  expect(as.secrets).toContain((await getToken(page)).value)
  expect(await failures(page)).toHaveLength(1)
  return { other, mend }
}

for (const [name, breakIt] of Object.entries(brokenIndexedDb)) {
  test(`logs in, with memory instead of the store and one event, when IndexedDB ${name}`, async ({
    page,
    as,
  }) => {
    await page.addInitScript(breakIt)
    await openApp(page)
    await createAuth(page)
    const ready = await page.evaluate(async () => {
      const start = performance.now()
      const { status } = await window.auth.ready()
      return { status, after: performance.now() - start }
    })
    expect(ready.status).toBe('logged-out')
    expect(ready.after).toBeLessThan(3000)
    expect(await logInByPopup(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
    expect(await failures(page)).toEqual([{ type: 'store_failed', message: expect.any(String) }])
    const { value } = await getToken(page)
    expect((await getToken(page)).value).toBe(value)
    expect(as.count('token')).toBe(1)
    expect((await renewToken(page)).value).not.toBe(value)
    expect(await state(page)).toMatchObject({ status: 'logged-in' })
    expect(await failures(page)).toHaveLength(1)
  })
}

// An open connection does not notice the others.
for (const name of ['loses its connection', 'never answers a read', 'has no space left']) {
  test(`continues without the shared refresh token when IndexedDB ${name} during a session`, async ({
    page,
    app,
    as,
  }) => {
    await startExpiredSession(page, app, as)
    const other = await openTab(page)
    await page.evaluate(brokenIndexedDb[name]!)
    expect(as.secrets).toContain((await getToken(page)).value)
    expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
    expect(await failures(page)).toHaveLength(1)
    expect(as.count('authorize', isSilent)).toBe(1)
    expect(as.count('token', isRefresh)).toBe(0)
    // The other tab's session is as it was, and neither ends the other's.
    for (const tab of [other, page, other, page]) expect(as.secrets).toContain((await renewToken(tab)).value)
    expect(as.countEvents('grant.error')).toBe(0)
  })
}

test.describe('without "openid", so that no hidden iframe is possible', () => {
  const resource = 'https://orders.example.com'
  const plain = { scope: 'orders:read', resource }
  test.use({ asOptions: { resources: { [resource]: { scope: 'orders:read' } } } })

  // With a change that is aborted or does not fit, the store still reads.
  for (const name of [
    'loses its connection',
    'never answers a read',
    'has no space left',
    'aborts each change',
  ])
    test(`asks nobody to log in, and sends nothing, when IndexedDB ${name}`, async ({ page, app, as }) => {
      await startExpiredSession(page, app, as, plain)
      const repair = await breakIndexedDb(page, name)
      const { length } = as.requests
      expect((await getToken(page)).error).toMatchObject({ code: 'vault_unavailable', retryable: true })
      expect(await state(page)).toMatchObject({ status: 'logged-in' })
      expect(as.requests).toHaveLength(length)
      await repair()
      await expect.poll(async () => (await getToken(page)).error?.code, { timeout: 15_000 }).toBe(undefined)
      expect(as.count('token', isRefresh)).toBe(1)
      expect(as.countEvents('grant.error')).toBe(0)
    })

  for (const name of ['has no space left', 'aborts each change'])
    test(`returns the token of the server when IndexedDB ${name} after the refresh token was sent, and loses nothing`, async ({
      page,
      app,
      as,
    }) => {
      await startExpiredSession(page, app, as, plain)
      const fault = as.fault('token', { hang: true, when: isRefresh })
      const pending = getToken(page)
      await fault.hit
      const repair = await breakIndexedDb(page, name)
      fault.release()
      const { value } = await pending
      expect(as.secrets).toContain(value)
      expect((await renewToken(page)).value).not.toBe(value)
      await repair()
      // Now the store gets what it missed, and another tab goes on with it.
      expect(as.secrets).toContain((await renewToken(page)).value)
      const other = await openTab(page)
      expect(as.secrets).toContain((await renewToken(other)).value)
      expect(as.count('token', isRefresh)).toBe(4)
      expect(as.countEvents('grant.error')).toBe(0)
    })
})

test('logs in and renews while the origin is over its quota, and stores the session once there is space', async ({
  page,
  app,
  as,
}) => {
  const devtools = await page.context().newCDPSession(page)
  const { origin } = app
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 })
  await startSession(page, app)
  const { value } = await renewToken(page)
  expect(as.secrets).toContain(value)
  expect((await getToken(page)).value).toBe(value)
  const quota: unknown = expect.stringMatching(/quota/i)
  expect(await failures(page)).toEqual([{ type: 'store_failed', message: quota }])
  expect((await state(await openTab(page))).status).toBe('logged-out')
  await devtools.send('Storage.overrideQuotaForOrigin', { origin })
  expect((await renewToken(page)).value).not.toBe(value)
  expect(await state(await openTab(page))).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  await page.reload()
  expect(await page.evaluate(() => window.auth.ready())).toMatchObject({ status: 'logged-in' })
  expect(as.countEvents('grant.error')).toBe(0)
})

test('logs out all tabs and the stored session from a page that had fallen back to memory, when the store works again', async ({
  page,
  app,
  as,
}) => {
  const { other, mend } = await fallBack(page, app, as)
  await mend()
  expect(await state(other)).toMatchObject({ status: 'logged-in' })

  await page.evaluate(() => window.auth.logout({ local: true }))
  for (const tab of [page, other]) await expectState(tab, { status: 'logged-out', reason: 'logout' })
  expect(await state(await openTab(page))).toEqual({ status: 'logged-out', reason: 'logout' })
  await page.reload()
  expect(await page.evaluate(() => window.auth.ready())).toEqual({ status: 'logged-out', reason: 'logout' })
})

test('does not end the stored session when a page that had fallen back to memory loses its own, and finds it when the store works again', async ({
  page,
  app,
  as,
}) => {
  const { other, mend } = await fallBack(page, app, as)
  await page.context().clearCookies()
  as.fault('token', { error: 'invalid_grant', times: 1, when: isRefresh })
  expect((await renewToken(page)).error).toMatchObject({ code: 'session_lost' })
  expect(await state(page)).toMatchObject({ status: 'logged-out', reason: 'session_lost' })
  await mend()
  expect(await state(await openTab(page))).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  expect(as.secrets).toContain((await renewToken(other)).value)
  expect(await state(other)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  await expectState(page, { status: 'logged-in', user: { sub: 'alice' } as never })
})

test('tries a failed store again, and shares with the other tabs what it received in the meantime', async ({
  page,
  app,
  as,
}) => {
  const { other, mend } = await fallBack(page, app, as)
  await mend()
  for (const tab of [page, other, page, other]) expect(as.secrets).toContain((await renewToken(tab)).value)
  const { value } = await getToken(page)
  await expect.poll(async () => (await getToken(other)).value).toBe(value)
  await page.reload()
  expect((await getToken(page)).value).toBe(value)
  expect(as.count('authorize', isSilent)).toBe(1)
  expect(as.countEvents('grant.error')).toBe(0)
})

test('sends no event while IndexedDB works', async ({ page, app, as }) => {
  await startSession(page, app)
  await renewToken(page)
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
  expect(await failures(page)).toEqual([])
})
