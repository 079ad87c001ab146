import { clickLogin, openApp, outcome, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { signIn, popupOf } from '../../rig/sign-in.js'
import { getToken, renewToken, startSession } from '../../rig/token-calls.js'

test('logs in and out, and is never stuck, while another page holds every Web Lock', async ({
  page,
  app,
  as,
}) => {
  test.slow()
  await startSession(page, app, { timeouts: { request: 1000, iframe: 1000 } })
  const thief = await page.context().newPage()
  await openApp(thief, '/callback.js')
  const held = await thief.evaluate(
    async (names) => {
      const release = new AbortController()
      Object.assign(window, { release: () => release.abort() })
      const done = new Promise((resolve) => release.signal.addEventListener('abort', resolve))
      for (const name of names)
        await new Promise<void>((resolve) => void navigator.locks.request(name, () => (resolve(), done)))
      return names.length
    },
    ['', ' refresh'].map((suffix) => `latchkey ${as.issuer} ${as.clientId}${suffix}`),
  )
  expect(held).toBe(2)
  // A cached token needs no lock.
  expect(as.secrets).toContain((await getToken(page)).value)
  // No refresh token is sent past the lock, and the call ends: the token that is still valid, or a typed error.
  const { value, error, after } = await renewToken(page)
  expect(after).toBeLessThan(20_000)
  if (value) expect(as.secrets).toContain(value)
  else expect(error).toMatchObject({ name: 'AuthError', code: 'busy' })
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(0)

  await page.evaluate(() => window.auth.logout({ local: true }))
  expect((await state(page)).status).toBe('logged-out')
  const popup = await popupOf(page, () => clickLogin(page, { prompt: 'login' }))
  await signIn(popup)
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
  // The control: without the other page, the refresh token is sent.
  await thief.evaluate(() => (window as unknown as { release: () => void }).release())
  expect(as.secrets).toContain((await renewToken(page)).value)
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
})
