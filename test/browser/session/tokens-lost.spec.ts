import type { Page } from '@playwright/test'
import { clickLogin, createAuth, events, openApp, outcome, state } from '../../rig/app-page.js'
import { expect, test, type AppServer, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { lengthenIdTokens } from '../../rig/long-id-tokens.js'
import { isRefresh, isSilent } from '../../rig/request-kinds.js'
import { popupOf, signIn } from '../../rig/sign-in.js'
import {
  expectState,
  getToken,
  getTokens,
  openTab,
  renewToken,
  startExpiredSession,
} from '../../rig/token-calls.js'

/** Logs in with two tabs, and closes the first while the answer to its refresh is on its way. Returns the other one. */
async function closeDuringRefresh(page: Page, app: AppServer, as: TestAuthorizationServer): Promise<Page> {
  await startExpiredSession(page, app, as)
  const other = await openTab(page)
  const fault = as.fault('token', { hang: true, afterProcessing: true, times: 1, when: isRefresh })
  const lost = getToken(page).catch(() => 'closed')
  await fault.hit
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
  await page.close()
  expect(await lost).toBe('closed')
  fault.end()
  return other
}

test('gets a token through one iframe when a tab was closed before the answer to its refresh arrived', async ({
  page,
  app,
  as,
}) => {
  const other = await closeDuringRefresh(page, app, as)
  const [first, second] = await getTokens(other, 2)
  expect(as.secrets).toContain(first!.value)
  expect(second!.value).toBe(first!.value)
  expect(as.count('authorize', isSilent)).toBe(1)
  expect(as.count('token', isRefresh)).toBe(1)
  expect(as.countEvents('grant.error')).toBe(0)
  expect(await state(other)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })

  // The session goes on with the new refresh token.
  expect((await renewToken(other)).value).toBeTruthy()
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(2)
  expect(as.count('authorize', isSilent)).toBe(1)
})

test('rejects with session_lost when a tab was closed before the answer to its refresh arrived and nobody is logged in at the server', async ({
  page,
  app,
  as,
}) => {
  const other = await closeDuringRefresh(page, app, as)
  await other.context().clearCookies()

  const { error } = await getToken(other)
  expect(error).toMatchObject({ name: 'AuthError', code: 'session_lost', retryable: false })
  expect(as.count('authorize', isSilent)).toBe(1)
  expect(as.events).toContainEqual({
    name: 'grant.error',
    grantType: 'refresh_token',
    error: 'invalid_grant',
  })
  expect(await state(other)).toMatchObject({ status: 'logged-out', reason: 'session_lost' })
  const { length } = as.requests
  expect((await getToken(other)).error?.code).toBe('login_required')
  expect(as.requests).toHaveLength(length)
})

test('does not send a refresh token in doubt because the keys for the response of the iframe are unavailable', async ({
  page,
  app,
  as,
}) => {
  await startExpiredSession(page, app, as)
  as.rotateKeys()
  const lost = as.fault('token', { afterProcessing: true, status: 500, times: 1, when: isRefresh })
  const broken = as.fault('jwks', { status: 503 })
  for (let call = 0; call < 2; call++) expect((await getToken(page)).error).toMatchObject({ retryable: true })
  expect([lost.hits, broken.hits]).toEqual([1, 2])
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
  broken.end()
  expect(as.secrets).toContain((await getToken(page)).value)
  expect(as.count('token', isRefresh)).toBe(1)
  expect(as.countEvents('grant.error')).toBe(0)
})

test('makes one silent attempt after invalid_grant and then logs all tabs out as session_lost', async ({
  page,
  app,
  as,
}) => {
  await startExpiredSession(page, app, as)
  const tabs = [page, await openTab(page), await openTab(page)]
  as.forgetEverything()
  const outcomes = await Promise.all(tabs.map((tab) => getToken(tab)))
  const codes = outcomes.map(({ error }) => error?.code)
  expect(codes).toContain('session_lost')
  expect(codes.filter((code) => code !== 'session_lost' && code !== 'login_required')).toEqual([])
  for (const tab of tabs) await expectState(tab, { status: 'logged-out', reason: 'session_lost' })
  expect(as.count('token', isRefresh)).toBe(1)
  expect(as.count('authorize', isSilent)).toBe(1)

  // A tab that is opened later knows it as well.
  expect(await state(await openTab(page))).toMatchObject({ status: 'logged-out', reason: 'session_lost' })
})

test('is saved by the silent attempt after invalid_grant if the session at the server still exists', async ({
  page,
  app,
  as,
}) => {
  await startExpiredSession(page, app, as)
  const tabs = [page, await openTab(page), await openTab(page)]
  as.fault('token', { error: 'invalid_grant', times: 1, when: isRefresh })
  const outcomes = await Promise.all(tabs.map((tab) => getToken(tab)))
  expect(new Set(outcomes.map(({ value }) => value)).size).toBe(1)
  expect(as.secrets).toContain(outcomes[0]!.value)
  expect(as.count('token', isRefresh)).toBe(1)
  expect(as.count('authorize', isSilent)).toBe(1)
  for (const tab of tabs)
    expect(await state(tab)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  expect((await renewToken(page)).value).toBeTruthy()
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
})

test.describe('with another user at the server', () => {
  test.use({ asOptions: { refreshTokens: false } })

  test('rejects a renewal with user_changed and stores nothing', async ({ page, app, as }) => {
    // Without a hint at the user the server answers as whoever is logged in there.
    lengthenIdTokens(as)
    await startExpiredSession(page, app, as)
    const before = await page.evaluate(() => window.auth.getUser())
    // Another client of the same server: its login changes who the server's session belongs to.
    app.authAtLoad = undefined
    const elsewhere = await page.context().newPage()
    await openApp(elsewhere)
    await createAuth(elsewhere, { clientId: 'second-app', store: 'memory' })
    await signIn(await popupOf(elsewhere, () => clickLogin(elsewhere, { prompt: 'login' })), 'bob')
    expect((await outcome(elsewhere)).value).toMatchObject({ status: 'logged-in', user: { sub: 'bob' } })

    const { error } = await getToken(page)
    expect(error).toMatchObject({ name: 'AuthError', code: 'user_changed', retryable: false })
    expect(as.count('authorize', isSilent)).toBe(1)
    expect(await events(page)).toContainEqual(
      expect.objectContaining({
        type: 'renewal_failed',
        error: expect.objectContaining({ code: 'user_changed' }),
      }),
    )
    expect(await page.evaluate(() => window.auth.getUser())).toEqual(before)
    app.authAtLoad = {}
    const reloaded = await openTab(page)
    expect(await state(reloaded)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
    // No token of the other user is in the store: the next call has to ask again.
    expect((await getToken(reloaded)).error?.code).toBe('user_changed')
    expect(as.count('authorize', isSilent)).toBe(2)
  })
})
