import { click, clickLogin, openApp, outcome, state } from '../rig/app-page.js'
import { tokenAnswerFaults, tokenEndpointFaults } from '../rig/echoing-faults.js'
import { expect, test } from '../rig/fixtures.js'
import { logInByPopup, popupOf, press, signIn } from '../rig/sign-in.js'
import { createKeptAuth, expectMarked, startSecretSearch } from '../rig/secret-search.js'
import { shiftClock } from '../rig/shifted-clock.js'
import { letOpenerLook } from '../rig/look.js'

/** Code, verifier, access, refresh and ID token. */
const allKinds = 5

for (const responseMode of ['web_message', 'fragment', 'query'] as const) {
  test(`keeps every secret in its place after a login by popup with ${responseMode}`, async ({
    page,
    as,
  }) => {
    const search = await startSecretSearch(page, as)
    await openApp(page)
    await createKeptAuth(page, { responseMode })
    await logInByPopup(page)
    expect(as.secrets).toContain(await page.evaluate(() => window.auth.getToken()))
    expectMarked(as, allKinds)
    expect(await search.find()).toEqual([])
    await page.reload()
    await createKeptAuth(page)
    await page.evaluate(() => window.auth.getTokenSet().then(() => {}))
    expect(await search.find()).toEqual([])
  })
}

for (const redirectUri of ['/callback.html', '/']) {
  test(`keeps every secret in its place after a redirect to ${redirectUri}`, async ({ page, as, app }) => {
    const search = await startSecretSearch(page, as)
    app.authAtLoad = { redirectUri, mode: 'redirect' }
    await openApp(page)
    await clickLogin(page)
    await page.waitForURL(`${as.origin}/**`)
    await signIn(page)
    await page.waitForURL(`${app.origin}/`)
    await expect.poll(async () => (await state(page)).status).toBe('logged-in')
    expectMarked(as, allKinds)
    expect(await search.find()).toEqual([])
  })

  test(`keeps the verifier of a redirect to ${redirectUri} only until it is refused`, async ({
    page,
    as,
    app,
  }) => {
    const search = await startSecretSearch(page, as)
    app.authAtLoad = { redirectUri, mode: 'redirect' }
    await openApp(page)
    as.fault('token', tokenEndpointFaults['status 500 with all that was sent']!())
    await clickLogin(page)
    await page.waitForURL(`${as.origin}/**`)
    await signIn(page)
    await page.waitForURL(`${app.origin}/`)
    await expect.poll(async () => (await state(page).catch(() => undefined)) ?? {}).toHaveProperty('error')
    expectMarked(as, 2)
    expect(await search.find()).toEqual([])
  })
}

test('keeps every secret in its place after a silent login', async ({ page, as }) => {
  const search = await startSecretSearch(page, as)
  await openApp(page)
  await createKeptAuth(page, { responseMode: 'fragment' })
  await logInByPopup(page)
  await clickLogin(page, { mode: 'silent' })
  expect((await outcome(page)).error).toBeUndefined()
  expectMarked(as, 2 * allKinds)
  expect(await search.find()).toEqual([])
})

for (const [name, provoke] of Object.entries(tokenEndpointFaults)) {
  test(`tells no secret when the code is answered with ${name}`, async ({ page, as }) => {
    const search = await startSecretSearch(page, as)
    await openApp(page)
    await createKeptAuth(page)
    if (name === 'no answer in time') {
      // What is known of the server by now cannot be late.
      await page.evaluate(() => window.auth.prepare())
      await createKeptAuth(page, { timeouts: { request: 1500 } })
    }
    const fault = as.fault('token', provoke())
    const popup = await popupOf(page, () => clickLogin(page))
    await signIn(popup)
    expect((await outcome(page)).error?.name).toBe('AuthError')
    expect(fault.hits).toBeGreaterThan(0)
    expectMarked(as, 2)
    expect(await search.find()).toEqual([])
    fault.end()
  })
}

for (const [name, provoke] of Object.entries(tokenAnswerFaults)) {
  test(`tells no secret when a login brings ${name}`, async ({ page, as }) => {
    const search = await startSecretSearch(page, as)
    await openApp(page)
    await createKeptAuth(page)
    provoke(as)
    const popup = await popupOf(page, () => clickLogin(page))
    await signIn(popup)
    expect((await outcome(page)).error?.name).toBe('AuthError')
    expectMarked(as, 4)
    expect(await search.find()).toEqual([])
  })
}

