import { requestFigures } from '../../figures/request-figures.js'
import { clickLogin, createAuth, openApp, outcome } from '../../rig/app-page.js'
import { countRequests } from '../../rig/count-requests.js'
import { expect, test } from '../../rig/fixtures.js'
import { logInByPopup, popupOf, signIn } from '../../rig/sign-in.js'
import { startAgingSession } from '../../rig/token-calls.js'

test('asks for metadata, authorization, token and keys once in a cold popup login, without a preflight', async ({
  page,
  as,
}) => {
  await openApp(page)
  await createAuth(page)
  const popup = await popupOf(page, () => clickLogin(page))
  await expect(popup.getByLabel('User name')).toBeVisible()
  // The keys come while the user types, not after.
  await expect.poll(() => countRequests(as)).toEqual({ metadata: 1, authorize: 1, jwks: 1 })
  await signIn(popup)
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
  expect(countRequests(as)).toEqual(requestFigures.coldLogin)
})

test('counts a preflight where there is one', async ({ page, as }) => {
  await openApp(page)
  await page.evaluate(
    (url) => fetch(url, { method: 'POST', headers: { 'x-not-simple': '1' } }).catch(() => {}),
    `${as.issuer}/token`,
  )
  expect(countRequests(as).preflight).toBe(1)
})

test('asks for authorization and token once in a warm popup login, also after a reload', async ({
  page,
  as,
}) => {
  await openApp(page)
  await createAuth(page)
  await logInByPopup(page)
  for (const reloads of [false, true]) {
    await page.evaluate(() => window.auth.logout({ local: true, revoke: false }))
    if (reloads) {
      await page.reload()
      await createAuth(page)
    }
    const before = as.requests.length
    await clickLogin(page)
    expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
    expect(countRequests(as, before)).toEqual(requestFigures.warmLogin)
  }
})

test('asks for nothing to have the session and its token after a reload', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  await logInByPopup(page)
  const before = as.requests.length
  await page.reload()
  await createAuth(page)
  expect(await page.evaluate(async () => (await window.auth.ready()).status)).toBe('logged-in')
  expect(await page.evaluate(() => window.auth.getToken())).toBeTruthy()
  expect(as.requests.slice(before)).toEqual([])
  expect(countRequests(as, before)).toEqual(requestFigures.reload)
})

test('asks for nothing for a cached token', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  await logInByPopup(page)
  const before = as.requests.length
  const tokens = await page.evaluate(async () => {
    const found = new Set<string>()
    for (let call = 0; call < 100; call++) found.add(await window.auth.getToken())
    return found.size
  })
  expect(tokens).toBe(1)
  expect(as.requests.slice(before)).toEqual([])
  expect(countRequests(as, before)).toEqual(requestFigures.cachedToken)
})

test('asks for one token in a renewal with the refresh token', async ({ page, app, as }) => {
  await startAgingSession(page, app, as)
  const before = as.requests.length
  await page.evaluate(() => window.auth.getToken())
  expect(countRequests(as, before)).toEqual(requestFigures.refresh)
})

test.describe('without refresh tokens', () => {
  test.use({ asOptions: { refreshTokens: false } })

  test('asks for authorization and token once in a renewal by hidden iframe', async ({ page, app, as }) => {
    await startAgingSession(page, app, as)
    const before = as.requests.length
    await page.evaluate(() => window.auth.getToken())
    expect(countRequests(as, before)).toEqual(requestFigures.iframe)
  })
})
