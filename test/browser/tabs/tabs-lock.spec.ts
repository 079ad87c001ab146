import type { Page } from '@playwright/test'
import { events, openApp, state } from '../../rig/app-page.js'
import { exchange, isExchange } from '../../rig/exchange-calls.js'
import { expect, test, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { collectRefreshTokens } from '../../rig/refresh-tokens.js'
import { isRefresh, isSilent } from '../../rig/request-kinds.js'
import { getToken, openTab, startAgingSession, startExpiredSession } from '../../rig/token-calls.js'

/** Holds the session's lock in a page without a client, as a tab does that was frozen before it sent anything. */
async function holdLock(page: Page, { issuer, clientId }: TestAuthorizationServer): Promise<Page> {
  const holder = await page.context().newPage()
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
  return holder
}

/** Counts the locks that this page's origin waits for. */
const countWaiting = (page: Page) =>
  page.evaluate(async () => (await navigator.locks.query()).pending?.length)

/** What the server saw of refresh tokens: how many were sent, taken and refused. */
const countRefreshes = (as: TestAuthorizationServer) => ({
  sent: as.count('token', isRefresh),
  taken: as.countEvents('grant.success', 'refresh_token'),
  refused: as.countEvents('grant.error', 'refresh_token'),
})

test.describe('while a page holds the lock and has not sent the refresh token', () => {
  test('renews with the refresh token after a short wait', async ({ page, app, as }) => {
    await startExpiredSession(page, app, as)
    const tab = await openTab(page)
    await page.context().clearCookies()
    await holdLock(page, as)
    const { value, after } = await getToken(tab)
    expect(as.secrets).toContain(value)
    // The whole wait for the lock is 25 s.
    expect(after).toBeLessThan(12_000)
    expect(countRefreshes(as)).toEqual({ sent: 1, taken: 1, refused: 0 })
    expect(as.count('authorize', isSilent)).toBe(0)
    expect(await events(tab)).toContainEqual({ type: 'renewed', via: 'refresh' })
  })

  test('makes one refresh for five tabs at once', async ({ page, app, as }) => {
    await startExpiredSession(page, app, as)
    const tabs = [page]
    while (tabs.length < 5) tabs.push(await openTab(page))
    await page.context().clearCookies()
    const holder = await holdLock(page, as)
    const outcomes = await Promise.all(tabs.map((tab) => getToken(tab)))
    expect(outcomes.map(({ error }) => error?.code).filter(Boolean)).toEqual([])
    expect(new Set(outcomes.map(({ value }) => value)).size).toBe(1)
    for (const { after } of outcomes) expect(after).toBeLessThan(12_000)
    expect(countRefreshes(as)).toEqual({ sent: 1, taken: 1, refused: 0 })
    // With the lock they go on as ever.
    await holder.close()
    expect((await getToken(page, { minValidity: 1_000_000 })).value).toBeTruthy()
    expect(countRefreshes(as)).toEqual({ sent: 2, taken: 2, refused: 0 })
  })

  test.describe('and the refresh token is being exchanged', () => {
    test.use({ asOptions: { tokenExchange: true } })

    test('exchanges the new one after a pending refresh has its response', async ({ page, app, as }) => {
      const refreshTokens = collectRefreshTokens(as)
      await startExpiredSession(page, app, as)
      const other = await openTab(page)
      await holdLock(page, as)
      const renewal = as.fault('token', { hang: true, when: isRefresh })
      const renewed = getToken(page)
      await renewal.hit
      const waiting = await countWaiting(page)
      const exchanged = exchange(other, { subjectTokenType: 'refresh_token' })
      await expect.poll(() => countWaiting(page)).toBe(waiting! + 1)
      expect(as.count('token', isExchange)).toBe(0)
      renewal.release()
      expect(as.secrets).toContain((await renewed).value)
      await exchanged
      expect(as.requests.find(isExchange)?.params).toMatchObject({ subject_token: refreshTokens[1] })
      expect(countRefreshes(as)).toEqual({ sent: 1, taken: 1, refused: 0 })
      expect((await getToken(page, { minValidity: 1_000_000 })).value).toBeTruthy()
    })
  })
})

test.describe('while another tab waits for the response to the refresh token and keeps the lock', () => {
  test('returns a token that is still valid, without a request', async ({ page, app, as }) => {
    test.slow()
    await startAgingSession(page, app, as, { timeouts: { request: 60_000 } })
    app.authAtLoad = { timeouts: { request: 1000, iframe: 1000 } }
    const other = await openTab(page)
    const { value: aging } = await getToken(other, { minValidity: 0 })
    const renewal = as.fault('token', { hang: true, when: isRefresh })
    const first = getToken(page)
    await renewal.hit
    const { length } = as.requests
    expect((await getToken(other)).value).toBe(aging)
    expect(as.requests).toHaveLength(length)
    renewal.release()
    const { value } = await first
    expect(value).not.toBe(aging)
    await expect.poll(async () => (await getToken(other)).value).toBe(value)
    expect(countRefreshes(as)).toEqual({ sent: 1, taken: 1, refused: 0 })
  })

  test('gets a token by iframe, leaves the refresh token alone, and shares its token with the tab that is late', async ({
    page,
    app,
    as,
  }) => {
    // The wait for the lock alone takes 17 s: the frame must have time to answer on a busy machine.
    test.slow()
    await startExpiredSession(page, app, as, { timeouts: { request: 60_000 } })
    app.authAtLoad = { timeouts: { request: 1000, iframe: 10_000 } }
    const other = await openTab(page)
    // Shorter than what `getToken` wants by default: it is new all the same.
    as.accessTokenTTL = 25
    const renewal = as.fault('token', { hang: true, when: isRefresh })
    const first = getToken(page)
    await renewal.hit
    const renewed = await getToken(other)
    expect(renewed.error).toBe(undefined)
    expect(as.secrets).toContain(renewed.value)
    expect(countRefreshes(as)).toEqual({ sent: 1, taken: 0, refused: 0 })
    expect(await events(other)).toContainEqual({ type: 'renewed', via: 'iframe' })
    renewal.release()
    expect(await first).toMatchObject({ value: renewed.value })
    expect(countRefreshes(as)).toEqual({ sent: 1, taken: 1, refused: 0 })
    expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
    // The refresh token of the iframe's grant is the one that was kept.
    expect((await getToken(page, { minValidity: 1_000_000 })).value).toBeTruthy()
    expect(countRefreshes(as)).toEqual({ sent: 2, taken: 2, refused: 0 })
  })

  test('rejects with busy when no iframe can help, and adopts the token of the other tab', async ({
    page,
    app,
    as,
  }) => {
    test.slow()
    await startExpiredSession(page, app, as, { timeouts: { request: 60_000 } })
    app.authAtLoad = { timeouts: { request: 1000, iframe: 1000 } }
    const other = await openTab(page)
    await page.context().clearCookies()
    const renewal = as.fault('token', { hang: true, when: isRefresh })
    const first = getToken(page)
    await renewal.hit
    expect((await getToken(other)).error).toMatchObject({ name: 'AuthError', code: 'busy', retryable: true })
    expect(await state(other)).toMatchObject({ status: 'logged-in' })
    expect(countRefreshes(as)).toEqual({ sent: 1, taken: 0, refused: 0 })
    renewal.release()
    const { value } = await first
    expect(as.secrets).toContain(value)
    await expect.poll(async () => (await getToken(other)).value).toBe(value)
    expect(countRefreshes(as)).toEqual({ sent: 1, taken: 1, refused: 0 })
  })
})
