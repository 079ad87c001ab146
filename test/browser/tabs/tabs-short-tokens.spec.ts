import type { Page } from '@playwright/test'
import { events, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { isRefresh, isSilent } from '../../rig/request-kinds.js'
import { getToken, openTab, startExpiredSession } from '../../rig/token-calls.js'

// Shorter than what `getToken` wants by default, 30 s: a token that is new is handed out all the same.
const seconds = 3

/** Waits until a tab waits for the lock of another one. */
const untilWaiting = (tab: Page) =>
  expect.poll(() => tab.evaluate(async () => (await navigator.locks.query()).pending?.length)).toBe(1)

test('a tab gets the token that another one has just refreshed, even if it only lives for 3 s', async ({
  page,
  app,
  as,
}) => {
  await startExpiredSession(page, app, as)
  const other = await openTab(page)
  // No iframe can help.
  await page.context().clearCookies()
  as.accessTokenTTL = seconds
  const fault = as.fault('token', { hang: true, when: isRefresh })
  const first = getToken(page)
  await fault.hit
  const second = getToken(other)
  await untilWaiting(other)
  fault.release()
  const { value } = await first
  expect(as.secrets).toContain(value)
  expect(await second).toMatchObject({ value })
  expect(await events(other)).toContainEqual({ type: 'renewed', via: 'tab' })
  expect(as.count('token', isRefresh)).toBe(1)
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
  // The control: the next call wants more than these 3 s, and gets a new one.
  const next = await getToken(other)
  expect(as.secrets).toContain(next.value)
  expect(next.value).not.toBe(value)
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(2)
  expect(as.countEvents('grant.error')).toBe(0)
})

test.describe('without refresh tokens', () => {
  test.use({ asOptions: { refreshTokens: false } })

  test('a tab gets the token that another one has just received by iframe, even if it only lives for 3 s', async ({
    page,
    app,
    as,
  }) => {
    await startExpiredSession(page, app, as)
    const other = await openTab(page)
    as.accessTokenTTL = seconds
    const fault = as.fault('authorize', { hang: true, when: isSilent })
    const first = getToken(page)
    await fault.hit
    const second = getToken(other)
    await untilWaiting(other)
    // Whoever is next finds nobody logged in at the server.
    await page.context().clearCookies()
    fault.release()
    const { value } = await first
    expect(as.secrets).toContain(value)
    expect(await second).toMatchObject({ value })
    expect(as.count('authorize', isSilent)).toBe(1)
    expect(as.countEvents('grant.success', 'authorization_code')).toBe(2)
    expect(as.countEvents('grant.error')).toBe(0)
    expect(await state(other)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  })
})
