import { click, createAuth, events, openApp, outcome, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { isRefresh, isSilent } from '../../rig/request-kinds.js'
import { logInByPopup, popupOf, signIn } from '../../rig/sign-in.js'
import { getToken, startExpiredSession } from '../../rig/token-calls.js'

test('keeps the session of a page whose second client has a session store as well', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page, { store: 'session' })
  await logInByPopup(page)
  await page.evaluate(() => window.auth.close())
  await createAuth(page, { store: 'session' })
  expect(await page.evaluate(() => window.auth.ready())).toMatchObject({ status: 'logged-in' })
  await page.reload()
  await createAuth(page, { store: 'session' })
  expect(await page.evaluate(() => window.auth.ready())).toMatchObject({ status: 'logged-in' })
  expect(as.count('token')).toBe(1)
})

test('hands out nothing after close', async ({ page, as }) => {
  void as
  await openApp(page)
  await createAuth(page)
  await logInByPopup(page)
  const call = () =>
    page.evaluate(() =>
      window.auth.getToken().then(
        () => 'a token',
        (error: { code: string }) => error.code,
      ),
    )
  expect(await call()).toBe('a token')
  await page.evaluate(() => window.auth.close())
  expect(await call()).toBe('client_closed')
})

test('leaves the session to the next client when it is closed during a refresh', async ({
  page,
  app,
  as,
}) => {
  await startExpiredSession(page, app, as)
  const fault = as.fault('token', { hang: true, times: 1, when: isRefresh })
  const closed = getToken(page)
  await fault.hit
  await page.evaluate(() => window.auth.close())
  expect((await closed).error?.code).toBe('client_closed')
  // No iframe can help.
  await page.context().clearCookies()
  await createAuth(page)
  const next = getToken(page)
  fault.release()
  expect(as.secrets).toContain((await next).value)
  expect(await events(page)).toContainEqual({ type: 'renewed', via: 'tab' })
  expect([as.count('token', isRefresh), as.count('authorize', isSilent)]).toEqual([1, 0])
})

test('takes an undefined option of login for one that was left out', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  const login = () => window.auth.login({ scope: undefined, prompt: undefined } as object)
  await signIn(await popupOf(page, () => click(page, login)))
  await outcome(page)
  expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  expect(as.requests.find(({ endpoint }) => endpoint === 'authorize')?.params).toMatchObject({
    scope: 'openid',
  })
})

test.describe('without refresh tokens', () => {
  test.use({ asOptions: { refreshTokens: false, accessTokenTTL: 10 } })

  test('renews by iframe for the scope of the login, and keeps the user', async ({ page, as }) => {
    await openApp(page)
    await createAuth(page)
    await logInByPopup(page, { scope: 'openid profile' })
    as.accessTokenTTL = 600
    await page.evaluate(() => window.auth.getToken())
    const scopes = as.requests
      .filter(({ endpoint }) => endpoint === 'authorize')
      .map(({ params }) => params['scope'])
    expect(scopes).toEqual(['openid profile', 'openid profile'])
    expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  })
})
