import type { Page } from '@playwright/test'
import { click, clickLogin, createAuth, openApp, outcome, state } from '../../rig/app-page.js'
import { expect, test, type AppServer, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { expectLogin } from '../../rig/log-in-twice.js'
import { openOverlay, signInFramed } from '../../rig/overlay.js'
import { startServerSession } from '../../rig/server-session.js'
import { popupOf, press, signIn } from '../../rig/sign-in.js'

test.use({ asOptions: { webMessage: false } })

/** Far less than any time limit, the ten seconds of a hidden frame included. */
const atOnce = 8000
/** Has oidc-provider answer by form, which was not asked for: what the callback page was loaded with is not for scripts. */
const byForm = ({ issuer }: TestAuthorizationServer) => ({
  responseMode: 'query' as const,
  metadata: {
    authorization_endpoint: `${issuer}/auth?response_mode=form_post`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
  },
})

/** Has the server leave `state` out of its answers, and stop doing so. */
const leaveOutState = (as: TestAuthorizationServer) =>
  as.tamperAuthorizationResponse((params) => {
    params.delete('state')
    return params
  })

/** Opens the app, which is its own redirect URI where that is `/`. */
async function open(page: Page, app: AppServer, redirectUri: string, options: object = {}): Promise<void> {
  app.authAtLoad = redirectUri === '/' ? { redirectUri, ...options } : undefined
  await openApp(page)
  if (redirectUri !== '/') await createAuth(page, { redirectUri, ...options })
}

for (const redirectUri of ['/callback.html', '/']) {
  test(`ends a popup at once whose server answers ${redirectUri} by form`, async ({ page, as, app }) => {
    await open(page, app, redirectUri, byForm(as))
    const popup = await popupOf(page, () => clickLogin(page))
    await signIn(popup)
    const { error } = await outcome(page)
    expect(error).toMatchObject({ code: 'invalid_response', retryable: false })
    expect(error!.message).toContain('form_post')
    expect(app.requests.some(({ method, path }) => method === 'POST' && path === redirectUri)).toBe(true)
    await expect.poll(() => popup.isClosed()).toBe(true)
    expect(as.count('token')).toBe(0)
    // The control: the same server, when it answers as it was asked to.
    await open(page, app, redirectUri, { responseMode: 'query' })
    await expectLogin(page)
  })

  test(`ends a silent login at once whose server answers ${redirectUri} by form`, async ({
    page,
    as,
    app,
  }) => {
    await startServerSession(page, as, app)
    await open(page, app, redirectUri, byForm(as))
    await click(page, () => window.auth.login({ mode: 'silent' }))
    const { error, after } = await outcome(page)
    expect(error).toMatchObject({ code: 'invalid_response' })
    expect(after).toBeLessThan(atOnce)
    await open(page, app, redirectUri, { responseMode: 'query' })
    await click(page, () => window.auth.login({ mode: 'silent' }))
    expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
  })

  for (const responseMode of ['fragment', 'query'] as const)
    test(`ends a popup with an error that came to ${redirectUri} by ${responseMode} without a state`, async ({
      page,
      as,
      app,
    }) => {
      await open(page, app, redirectUri, { responseMode })
      const stop = leaveOutState(as)
      const popup = await popupOf(page, () => clickLogin(page))
      await press(popup, 'Cancel')
      expect((await outcome(page)).error).toMatchObject({ code: 'access_denied', error: 'access_denied' })
      await expect.poll(() => popup.isClosed()).toBe(true)
      expect(page.url()).toBe(`${app.origin}/`)
      expect((await state(page)).status).toBe('logged-out')
      stop()
      const again = await popupOf(page, () => clickLogin(page))
      await signIn(again)
      expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
    })
}

test('ends a silent login at once with an error without a state', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  const stop = leaveOutState(as)
  await click(page, () => window.auth.login({ mode: 'silent' }))
  const { error, after } = await outcome(page)
  expect(error).toMatchObject({ code: 'login_required' })
  expect(after).toBeLessThan(atOnce)
  stop()
})

test('ends an overlay at once whose server answers by form', async ({ page, as }) => {
  await openOverlay(page, byForm(as))
  await signInFramed(page)
  expect((await outcome(page)).error).toMatchObject({ code: 'invalid_response' })
  await expect(page.locator('latchkey-overlay')).toHaveCount(0)
  expect(as.count('token')).toBe(0)
})

test('accepts no code without a state', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  const stop = leaveOutState(as)
  const popup = await popupOf(page, () => clickLogin(page))
  await signIn(popup)
  expect((await outcome(page)).error).toMatchObject({ code: 'invalid_response' })
  expect(as.count('token')).toBe(0)
  stop()
  await expectLogin(page)
})

test('goes on with a login while somebody else visits the callback page', async ({ page, as, app }) => {
  await openApp(page)
  await createAuth(page)
  const popup = await popupOf(page, () => clickLogin(page))
  await popup.getByLabel('User name').waitFor()
  expect(as.count('authorize')).toBe(1)
  // A bookmark, a window and a frame of the app's own, and a script that says the same.
  const bookmark = await page.context().newPage()
  await bookmark.goto(`${app.origin}/callback.html`)
  await expect(bookmark.getByRole('alert')).toBeVisible()
  await page.evaluate(() =>
    document.body.insertAdjacentHTML(
      'beforeend',
      '<a id="own" href="/callback.html?error=server_error" target="own" rel="opener">Own</a>',
    ),
  )
  const own = await popupOf(page, () => page.click('#own'))
  await expect(own.getByRole('alert')).toBeVisible()
  const heard = await page.evaluate(async () => {
    const messages: unknown[] = []
    addEventListener('message', ({ data }) => messages.push(data))
    const frame = document.createElement('iframe')
    frame.src = '/callback.html#error=access_denied'
    document.body.append(frame)
    postMessage({ latchkey: `${location.origin}/callback.html` }, location.origin)
    while (messages.length < 2)
      await new Promise((resolve) => addEventListener('message', resolve, { once: true }))
    return messages
  })
  expect(heard).toContainEqual({ latchkey: `${app.origin}/callback.html#error=access_denied` })
  expect(await state(page)).toEqual({ status: 'logged-out', login: 'waiting' })
  await signIn(popup)
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
})
