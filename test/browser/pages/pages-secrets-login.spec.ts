import type { Page } from '@playwright/test'
import {
  click,
  clickLogin,
  openApp,
  outcome,
  state,
  type PageClientOptions,
  type PlainState,
} from '../../rig/app-page.js'
import { coop } from '../../rig/coop-places.js'
import { tokenEndpointFaults } from '../../rig/echoing-faults.js'
import { expect, test, type AppServer } from '../../rig/fixtures.js'
import { pageAt } from '../../rig/page-at.js'
import { logInByPopup, popupOf, press, signIn } from '../../rig/sign-in.js'
import { countMarked, createKeptAuth, expectMarked, startSecretSearch } from '../../rig/secret-search.js'
import { allKinds, searchAfterEach, type WalkRig } from '../../rig/secret-walk.js'
import { shiftClock } from '../../rig/shifted-clock.js'
import { letOpenerLook } from '../../rig/look.js'

const redirectUris = { 'the callback page': '/callback.html', 'the app': '/' }

test('keeps every secret in its place after a login by popup', async ({ page, as, app }) => {
  const modes = { 'web message': 'web_message', fragment: 'fragment', query: 'query' } as const
  await searchAfterEach({ page, as, app }, modes, allKinds, async (responseMode, _, search) => {
    await createKeptAuth(page, { responseMode })
    await clickLogin(page)
    expect((await outcome<PlainState>(page)).value?.status).toBe('logged-in')
    expect(as.secrets).toContain(await page.evaluate(() => window.auth.getToken()))
    expect(await search.find()).toEqual([])
    await page.reload()
    await createKeptAuth(page)
    await page.evaluate(() => window.auth.getTokenSet().then(() => {}))
  })
})

/** Clicks for a login by redirect; a server that knows the user sends the page back at once. */
async function clickRedirect(page: Page, app: AppServer, options: PageClientOptions): Promise<void> {
  app.authAtLoad = { mode: 'redirect', ...options }
  await openApp(page)
  await page.evaluate(() => Object.assign(window, { before: true }))
  await clickLogin(page)
}

/** Reads the state of the client in the page that came after the click, once there is one. */
async function stateAfter(page: Page): Promise<Partial<PlainState>> {
  const read = () => ('before' in window ? undefined : window.describe(window.auth?.getState()))
  return ((await page.evaluate(read).catch(() => undefined)) as PlainState | undefined) ?? {}
}

test('keeps every secret in its place after a redirect', async ({ page, as, app }) => {
  await searchAfterEach({ page, as, app }, redirectUris, allKinds, async (redirectUri, _, search) => {
    const fault = as.fault('token', tokenEndpointFaults['an error']['status 500 with all that was sent']!())
    const before = countMarked(as)
    await clickRedirect(page, app, { redirectUri })
    await expect.poll(() => stateAfter(page)).toHaveProperty('error')
    await page.waitForURL(`${app.origin}/`)
    expect(fault.hits).toBeGreaterThan(0)
    expectMarked(as, 2, before)
    // Its verifier was kept only until it was refused.
    expect(await search.find()).toEqual([])
    fault.end()

    const refused = countMarked(as)
    // With the page that asks who it is, which stands in the history then.
    await page.context().clearCookies()
    await clickRedirect(page, app, { redirectUri })
    await page.waitForURL(`${as.origin}/**`)
    await signIn(page)
    await page.waitForURL(`${app.origin}/`)
    await expect.poll(async () => (await stateAfter(page)).status).toBe('logged-in')
    expectMarked(as, allKinds, refused)
  })
})

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

const changes: Record<string, (params: URLSearchParams) => void> = {
  'another state': (params) => params.set('state', `p.${'s'.repeat(43)}`),
  'no state': (params) => params.delete('state'),
  'another issuer': (params) => params.set('iss', 'https://evil.example'),
  'its code twice': (params) => params.append('code', params.get('code')!),
  'an error beside the code': (params) => params.set('error', 'access_denied'),
  'a token in it': (params) => params.set('id_token', params.get('code')!),
}

test('reveals no secret when a popup brings a modified response', async ({ page, as, app }) => {
  await searchAfterEach({ page, as, app }, changes, 1, async (change) => {
    await createKeptAuth(page, { responseMode: 'fragment', timeouts: { popup: 4000 } })
    const stop = as.tamperAuthorizationResponse((params) => {
      change(params)
      return params
    })
    await clickLogin(page)
    expect((await outcome(page)).error?.name).toBe('AuthError')
    return stop
  })
})

for (const [target, redirectUri] of Object.entries(redirectUris)) {
  test(`reveals no secret when a redirect to ${target} brings a modified response`, async ({
    page,
    as,
    app,
  }) => {
    await searchAfterEach({ page, as, app }, changes, 1, async (change) => {
      const stop = as.tamperAuthorizationResponse((params) => {
        change(params)
        return params
      })
      await clickRedirect(page, app, { redirectUri, timeouts: { transaction: 600_000 } })
      const link = page.getByRole('link', { name: 'Go to the app' })
      await expect.poll(async () => (await link.isVisible()) || (await stateAfter(page)).status === 'logged-out').toBe(true) // prettier-ignore
      // A redirect that nobody has finished may keep its verifier where it is; nothing else holds anything.
      await page.evaluate(() => sessionStorage.clear())
      return stop
    })
  })
}