const changes: Record<string, (params: URLSearchParams) => void> = {
  'another state': (params) => params.set('state', `p.${'s'.repeat(43)}`),
  'no state': (params) => params.delete('state'),
  'another issuer': (params) => params.set('iss', 'https://evil.example'),
  'its code twice': (params) => params.append('code', params.get('code')!),
  'an error beside the code': (params) => params.set('error', 'access_denied'),
  'a token in it': (params) => params.set('id_token', params.get('code')!),
}

for (const [name, change] of Object.entries(changes)) {
  test(`tells no secret when a popup brings a response with ${name}`, async ({ page, as }) => {
    const search = await startSecretSearch(page, as)
    await openApp(page)
    await createKeptAuth(page, { responseMode: 'fragment', timeouts: { popup: 4000 } })
    as.tamperAuthorizationResponse((params) => {
      change(params)
      return params
    })
    const popup = await popupOf(page, () => clickLogin(page))
    await signIn(popup)
    expect((await outcome(page)).error?.name).toBe('AuthError')
    expectMarked(as, 1)
    expect(await search.find()).toEqual([])
  })

  for (const redirectUri of ['/callback.html', '/']) {
    test(`tells no secret when a redirect to ${redirectUri} brings a response with ${name}`, async ({
      page,
      as,
      app,
    }) => {
      const search = await startSecretSearch(page, as)
      app.authAtLoad = { redirectUri, mode: 'redirect', timeouts: { transaction: 600_000 } }
      await openApp(page)
      as.tamperAuthorizationResponse((params) => {
        change(params)
        return params
      })
      await clickLogin(page)
      await page.waitForURL(`${as.origin}/**`)
      await signIn(page)
      await page.waitForURL((url) => url.origin === app.origin)
      const link = page.getByRole('link', { name: 'Go to the app' })
      await expect.poll(async () => (await link.isVisible()) || (await page.evaluate(() => window.auth?.getState().status).catch(() => '')) === 'logged-out').toBe(true) // prettier-ignore
      expectMarked(as, 1)
      // A redirect that nobody has finished may keep its verifier where it is; nothing else holds anything.
      expect((await search.find()).filter((place) => place !== 'sessionStorage')).toEqual([])
    })
  }
}

test('tells no secret when the clock is wrong', async ({ page, as }) => {
  const search = await startSecretSearch(page, as)
  await shiftClock(page, 3600)
  await openApp(page)
  await createKeptAuth(page)
  const popup = await popupOf(page, () => clickLogin(page))
  await signIn(popup)
  expect((await outcome(page)).error?.code).toBe('clock_skew')
  expectMarked(as, allKinds)
  expect(await search.find()).toEqual([])
})

test('tells no secret when the server refuses the redirect URI', async ({ page, as }) => {
  const search = await startSecretSearch(page, as)
  await openApp(page)
  await createKeptAuth(page, { timeouts: { popup: 3000 }, redirectUri: '/app.html?not=registered' })
  await clickLogin(page)
  expect((await outcome(page)).error?.code).toBe('timeout')
  expect(as.countEvents('authorization.error')).toBe(1)
  expect(await search.find()).toEqual([])
})

test('tells no secret when the user turns the login down or closes the window', async ({ page, as }) => {
  const search = await startSecretSearch(page, as)
  await openApp(page)
  await createKeptAuth(page)
  const denied = await popupOf(page, () => clickLogin(page))
  await press(denied, 'Cancel')
  expect((await outcome(page)).error?.code).toBe('access_denied')
  const closed = await popupOf(page, () => clickLogin(page))
  await expect(closed.getByLabel('Password')).toBeVisible()
  await letOpenerLook(page)
  await closed.close()
  expect((await outcome(page)).error?.code).toBe('popup_closed')
  await click(page, () => window.auth.login({ mode: 'silent' }))
  expect((await outcome(page)).error?.code).toBe('login_required')
  expect(await search.find()).toEqual([])
})
