import { clickLogin, events, openApp, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { isRefresh } from '../../rig/request-kinds.js'
import { logInByPopup, signIn } from '../../rig/sign-in.js'
import {
  expectState,
  getToken,
  openTab,
  renewToken,
  startExpiredSession,
  startSession,
} from '../../rig/token-calls.js'

for (const vault of ['shared', 'worker'] as const)
  test(`logs in, renews and logs out with a vault in a ${vault} worker`, async ({ page, app, as }) => {
    await startSession(page, app, { vault })
    const { value: first } = await getToken(page)
    expect(as.secrets).toContain(first)
    const { value: second } = await renewToken(page)
    expect(as.secrets).toContain(second)
    expect(second).not.toBe(first)
    expect(as.count('token', isRefresh)).toBe(1)
    expect(as.count('authorize')).toBe(1)
    expect(await events(page)).toContainEqual({ type: 'renewed', via: 'refresh' })
    await page.evaluate(() => window.auth.logout({ local: true }))
    expect(await state(page)).toEqual({ status: 'logged-out', reason: 'logout' })
    expect(as.count('revocation')).toBe(1)
    expect((await getToken(page)).error?.code).toBe('login_required')
  })

test('two tabs share one session and one refresh over a shared worker', async ({ page, app, as }) => {
  await startExpiredSession(page, app, as, { vault: 'shared' })
  const other = await openTab(page)
  expect(await state(other)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  const [first, second] = await Promise.all([getToken(page), getToken(other)])
  expect(first.value).toBeTruthy()
  expect(second.value).toBe(first.value)
  expect(as.count('token', isRefresh)).toBe(1)
})

test('a session in a shared worker survives the reload of a tab while another one is open', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app, { vault: 'shared' })
  const other = await openTab(page)
  const { length } = as.requests
  await page.reload()
  expect(await page.evaluate(() => window.auth.ready())).toMatchObject({ status: 'logged-in' })
  expect((await getToken(page)).value).toBe((await getToken(other)).value)
  expect(as.requests).toHaveLength(length)
})

for (const vault of ['shared', 'worker'] as const)
  test(`after the reload of the only tab, a silent login replaces the session of a ${vault} worker`, async ({
    page,
    app,
    as,
  }) => {
    await startSession(page, app, { vault })
    await page.reload()
    expect(await page.evaluate(() => window.auth.ready())).toEqual({ status: 'logged-out' })
    expect((await getToken(page)).error?.code).toBe('login_required')
    await page.evaluate(() => window.auth.login({ mode: 'silent' }).then(() => {}))
    await expectState(page, { status: 'logged-in', user: { sub: 'alice' } as never })
    expect(as.count('token', isRefresh)).toBe(0)
  })

test('each tab has a session of its own over a dedicated worker', async ({ page, app, as }) => {
  await startSession(page, app, { vault: 'worker' })
  const other = await openTab(page)
  expect(await state(other)).toEqual({ status: 'logged-out' })
  await logInByPopup(other, { prompt: 'login' })
  expect((await getToken(other)).value).not.toBe((await getToken(page)).value)
  // A logout is for all tabs, whichever vault they have.
  await page.evaluate(() => window.auth.logout({ local: true }))
  await expectState(other, { status: 'logged-out', reason: 'logout' })
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(0)
})

// The page of the login takes its worker with it, and the key of that.
for (const par of ['off', 'required'] as const)
  test.describe(par === 'required' ? 'with a pushed request' : 'with parameters in the URL', () => {
    test.use({ asOptions: { par } })

    for (const vault of ['shared', 'worker'] as const)
      test(`a redirect login binds its tokens to the key of the next ${vault} worker`, async ({
        page,
        app,
        as,
      }) => {
        app.authAtLoad = { vault, dpop: true }
        await openApp(page)
        await clickLogin(page, { mode: 'redirect' })
        await page.waitForURL(/interaction/)
        await signIn(page)
        await page.waitForURL(`${app.origin}/`)
        expect(await page.evaluate(() => window.auth.ready())).toMatchObject({ status: 'logged-in' })
        expect(await page.evaluate(() => window.auth.getTokenSet())).toMatchObject({ tokenType: 'dpop' })
        expect((await renewToken(page)).value).toBeTruthy()
        expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
      })
  })
