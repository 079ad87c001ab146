import type { Page } from '@playwright/test'
import { createAuth, events, openApp, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { collectRefreshTokens, isAlive } from '../../rig/refresh-tokens.js'
import { isRefresh } from '../../rig/request-kinds.js'
import { logInByPopup } from '../../rig/sign-in.js'
import { removeRecords } from '../../rig/stored-records.js'
import {
  expectState,
  getToken,
  openTab,
  renewToken,
  startExpiredSession,
  startSession,
} from '../../rig/token-calls.js'

test('revokes the refresh token', async ({ page, app, as }) => {
  const refreshTokens = collectRefreshTokens(as)
  await startSession(page, app)
  await page.evaluate(() => window.auth.logout({ local: true }))
  expect(as.count('revocation')).toBe(1)
  expect(as.count('revocation', ({ params }) => params['token'] === refreshTokens[0])).toBe(1)
  expect(await isAlive(as, refreshTokens.at(-1))).toBe(false)
})

test('revokes nothing with revoke: false', async ({ page, app, as }) => {
  const refreshTokens = collectRefreshTokens(as)
  await startSession(page, app)
  await page.evaluate(() => window.auth.logout({ local: true, revoke: false }))
  expect(as.count('revocation')).toBe(0)
  expect(await state(page)).toMatchObject({ status: 'logged-out', reason: 'logout' })
  expect(await isAlive(as, refreshTokens.at(-1))).toBe(true)
})

test('stays on the page while the device is offline, and reports that the server was not told', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app)
  await page.context().setOffline(true)
  await page.evaluate(() => window.auth.logout())
  expect(page.url()).toBe(`${app.origin}/`)
  expect(await state(page)).toMatchObject({ status: 'logged-out', reason: 'logout' })
  expect(await events(page)).toContainEqual({
    type: 'logout_incomplete',
    error: expect.objectContaining({ code: 'network_error', retryable: true }),
  })
  expect(as.count('end_session')).toBe(0)
  // The control: with a network the page leaves for the server, and comes back.
  await page.context().setOffline(false)
  await logInByPopup(page, { prompt: 'login' })
  await page.evaluate(() => void window.auth.logout())
  await expect.poll(() => as.count('end_session')).toBe(1)
})

for (const where of ['the same tab', 'another tab'] as const) {
  test(`wins over a pending refresh when it happens in ${where}, and the new token is revoked`, async ({
    page,
    app,
    as,
  }) => {
    await startExpiredSession(page, app, as)
    const other = where === 'the same tab' ? page : await openTab(page)
    const refreshTokens = collectRefreshTokens(as)
    const fault = as.fault('token', { hang: true, afterProcessing: true, when: isRefresh })
    const call = getToken(page)
    await fault.hit
    expect(refreshTokens).toHaveLength(1)
    await other.evaluate(() => window.auth.logout({ local: true }))
    await expectState(page, { status: 'logged-out', reason: 'logout' })
    fault.release()

    expect((await call).error).toMatchObject({ name: 'AuthError', code: 'login_required' })
    await expect
      .poll(() => as.count('revocation', ({ params }) => params['token'] === refreshTokens[0]))
      .toBe(1)
    expect(as.count('revocation')).toBe(2)
    expect(await isAlive(as, refreshTokens[0])).toBe(false)
    for (const tab of [page, other])
      expect(await state(tab)).toMatchObject({ status: 'logged-out', reason: 'logout' })
    expect(await state(await openTab(page))).toMatchObject({ status: 'logged-out', reason: 'logout' })
    expect(as.count('authorize')).toBe(1)
  })
}

test('wins over a pending iframe renewal, and the new token is revoked', async ({ page, app, as }) => {
  await startExpiredSession(page, app, as)
  as.fault('token', { error: 'invalid_grant', times: 1, when: isRefresh })
  const refreshTokens = collectRefreshTokens(as)
  const fault = as.fault('token', {
    hang: true,
    afterProcessing: true,
    when: ({ params }) => params['grant_type'] === 'authorization_code',
  })
  const call = getToken(page)
  await fault.hit
  expect(refreshTokens).toHaveLength(1)
  await page.evaluate(() => window.auth.logout({ local: true }))
  fault.release()
  expect((await call).error).toMatchObject({ code: 'login_required' })
  await expect
    .poll(() => as.count('revocation', ({ params }) => params['token'] === refreshTokens[0]))
    .toBe(1)
  expect(await isAlive(as, refreshTokens[0])).toBe(false)
  expect(await state(page)).toMatchObject({ status: 'logged-out', reason: 'logout' })
})