/** Has a login of a walk go on to the server, whose page then waits for the user. */
const asked = { prompt: 'login' } as const

/** Ways in which a login comes to nothing, or goes an unusual way, before any answer is wrong. */
const detours: Record<string, (rig: WalkRig) => Promise<(() => void) | void>> = {
  async 'a window that was blocked'({ page }) {
    await createKeptAuth(page)
    await page.evaluate(() => window.auth.prepare())
    await click(page, () => {
      const { open } = window
      window.open = () => null
      const login = window.auth.login()
      window.open = open
      return login
    })
    expect((await outcome(page)).error?.code).toBe('popup_blocked')
  },
  async 'a window that was cut off'({ page, as }) {
    as.headers = { all: coop }
    await createKeptAuth(page)
    // Headless Chromium claims the focus for every page; it is with the user of the window.
    const focusHere = await page.evaluateHandle(() => document.hasFocus)
    await page.evaluate(() => void (Document.prototype.hasFocus = () => false))
    await popupOf(page, () => clickLogin(page, asked))
    expect((await outcome(page)).error?.code).toBe('popup_cut_off')
    await page.evaluate((hasFocus) => void (Document.prototype.hasFocus = hasFocus), focusHere)
    return () => void (as.headers = {})
  },
  async 'a late answer of a window that was cut off'({ page, as }) {
    as.headers = { all: coop }
    await createKeptAuth(page, { responseMode: 'fragment' })
    await popupOf(page, () => clickLogin(page, asked))
    const cutOff = await pageAt(page, as.origin)
    // Firefox tells truly where the focus is: the user has come back, and left the window behind.
    await page.bringToFront()
    expect((await outcome(page)).error?.code).toBe('popup_closed')
    await signIn(cutOff)
    await expect.poll(() => state(page)).toMatchObject({ status: 'logged-in' })
    return () => void (as.headers = {})
  },
  async 'a caller who has changed his mind'({ page, as }) {
    await createKeptAuth(page)
    const fault = as.fault('authorize', { hang: true, afterProcessing: true })
    const before = countMarked(as)
    await click(page, () => {
      const abort = new AbortController()
      Object.assign(window, { abort: () => abort.abort() })
      return window.auth.login({ signal: abort.signal })
    })
    await fault.hit
    await page.evaluate(() => (window as unknown as { abort: () => void }).abort())
    expect((await outcome(page)).error?.name).toBe('AbortError')
    // The server has given out a code by now.
    expectMarked(as, 2, before)
    return fault.end
  },
  async 'a second window beside the first'({ page, as }) {
    await createKeptAuth(page)
    const fault = as.fault('authorize', { hang: true, times: 1 })
    const before = countMarked(as)
    await clickLogin(page)
    await fault.hit
    await clickLogin(page)
    expect((await outcome<PlainState>(page)).value?.status).toBe('logged-in')
    fault.end()
    await expect.poll(() => page.context().pages().length).toBe(1)
    await expect.poll(() => countMarked(as) - before).toBe(2 * allKinds)
  },
  async 'a frame that does not answer'({ page, as }) {
    await createKeptAuth(page, { timeouts: { iframe: 500 } })
    const fault = as.fault('authorize', { body: 'nothing to see' })
    await clickLogin(page, { mode: 'silent' })
    expect((await outcome(page)).error?.code).toBe('frame_silent')
    return fault.end
  },
}

test('reveals no secret when a login fails or takes an unusual path', async ({ page, as, app }) => {
  const rig = { page, as, app }
  await searchAfterEach(rig, detours, 1, (detour) => detour(rig))
})

const serverErrors = ['consent_required', 'invalid_scope', 'temporarily_unavailable']

test('reveals no secret when the server answers with an error', async ({ page, as, app }) => {
  const errors = Object.fromEntries(serverErrors.map((error) => [error, error]))
  await searchAfterEach({ page, as, app }, errors, 2, async (error, _, search) => {
    const fault = as.fault('authorize', { error, error_description: 'so it is' })
    await createKeptAuth(page)
    await clickLogin(page)
    expect((await outcome(page)).error?.code).toBe(error)
    expect(await search.find()).toEqual([])
    await clickRedirect(page, app, {})
    await expect.poll(() => stateAfter(page)).toMatchObject({ error: { code: error } })
    return fault.end
  })
})

test('reveals no secret when the clock is wrong', async ({ page, as }) => {
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

test('reveals no secret when the server refuses the redirect URI', async ({ page, as }) => {
  const search = await startSecretSearch(page, as)
  await openApp(page)
  await createKeptAuth(page, { timeouts: { popup: 3000 }, redirectUri: '/app.html?not=registered' })
  await clickLogin(page)
  expect((await outcome(page)).error?.code).toBe('timeout')
  expect(as.countEvents('authorization.error')).toBe(1)
  expect(await search.find()).toEqual([])
})

test('reveals no secret when the user declines the login or closes the popup', async ({ page, as }) => {
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
