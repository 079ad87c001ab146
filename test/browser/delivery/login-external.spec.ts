import type { Page } from '@playwright/test'
import { click, clickLogin, createAuth, events, openApp, outcome, state, states } from '../../rig/app-page.js'
import { expect, test as base } from '../../rig/fixtures.js'
import { serveHostApp, type HostApp } from '../../rig/host-app.js'
import { signIn } from '../../rig/sign-in.js'

const test = base.extend<{ host: HostApp; native: { external: true; redirectUri: string } }>({
  // On another host, too: a browser sees another site.
  host: async ({ app, as, startApp, context }, use) => {
    void as
    await use(serveHostApp(app, await startApp({ host: '127.0.0.1' }), context))
  },
  /** The options of a client whose redirect URI belongs to the host app. */
  native: async ({ host: { redirectUri } }, use) => use({ external: true, redirectUri }),
})

/** Makes a call in a click, and waits for the window of the host app. */
async function openHostWindow(page: Page, call: () => unknown): Promise<Page> {
  const [window] = await Promise.all([page.context().waitForEvent('page'), click(page, call)])
  return window
}

const login = () => window.auth.login({ mode: 'external' })
const logout = () => window.auth.logout()
const aborted = (page: Page) => page.evaluate(() => window.hostSignals.map((signal) => signal.aborted))

/** Opens a page with a client whose redirect URI belongs to the host app. */
async function openNative(page: Page, native: object, path?: string): Promise<void> {
  await openApp(page, path)
  await createAuth(page, native)
}

/** Waits for the end of a logout that did not reach the server, for this reason. */
async function expectIncompleteLogout(page: Page, code: string): Promise<void> {
  expect(await outcome(page)).toMatchObject({ value: undefined })
  expect(await events(page)).toContainEqual(
    expect.objectContaining({ type: 'logout_incomplete', error: expect.objectContaining({ code }) }),
  )
}

/** Clicks the login, signs in in the window of the host app, and waits for the end of the call. */
async function logIn(page: Page, options = {}): Promise<void> {
  const [window] = await Promise.all([
    page.context().waitForEvent('page'),
    clickLogin(page, { mode: 'external', ...options }),
  ])
  await signIn(window)
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
}

for (const responseMode of ['fragment', 'query'] as const)
  test(`logs in at another origin by ${responseMode}, and stays logged in after a reload`, async ({
    page,
    as,
    host,
    native,
  }) => {
    const { opened } = host
    await openNative(page, { ...native, responseMode })
    await logIn(page, { appState: 7 })
    expect((await states(page)).map((one) => ('login' in one ? one.login : undefined))).toEqual(
      expect.arrayContaining(['opening', 'waiting', 'redeeming']),
    )
    expect(await state(page)).toMatchObject({ status: 'logged-in', appState: 7 })
    expect(new URL(opened[0]!).searchParams.get('redirect_uri')).toBe(host.redirectUri)
    expect([as.count('authorize'), as.count('token'), opened.length]).toEqual([1, 1, 1])
    // The window of the host app is no longer needed.
    expect(await aborted(page)).toEqual([true])

    await page.reload()
    await createAuth(page, native)
    await click(page, () => window.auth.ready())
    expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
    expect(as.count('token')).toBe(1)
  })

test('renews with the refresh token, and never in an iframe', async ({ page, as, native }) => {
  as.accessTokenTTL = 5
  await openNative(page, native)
  await logIn(page)
  await click(page, () => window.auth.getToken())
  expect((await outcome(page)).value).toBeTruthy()
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)

  as.forgetEverything()
  await click(page, () => window.auth.getToken({ minValidity: 100 }))
  expect((await outcome(page)).error).toMatchObject({ code: 'session_lost' })
  expect(await state(page)).toMatchObject({ status: 'logged-out', reason: 'session_lost' })
  expect(as.count('authorize')).toBe(1)

  // The positive control: with a redirect URI of the page, the same client asks an iframe.
  await page.reload()
  await createAuth(page, { external: true, responseMode: 'fragment' })
  await logIn(page, { mode: 'popup' })
  as.forgetEverything()
  await click(page, () => window.auth.getToken({ minValidity: 100 }))
  expect((await outcome(page)).error).toMatchObject({ code: 'session_lost' })
  expect(as.count('authorize', ({ params }) => params['prompt'] === 'none')).toBe(1)
})

