import {
  click,
  clickLogin,
  createAuth,
  openApp,
  outcome,
  state,
  type PlainState,
} from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { startServerSession } from '../../rig/server-session.js'
import { popupOf, press, signIn } from '../../rig/sign-in.js'

for (const webMessage of [true, false]) {
  test.describe(webMessage ? 'by web message' : 'by callback page', () => {
    test.use({ asOptions: { webMessage } })

    test("rejects with the server's own error, and closes the window", async ({ page, as }) => {
      const answer = { error: 'temporarily_unavailable', error_description: 'so it is' }
      as.fault('authorize', { ...answer, times: 1 })
      await openApp(page)
      await createAuth(page)
      const popup = await popupOf(page, () => clickLogin(page))
      const { error: thrown } = await outcome(page)
      expect(thrown).toMatchObject({ name: 'AuthError', code: answer.error, ...answer, retryable: true })
      await expect.poll(() => popup.isClosed()).toBe(true)
      expect(await state(page)).toEqual({ status: 'logged-out' })
      expect(as.count('token')).toBe(0)

      const next = await popupOf(page, () => clickLogin(page))
      await signIn(next)
      expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
    })

    test('rejects with access_denied when the user presses Cancel', async ({ page, as }) => {
      await openApp(page)
      await createAuth(page)
      const popup = await popupOf(page, () => clickLogin(page))
      await press(popup, 'Cancel')
      const { error } = await outcome(page)
      expect(error).toMatchObject({ code: 'access_denied', error: 'access_denied', retryable: false })
      expect(error!.error_description).toBe('the user declined the request')
      expect(as.count('token')).toBe(0)
    })
  })
}

test("shows the server's own error in state.error after a redirect", async ({ page, as, app }) => {
  const error = 'access_denied'
  as.fault('authorize', { error, error_description: 'so it is', times: 1 })
  app.authAtLoad = {}
  await openApp(page, '/start?a=1#b')
  await clickLogin(page, { mode: 'redirect' })
  const shown = { name: 'AuthError', code: error, error, error_description: 'so it is', retryable: false }
  const failed = () =>
    page
      .evaluate(() => window.describe(window.auth?.getState()) as PlainState | undefined)
      .catch(() => undefined)
  await expect.poll(failed).toMatchObject({ status: 'logged-out', error: shown })
  expect(page.url()).toBe(`${app.origin}/start?a=1#b`)
  expect([as.count('authorize'), as.count('token')]).toEqual([1, 0])

  // The error goes with the page that it came to.
  await page.reload()
  await expect.poll(failed).toEqual({ status: 'logged-out' })
  expect(as.count('authorize')).toBe(1)
})

test.describe('a server that asks for consent', () => {
  test.use({ asOptions: { consent: 'ask' } })

  test('answers a silent login with consent_required', async ({ page, as, app }) => {
    await startServerSession(page, as, app, { consent: true })
    await openApp(page)
    await createAuth(page, { clientId: 'second-app' })
    await click(page, () => window.auth.login({ mode: 'silent' }))
    expect((await outcome(page)).error).toMatchObject({ code: 'consent_required', error: 'consent_required' })
    expect(as.count('token')).toBe(0)
  })
})

const unregistered = [
  ['an unknown client', { clientId: 'nobody' }, '"clientId"'],
  ['a redirect URI that is not registered', { redirectUri: '/other.html' }, '"redirectUri"'],
] as const

for (const [what, options, check] of unregistered) {
  test(`says what to check when the server shows an error page for ${what}`, async ({ page, as }) => {
    await openApp(page)
    await createAuth(page, { ...options, timeouts: { popup: 2000 } })
    const popup = await popupOf(page, () => clickLogin(page))
    await expect(popup.getByRole('heading')).toContainText(/invalid/)
    const { error } = await outcome(page)
    expect(error).toMatchObject({ code: 'timeout' })
    expect(error!.message).toContain(check)
    expect(error!.message).toContain('registered')
    await expect.poll(() => popup.isClosed()).toBe(true)
    expect(as.count('token')).toBe(0)
  })
}
