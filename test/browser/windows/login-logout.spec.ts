import type { Page } from '@playwright/test'
import { clickLogin, events, openApp, outcome, state } from '../../rig/app-page.js'
import { expect, test, type AppServer, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { collectRefreshTokens, isAlive } from '../../rig/refresh-tokens.js'
import { logInByPopup, popupOf, signIn } from '../../rig/sign-in.js'
import { expectState, openTab } from '../../rig/token-calls.js'

/** Longer than a login in another tab takes on a busy machine: what is held meanwhile must not run out of time. */
const timeouts = { request: 30_000 }

const loggedOut = { status: 'logged-out', reason: 'logout' } as const
const undone = { name: 'AuthError', code: 'login_required', retryable: false }

test.describe.configure({ timeout: 60_000 })

/** Opens the page of an app that creates its client in each of its pages. */
async function openPage(page: Page, app: AppServer): Promise<void> {
  app.authAtLoad = { timeouts }
  await openApp(page)
  await page.evaluate(() => window.auth.ready())
}

/** Holds the answers to so many codes, after the server has done its work. */
const holdRedemptions = (as: TestAuthorizationServer, times = 1) =>
  as.fault('token', {
    hang: true,
    afterProcessing: true,
    times,
    when: ({ params }) => params['grant_type'] === 'authorization_code',
  })

/** Logs in by popup, up to the moment when the code has been sent. */
async function startRedeeming(page: Page, as: TestAuthorizationServer) {
  const redemption = holdRedemptions(as)
  const popup = await popupOf(page, () => clickLogin(page))
  await signIn(popup)
  await redemption.hit
  await expectState(page, { login: 'redeeming' })
  return redemption
}

const logOut = (page: Page) => page.evaluate(() => window.auth.logout({ local: true }))

for (const where of ['the same tab', 'another tab'] as const) {
  test(`a logout in ${where} wins over a login whose code is being redeemed, and the new token is revoked`, async ({
    page,
    app,
    as,
  }) => {
    await openPage(page, app)
    const other = where === 'the same tab' ? page : await openTab(page)
    const refreshTokens = collectRefreshTokens(as)
    const redemption = await startRedeeming(page, as)
    await logOut(other)
    await expectState(page, loggedOut)
    redemption.release()

    expect((await outcome(page)).error).toMatchObject(undone)
    expect(await events(page)).toContainEqual({
      type: 'login_failed',
      error: expect.objectContaining(undone) as unknown,
    })
    for (const tab of [page, other, await openTab(page)]) expect(await state(tab)).toEqual(loggedOut)
    expect(as.count('revocation', ({ params }) => params['token'] === refreshTokens[0])).toBe(1)
    expect(await isAlive(as, refreshTokens[0])).toBe(false)

    // The control: who logs in after the logout is logged in.
    expect(await logInByPopup(page, { prompt: 'login' })).toMatchObject({ status: 'logged-in' })
    for (const tab of [other, await openTab(page)]) await expectState(tab, { status: 'logged-in' })
  })
}

test('a logout wins over a redirect login that has returned', async ({ page, app, as }) => {
  await openPage(page, app)
  const other = await openTab(page)
  const refreshTokens = collectRefreshTokens(as)
  const redemption = holdRedemptions(as)
  await clickLogin(page, { mode: 'redirect' })
  await signIn(page)
  await redemption.hit
  await logOut(other)
  redemption.release()
  await page.waitForFunction(() => window.auth as unknown)
  const arrived = await page.evaluate(async () => window.describe(await window.auth.ready()))
  expect(arrived).toMatchObject({ ...loggedOut, error: undone })
  expect(await isAlive(as, refreshTokens[0])).toBe(false)
  expect(await state(other)).toEqual(loggedOut)

  // The control: the same without a logout.
  await clickLogin(page, { mode: 'redirect', prompt: 'login' })
  await signIn(page)
  await page.waitForURL(`${app.origin}/`)
  await page.waitForFunction(() => window.auth as unknown)
  expect(await page.evaluate(() => window.auth.ready())).toMatchObject({ status: 'logged-in' })
})

test('does not restore a user over one who has logged in after the logout', async ({ page, app, as }) => {
  await openPage(page, app)
  const other = await openTab(page)
  const redemption = await startRedeeming(page, as)
  await logOut(other)
  await logInByPopup(other, { user: 'bob', prompt: 'login' })
  redemption.release()
  expect((await outcome(page)).error).toMatchObject(undone)
  for (const tab of [page, other, await openTab(page)])
    await expectState(tab, { status: 'logged-in', user: { sub: 'bob' } as never })
})

test('logs in when the user completes a login after the logout, in a window opened before it', async ({
  page,
  app,
  as,
}) => {
  void as
  await openPage(page, app)
  const other = await openTab(page)
  const popup = await popupOf(page, () => clickLogin(page))
  await popup.getByLabel('User name').waitFor()
  await logOut(other)
  await expectState(page, loggedOut)
  await signIn(popup)
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  await expectState(other, { status: 'logged-in' })
})

test('completes the logins of two tabs whose codes are redeemed at the same time', async ({
  page,
  app,
  as,
}) => {
  await openPage(page, app)
  const other = await openTab(page)
  const redemptions = holdRedemptions(as, 2)
  for (const [tab, user] of [
    [page, 'alice'],
    [other, 'bob'],
  ] as const)
    await signIn(await popupOf(tab, () => clickLogin(tab, { prompt: 'login' })), user)
  await expect.poll(() => redemptions.hits).toBe(2)
  redemptions.release()
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
  expect((await outcome(other)).value).toMatchObject({ status: 'logged-in' })
  expect(as.count('revocation')).toBe(0)
  const last = await state(await openTab(page))
  for (const tab of [page, other]) await expect.poll(() => state(tab)).toEqual(last)
})