test('refuses every other mode with a redirect URI of another origin, and opens nothing', async ({
  page,
  context,
  as,
  native,
}) => {
  await openNative(page, { ...native, overlay: {} })
  for (const mode of ['popup', 'redirect', 'silent', 'overlay', undefined] as const) {
    await clickLogin(page, mode && { mode })
    const { error } = await outcome(page)
    expect(error, mode).toMatchObject({ name: 'TypeError' })
    expect(error!.message).toContain('"mode" must be "external"')
  }
  expect(context.pages()).toEqual([page])
  expect(await page.locator('iframe').count()).toBe(0)
  expect(as.count('authorize')).toBe(0)
  await logIn(page)

  // The positive control: with a redirect URI of the page, they log in too.
  await createAuth(page, { external: true })
  await click(page, () => window.auth.login({ mode: 'silent' }))
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
})

test('logs out at the server in the window of the host app, and stays on the page', async ({
  page,
  as,
  app,
  host,
  native,
}) => {
  // Three windows, one after the other, take more than 30 s in Firefox on a busy machine.
  test.setTimeout(60_000)
  const { opened } = host
  await openNative(page, native, '/deep/path')
  await logIn(page)
  await click(page, () => window.auth.logout())
  expect(await outcome(page)).toMatchObject({ value: undefined })
  expect(await state(page)).toMatchObject({ status: 'logged-out', reason: 'logout' })
  expect(page.url()).toBe(`${app.origin}/deep/path`)
  expect(new URL(opened[1]!).searchParams.get('post_logout_redirect_uri')).toBe(host.redirectUri)
  expect([as.count('revocation'), as.count('end_session')]).toEqual([1, 1])
  expect(await aborted(page)).toEqual([true, true])
  expect(await events(page)).not.toContainEqual(expect.objectContaining({ type: 'logout_incomplete' }))
  // The session at the server is over: the next login has to sign in again.
  await logIn(page)

  // Without the server, nothing is opened.
  await click(page, () => window.auth.logout({ local: true }))
  await outcome(page)
  expect(opened).toHaveLength(3)
})

test('reports a window of the host app that the user closes, for a login and for a logout', async ({
  page,
  as,
  native,
}) => {
  await openNative(page, native)
  const opened = await openHostWindow(page, login)
  await opened.waitForURL(/interaction/)
  await opened.close()
  expect((await outcome(page)).error).toMatchObject({ code: 'popup_closed', retryable: false })
  expect(await state(page)).toEqual({ status: 'logged-out' })

  await logIn(page)
  const fault = as.fault('end_session', { hang: true })
  const other = await openHostWindow(page, logout)
  await fault.hit
  await other.close()
  await expectIncompleteLogout(page, 'popup_closed')
})

test('tells the host app to close the window when the login is aborted or the client is closed', async ({
  page,
  as,
  native,
}) => {
  await openNative(page, native)
  const first = await openHostWindow(page, () => {
    const cancel = new AbortController()
    Object.assign(window, { cancel })
    return window.auth.login({ mode: 'external', signal: cancel.signal })
  })
  await first.waitForURL(/interaction/)
  expect(await aborted(page)).toEqual([false])
  await page.evaluate(() => (window as unknown as { cancel: AbortController }).cancel.abort())
  expect((await outcome(page)).error).toMatchObject({ name: 'AbortError' })
  expect(await aborted(page)).toEqual([true])

  const second = await openHostWindow(page, login)
  await second.waitForURL(/interaction/)
  await page.evaluate(() => window.auth.close())
  expect((await outcome(page)).error).toMatchObject({ code: 'client_closed' })
  expect(await aborted(page)).toEqual([true, true])
  expect(as.count('token')).toBe(0)
})

test('close() ends a logout that waits for the window of the host app', async ({ page, as, native }) => {
  await openNative(page, native)
  await logIn(page)
  const fault = as.fault('end_session', { hang: true })
  await openHostWindow(page, logout)
  await fault.hit
  expect(await aborted(page)).toEqual([true, false])
  await page.evaluate(() => window.auth.close())
  await expectIncompleteLogout(page, 'client_closed')
  expect(await aborted(page)).toEqual([true, true])
})

test('leaves a response in the URL of the page alone, because it belongs to no login of the page', async ({
  page,
  app,
  native,
}) => {
  const response = '?code=1&state=p.abc'
  await openNative(page, native, `/callback${response}`)
  await click(page, () => window.auth.ready())
  expect((await outcome(page)).value).toEqual({ status: 'logged-out' })
  expect(page.url()).toBe(`${app.origin}/callback${response}`)
  // The positive control: an app that is its own redirect URI takes the response out of its URL.
  await createAuth(page, { external: true, redirectUri: '/callback' })
  await expect.poll(() => page.url()).toBe(`${app.origin}/callback`)
})