test('logs out even if the revocation fails, and reports what was not done', async ({ page, app, as }) => {
  const refreshTokens = collectRefreshTokens(as)
  await startSession(page, app)
  as.fault('revocation', { status: 500, body: 'broken' })
  await page.evaluate(() => window.auth.logout({ local: true }))
  expect(await state(page)).toMatchObject({ status: 'logged-out', reason: 'logout' })
  expect((await getToken(page)).error?.code).toBe('login_required')
  expect(await events(page)).toContainEqual(expect.objectContaining({ type: 'logout_incomplete' }))
  expect(await isAlive(as, refreshTokens[0])).toBe(true)
})

/** Less than the time limit of a request, which would end a revocation as well. */
const soon = 5000

/** Logs out here alone, and gives what was shown at once, and after how many milliseconds it was done. */
const measureLogout = (page: Page) =>
  page.evaluate(async () => {
    const start = performance.now()
    const logout = window.auth.logout({ local: true })
    const { status } = window.auth.getState()
    await logout
    return { status, after: performance.now() - start }
  })

for (const [what, endpoint] of Object.entries({
  'a revocation that is never answered': 'revocation',
  'metadata that never come': 'metadata',
} as const))
  test(`does not wait for ${what}`, async ({ page, app, as, vaultIn }) => {
    test.skip(vaultIn !== 'page', 'the reload of the only tab ends a session in a worker')
    await startSession(page, app)
    // A page that knows nothing of the server yet.
    await removeRecords(page, 'server')
    await page.reload()
    await page.evaluate(() => window.auth.ready())
    const fault = as.fault(endpoint, { hang: true })
    const { status, after } = await measureLogout(page)
    expect(status).toBe('logged-out')
    expect(after).toBeLessThan(soon)
    expect(fault.hits).toBe(1)
    expect(await events(page)).toContainEqual(
      expect.objectContaining({
        type: 'logout_incomplete',
        error: expect.objectContaining({ code: 'timeout' }),
      }),
    )
    fault.end()
  })

test('navigates to the server even if the revocation gets no response', async ({ page, app, as }) => {
  await startSession(page, app)
  const fault = as.fault('revocation', { hang: true })
  await page.evaluate(() => void window.auth.logout())
  await expect.poll(() => as.count('end_session')).toBe(1)
  const [revoked, ended] = ['revocation', 'end_session'].map(
    (endpoint) => as.requests.findLast((request) => request.endpoint === endpoint)!.at,
  )
  expect(ended! - revoked!).toBeLessThan(soon)
  fault.end()
})

test('ends the session at the server and returns to the app', async ({ page, app, as }) => {
  await openApp(page, '/deep/page')
  await createAuth(page)
  await logInByPopup(page)
  app.authAtLoad = {}
  await page.evaluate(() => void window.auth.logout())
  await page.waitForURL(`${app.origin}/`)
  const ended = as.requests.find(({ endpoint }) => endpoint === 'end_session')
  expect(ended?.params).toMatchObject({ client_id: as.clientId, post_logout_redirect_uri: `${app.origin}/` })
  expect(as.secrets).toContain(ended?.params['id_token_hint'])
  expect(await page.evaluate(async () => (await window.auth.ready()).status)).toBe('logged-out')
  const silent = await page.evaluate(() =>
    window.auth.login({ mode: 'silent' }).catch((error: unknown) => window.describe(error)),
  )
  expect(silent).toMatchObject({ code: 'login_required' })
})

test('leaves a later login alone', async ({ page, app, as }) => {
  await startSession(page, app)
  await page.evaluate(() => window.auth.logout({ local: true }))
  await page.evaluate(() => window.auth.login({ mode: 'silent' }))
  expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  expect((await renewToken(page)).value).toBeTruthy()
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
})
