import { clickLogin, createAuth, openApp, outcome, state, type PlainState } from '../../rig/app-page.js'
import { expect, test, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { expectFirstLogin, expectLogin } from '../../rig/log-in-twice.js'
import { isRefresh } from '../../rig/request-kinds.js'
import { popupOf, signIn } from '../../rig/sign-in.js'
import { getToken, startExpiredSession } from '../../rig/token-calls.js'

/** The order in which endpoints were first asked, preflights left out. */
function order(as: TestAuthorizationServer): string[] {
  return [...new Set(as.requests.filter(({ preflight }) => !preflight).map(({ endpoint }) => endpoint))]
}

test('fetches the keys while the user types, before it requests the token', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  const popup = await popupOf(page, () => clickLogin(page))
  await expect(popup.getByLabel('Password')).toBeVisible()
  await expect.poll(() => as.count('jwks')).toBe(1)
  expect(as.count('token')).toBe(0)
  await signIn(popup)
  expect((await outcome<PlainState>(page)).value?.status).toBe('logged-in')
  expect([as.count('metadata'), as.count('jwks'), as.count('token')]).toEqual([1, 1, 1])
  expect(order(as).indexOf('jwks')).toBeLessThan(order(as).indexOf('token'))
})

test('keeps the keys in the store: a warm login fetches none, in this page and the next', async ({
  page,
  as,
}) => {
  await openApp(page)
  await createAuth(page)
  await expectFirstLogin(page)
  expect(as.count('jwks')).toBe(1)
  await expectLogin(page)
  expect([as.count('jwks'), as.count('token')]).toEqual([1, 2])
  await page.reload()
  await createAuth(page)
  await expectLogin(page)
  const next = await page.context().newPage()
  await openApp(next)
  await createAuth(next)
  await expectLogin(next)
  expect([as.count('metadata'), as.count('jwks'), as.count('token')]).toEqual([1, 1, 4])
})

test("finds a new key past the browser's own cache", async ({ page, as }) => {
  const keys = await (await fetch(`${as.issuer}/jwks`)).text()
  as.fault('jwks', {
    body: keys,
    contentType: 'application/jwk-set+json',
    headers: { 'cache-control': 'max-age=3600' },
    times: 1,
  })
  await openApp(page)
  await createAuth(page)
  await expectFirstLogin(page)
  as.rotateKeys()
  await expectLogin(page)
  expect(as.count('jwks')).toBe(3)
})

test('keeps the new refresh token, but returns no token, when the keys for a refresh cannot be fetched', async ({
  page,
  app,
  as,
}) => {
  await startExpiredSession(page, app, as)
  // No iframe can help.
  await page.context().clearCookies()
  as.rotateKeys()
  const broken = as.fault('jwks', { status: 500 })
  expect((await getToken(page)).error).toMatchObject({ name: 'AuthError', code: 'server_error', status: 500 })
  expect(broken.hits).toBeGreaterThan(0)
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
  broken.end()
  await expect.poll(async () => (await getToken(page)).value).toBeTruthy()
  // Each was sent once: a server that sees an old one again ends the session.
  const sent = as.requests.filter(isRefresh).map(({ params }) => params['refresh_token'])
  expect(sent.length).toBeGreaterThan(1)
  expect(new Set(sent).size).toBe(sent.length)
  expect(as.countEvents('grant.error')).toBe(0)
})

test('refreshes once more, after a pause, when the keys are briefly unavailable', async ({
  page,
  app,
  as,
}) => {
  await startExpiredSession(page, app, as)
  as.rotateKeys()
  as.fault('jwks', { status: 429, retryAfter: 1, times: 1 })
  expect(as.secrets).toContain((await getToken(page)).value)
  const [first, second, ...more] = as.requests.filter(isRefresh)
  expect(more).toEqual([])
  expect(second!.params['refresh_token']).not.toBe(first!.params['refresh_token'])
  expect(second!.at - first!.at).toBeGreaterThanOrEqual(900)
  expect(as.countEvents('grant.error')).toBe(0)
})
