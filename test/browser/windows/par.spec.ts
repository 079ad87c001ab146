import { clickLogin, createAuth, openApp, outcome, state } from '../../rig/app-page.js'
import { expect, test, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { logInByPopup, popupOf, signIn } from '../../rig/sign-in.js'
import { renewToken, startSession } from '../../rig/token-calls.js'

/** The parameters that were pushed, and those that went through the window. */
const sent = (as: TestAuthorizationServer) => {
  const of = (endpoint: string) => as.requests.filter((one) => one.endpoint === endpoint && !one.preflight)
  return {
    pushed: of('pushed_authorization_request').map(({ params }) => params),
    authorized: of('authorize').map(({ params }) => Object.keys(params).sort()),
  }
}

test.describe('at a server that requires it', () => {
  test.use({ asOptions: { par: 'required' } })

  test('sends the request ahead, and nothing but a reference through the window', async ({ page, as }) => {
    await openApp(page)
    await createAuth(page, { params: { theme: 'dark' } })
    await logInByPopup(page)
    const { pushed, authorized } = sent(as)
    expect(authorized).toEqual([['client_id', 'request_uri']])
    expect(pushed).toHaveLength(1)
    expect(pushed[0]).toMatchObject({
      client_id: 'demo-app',
      response_type: 'code',
      response_mode: 'web_message',
      code_challenge_method: 'S256',
      theme: 'dark',
    })
  })

  test('opens the window inside the gesture, also after prepare()', async ({ page, as }) => {
    await openApp(page)
    await createAuth(page)
    await page.evaluate(() => window.auth.prepare())
    const held = as.fault('pushed_authorization_request', { hang: true })
    const popup = await popupOf(page, () => clickLogin(page))
    await held.hit
    expect(popup.url()).toBe('about:blank')
    held.release()
    await signIn(popup)
    expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  })

  test('goes by redirect and by hidden frame, and binds the code to a key', async ({ page, app, as }) => {
    await openApp(page)
    app.authAtLoad = { dpop: true }
    await createAuth(page, { dpop: true })
    await clickLogin(page, { mode: 'redirect' })
    await page.waitForURL(/interaction/)
    await signIn(page)
    await page.waitForURL(`${app.origin}/`)
    expect(await page.evaluate(() => window.auth.ready())).toMatchObject({ status: 'logged-in' })
    await page.evaluate(() => window.auth.logout({ local: true }))
    await page.evaluate(() => window.auth.login({ mode: 'silent' }))
    expect((await page.evaluate(() => window.auth.getTokenSet())).tokenType).toBe('dpop')
    const { pushed, authorized } = sent(as)
    expect(new Set(authorized.flat())).toEqual(new Set(['client_id', 'request_uri']))
    expect(pushed.every((params) => params['dpop_jkt'])).toBe(true)
    expect(new Set(pushed.map((params) => params['prompt']))).toEqual(new Set([undefined, 'none']))
  })

  test.describe('without refresh tokens', () => {
    test.use({ asOptions: { par: 'required', refreshTokens: false } })

    test('renews by hidden frame', async ({ page, app, as }) => {
      await startSession(page, app)
      expect((await renewToken(page)).error).toBe(undefined)
      expect(sent(as).pushed.map(({ prompt }) => prompt)).toEqual([undefined, 'none'])
    })
  })

  test("closes the window and rejects with the server's own error when it refuses the request", async ({
    page,
    as,
  }) => {
    await openApp(page)
    await createAuth(page)
    const refused = as.fault('pushed_authorization_request', {
      error: 'invalid_scope',
      error_description: 'no such scope',
    })
    const popup = await popupOf(page, () => clickLogin(page))
    expect((await outcome(page)).error).toMatchObject({ code: 'invalid_scope', retryable: false })
    await expect.poll(() => popup.isClosed()).toBe(true)
    expect(await state(page)).toEqual({ status: 'logged-out' })
    refused.end()
    await logInByPopup(page)
  })
})

test('sends it ahead on request, and only then, where the server leaves it open', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  await logInByPopup(page)
  expect(sent(as).pushed).toHaveLength(0)
  await page.reload()
  await createAuth(page, { par: true })
  await clickLogin(page)
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
  expect(sent(as).pushed).toHaveLength(1)
})
