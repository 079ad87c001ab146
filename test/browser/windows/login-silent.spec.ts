import { click, createAuth, events, openApp, outcome, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { isSilent } from '../../rig/request-kinds.js'
import { startServerSession } from '../../rig/server-session.js'
import { logInByPopup } from '../../rig/sign-in.js'
import { expectState, openTab, startSession } from '../../rig/token-calls.js'

for (const webMessage of [true, false]) {
  test.describe(webMessage ? 'by web message' : 'by callback page', () => {
    test.use({ asOptions: { webMessage, refreshTokens: false } })

    test('starts a session from one at the server with mode "silent"', async ({ page, as, app }) => {
      await startServerSession(page, as, app)
      await openApp(page)
      await createAuth(page)
      await click(page, () => window.auth.login({ mode: 'silent', appState: 7 }))
      expect((await outcome(page)).value).toMatchObject({
        status: 'logged-in',
        user: { sub: 'alice' },
        appState: 7,
      })
      expect(page.context().pages()).toHaveLength(1)
      const [request] = as.requests.filter(({ endpoint }) => endpoint === 'authorize')
      expect(request!.params).toMatchObject({
        prompt: 'none',
        response_mode: webMessage ? 'web_message' : 'fragment',
      })
      expect(as.count('token')).toBe(1)
      expect(await page.locator('iframe').count()).toBe(0)
    })

    test('renews by a hidden frame while the server has a session', async ({ page, as }) => {
      as.accessTokenTTL = 20
      await openApp(page)
      await createAuth(page)
      await logInByPopup(page)
      as.requests.length = 0
      as.accessTokenTTL = 600
      const [first, second] = await page.evaluate(() =>
        Promise.all([window.auth.getToken(), window.auth.getToken()]),
      )
      expect(as.secrets).toContain(first)
      expect(second).toBe(first)
      expect(await events(page)).toContainEqual({ type: 'renewed', via: 'iframe' })
      const endpoints = as.requests.map(({ endpoint }) => endpoint).filter((endpoint) => endpoint !== 'other')
      expect(endpoints).toEqual(['authorize', 'token'])
      expect(await page.locator('iframe').count()).toBe(0)
    })
  })
}

test('rejects with login_required when the server has no session', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  await click(page, () => window.auth.login({ mode: 'silent' }))
  expect((await outcome(page)).error).toMatchObject({
    code: 'login_required',
    error: 'login_required',
    retryable: false,
  })
  expect(await state(page)).toEqual({ status: 'logged-out' })
  expect(as.count('token')).toBe(0)
  expect(await page.locator('iframe').count()).toBe(0)
})

for (const [answer, fault] of Object.entries({
  'says that the user is needed': { error: 'consent_required' },
  'is an error of the server': { error: 'server_error' },
}))
  test(`reports a silent login that fails by an event, where the answer ${answer}`, async ({
    page,
    as,
    app,
  }) => {
    await startServerSession(page, as, app)
    const refusal = as.fault('authorize', { ...fault, times: 1 })
    await openApp(page)
    await createAuth(page)
    await click(page, () => window.auth.login({ mode: 'silent' }))
    const { error } = await outcome(page)
    expect(error).toMatchObject({ code: fault.error })
    expect(refusal.hits).toBe(1)
    expect(await events(page)).toEqual([{ type: 'login_failed', error }])
    // The control: one that succeeds is no failure.
    await click(page, () => window.auth.login({ mode: 'silent' }))
    expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
    expect(await events(page)).toHaveLength(1)
  })

test('rejects with frame_silent when the frame does not answer, and says what to check', async ({
  page,
  as,
  app,
}) => {
  await startServerSession(page, as, app)
  as.fault('authorize', { status: 200, body: 'nothing to see' })
  await openApp(page)
  await createAuth(page, { timeouts: { iframe: 500 } })
  await click(page, () => window.auth.login({ mode: 'silent' }))
  const { error } = await outcome(page)
  expect(error).toMatchObject({ code: 'frame_silent', retryable: true })
  for (const check of ['X-Frame-Options', 'frame-ancestors', 'COEP', '"redirectUri"'])
    expect(error!.message).toContain(check)
  expect(await page.locator('iframe').count()).toBe(0)
})

for (const [responseMode, where] of [
  ['web_message', "the server's page"],
  ['fragment', 'the callback page'],
] as const) {
  test(`rejects with frame_silent when ${where} forbids to be framed`, async ({ page, as, app }) => {
    await startServerSession(page, as, app)
    const deny = { 'x-frame-options': 'DENY' }
    if (responseMode === 'web_message') as.headers = { all: deny }
    else app.headers['/callback.html'] = deny
    await openApp(page)
    await createAuth(page, { responseMode, timeouts: { iframe: 3000 } })
    await click(page, () => window.auth.login({ mode: 'silent' }))
    expect((await outcome(page)).error).toMatchObject({ code: 'frame_silent', retryable: true })
    expect(as.countEvents('authorization.success')).toBe(1)
    expect(as.count('token')).toBe(0)

    as.headers = {}
    delete app.headers['/callback.html']
    await click(page, () => window.auth.login({ mode: 'silent' }))
    expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
  })
}

for (const who of ['a user', 'nobody'] as const) {
  test(`logs nobody in when another tab has logged out meanwhile, where ${who} was logged in`, async ({
    page,
    as,
    app,
  }) => {
    if (who === 'a user') await startSession(page, app)
    else await startServerSession(page, as, app)
    app.authAtLoad = {}
    await openApp(page)
    const other = await openTab(page)
    const frame = as.fault('authorize', { hang: true, when: isSilent })
    await click(page, () => window.auth.login({ mode: 'silent' }))
    await frame.hit
    await other.evaluate(() => window.auth.logout({ local: true }))
    const revoked = as.count('revocation')
    frame.release()

    expect((await outcome(page)).error).toMatchObject({ code: 'login_required', retryable: false })
    for (const tab of [page, other, await openTab(page)])
      await expectState(tab, { status: 'logged-out', reason: 'logout' })
    // The server had already given out what nobody will use.
    expect(as.count('token')).toBe(who === 'a user' ? 2 : 1)
    expect(as.count('revocation')).toBe(revoked + 1)
  })
}

test('ends a silent login with the reason of its signal', async ({ page, as }) => {
  const hanging = as.fault('authorize', { hang: true })
  await openApp(page)
  await createAuth(page)
  await page.evaluate(() => {
    const abort = new AbortController()
    Object.assign(window, { abort: () => abort.abort('enough') })
    window.onRun = () => window.auth.login({ mode: 'silent', signal: abort.signal }).catch((error) => error)
  })
  await page.click('#run')
  await hanging.hit
  await page.evaluate(() => (window as unknown as { abort: () => void }).abort())
  expect((await outcome<string>(page)).value).toBe('enough')
  expect(await page.locator('iframe').count()).toBe(0)
  hanging.release()
})
