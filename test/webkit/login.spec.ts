import { click, clickLogin, createAuth, events, openApp, outcome, state } from '../rig/app-page.js'
import { coop } from '../rig/coop-places.js'
import { authorizationUrl } from '../rig/login-by-hand.js'
import { isSilent } from '../rig/request-kinds.js'
import { signIn } from '../rig/sign-in.js'
import { getToken } from '../rig/token-calls.js'
import { logInByPopup } from './app-tab.js'
import { expect, test } from './fixtures.js'

const endpoints = ['metadata', 'authorize', 'token', 'jwks'] as const
const countFrames = () => document.querySelectorAll('iframe').length

for (const webMessage of [true, false]) {
  test.describe(webMessage ? 'by web message' : 'by callback page', () => {
    test.use({ asOptions: { webMessage, refreshTokens: false } })

    test('logs in by popup', async ({ tab, tabs, as, app }) => {
      await openApp(tab)
      await createAuth(tab)
      await logInByPopup(tab, tabs)
      expect(await state(tab)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
      expect(await events(tab)).toEqual([])
      expect(as.secrets).toContain((await getToken(tab)).value)
      const [request] = as.requests.filter(({ endpoint }) => endpoint === 'authorize')
      expect(request!.params['response_mode']).toBe(webMessage ? 'web_message' : 'fragment')
      const callbacks = app.requests.filter(({ path }) => path === '/callback.html')
      expect(callbacks).toHaveLength(webMessage ? 0 : 1)
      expect(endpoints.map((endpoint) => as.count(endpoint))).toEqual([1, 1, 1, 1])
    })

    test('rejects with popup_closed when the user closes the window', async ({ tab, tabs, as }) => {
      await openApp(tab)
      await createAuth(tab)
      const popup = await tabs.popupOf(() => clickLogin(tab))
      await popup.waitForURL(/\/interaction\//)
      expect(await state(tab)).toEqual({ status: 'logged-out', login: 'waiting' })
      await popup.close()
      expect((await outcome(tab)).error).toMatchObject({ name: 'AuthError', code: 'popup_closed' })
      expect(as.count('token')).toBe(0)
    })

    test('starts a session by a hidden frame from one at the server, and renews by one', async ({
      tab,
      tabs,
      as,
      app,
    }) => {
      await tab.goto(authorizationUrl(as, app))
      await signIn(tab)
      await tab.waitForURL(/\?code=/)
      await openApp(tab)
      await createAuth(tab)
      await click(tab, () => window.auth.login({ mode: 'silent' }))
      expect((await outcome(tab)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
      const first = await getToken(tab)
      const second = await getToken(tab, { minValidity: 1_000_000 })
      expect(as.secrets).toContain(second.value)
      expect(second.value).not.toBe(first.value)
      expect(await events(tab)).toContainEqual({ type: 'renewed', via: 'iframe' })
      expect(as.count('authorize', isSilent)).toBe(2)
      expect(await tabs.count()).toBe(1)
      expect(await tab.evaluate(countFrames)).toBe(0)
    })
  })
}

test('logs in through the callback page after COOP has severed the popup', async ({ tab, tabs, as }) => {
  as.headers = { all: coop }
  await openApp(tab)
  await createAuth(tab)
  await signIn(await tabs.popupOf(() => clickLogin(tab)))
  expect((await outcome(tab)).error).toMatchObject({ code: 'popup_cut_off', retryable: true })
  expect(await events(tab)).toEqual([{ type: 'popup_cut_off' }])
  await expect.poll(() => tabs.count()).toBe(1)
  // The server has a session now: the window closes as soon as it has opened.
  await clickLogin(tab)
  expect((await outcome(tab)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  await expect.poll(() => tabs.count()).toBe(1)
  expect(
    as.requests
      .filter(({ endpoint }) => endpoint === 'authorize')
      .map(({ params }) => params['response_mode']),
  ).toEqual(['web_message', 'fragment'])
})

test('logs in with latchkey/lazy, which loads its engine in a browser without requestIdleCallback', async ({
  tab,
  tabs,
  app,
}) => {
  app.bundle = 'lazy/latchkey.js'
  await openApp(tab)
  await createAuth(tab)
  await logInByPopup(tab, tabs)
  expect((await getToken(tab)).value).toBeTruthy()
  expect(app.requests.filter(({ path }) => path === '/engine.js')).toHaveLength(1)
})

test('rejects with popup_blocked without a click, and logs in with one', async ({ tab, tabs, as }) => {
  await openApp(tab)
  await createAuth(tab)
  const error = await tab.evaluate(() =>
    window.auth.login().catch((reason: unknown) => window.describe(reason)),
  )
  expect(error).toMatchObject({ name: 'AuthError', code: 'popup_blocked' })
  expect(await tabs.count()).toBe(1)
  expect(as.count('authorize')).toBe(0)
  await logInByPopup(tab, tabs)
})

test('logs in by redirect, and comes back to the URL that it started from', async ({ tab, as, app }) => {
  const start = '/orders/7?tab=open&q=%20x#part/2?a=b'
  app.authAtLoad = {}
  await openApp(tab, start)
  await clickLogin(tab, { mode: 'redirect', appState: { step: 3 } })
  await signIn(tab)
  await tab.waitForURL(app.origin + start)
  await expect.poll(() => tab.evaluate(() => Boolean(window.auth))).toBe(true)
  expect(await tab.evaluate(async () => window.describe(await window.auth.ready()))).toEqual({
    status: 'logged-in',
    user: expect.objectContaining({ sub: 'alice' }),
    appState: { step: 3 },
  })
  expect([as.count('authorize'), as.count('token')]).toEqual([1, 1])
  expect(await tab.evaluate(() => Object.keys(sessionStorage))).toEqual([])
})
