import type { Page } from '@playwright/test'
import { clickLogin, createAuth, openApp, outcome, state, states } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { isRefresh } from '../../rig/request-kinds.js'
import { logInByPopup } from '../../rig/sign-in.js'
import {
  expectState,
  getToken,
  openTab,
  renewToken,
  startExpiredSession,
  startSession,
} from '../../rig/token-calls.js'
import { disturbWorker, serveWorker, workerFaults } from '../../rig/worker-file.js'

const kinds = ['shared', 'worker'] as const
/** Within so many milliseconds every call that needs the worker has to end. */
const limit = 5000
const unavailable = { code: 'vault_unavailable', retryable: true }

/** Expects that a login rejects in time. */
async function expectUnavailable(page: Page): Promise<void> {
  await clickLogin(page)
  const { error, after } = await outcome(page)
  expect(error).toMatchObject(unavailable)
  expect(after).toBeLessThan(limit)
}

for (const vault of kinds)
  for (const fault of workerFaults)
    test(`rejects within 5 s, and works later, when the file of a ${vault} worker is ${fault}`, async ({
      page,
      app,
      as,
    }) => {
      test.slow()
      const file = serveWorker(app)
      file.serve(fault)
      await openApp(page)
      await createAuth(page, { vault })
      const start = Date.now()
      expect(await page.evaluate(async () => window.describe(await window.auth.ready()))).toMatchObject({
        status: 'logged-out',
        error: unavailable,
      })
      expect(Date.now() - start).toBeLessThan(limit)
      await expectUnavailable(page)
      const token = await getToken(page)
      expect(token.error).toMatchObject(unavailable)
      expect(token.after).toBeLessThan(limit)
      expect(as.count('token')).toBe(0)
      // The positive control: the same page works as soon as the file is there.
      file.serve()
      file.release()
      // Chromium reports nothing of these, and connects the page to the same worker again until it is reloaded.
      if (vault === 'shared' && /broken|page/.test(fault)) {
        await openApp(page)
        await createAuth(page, { vault })
      }
      await expect
        .poll(async () => (await getToken(page)).error?.code, { timeout: 20_000 })
        .toBe('login_required')
      expect((await logInByPopup(page)).status).toBe('logged-in')
      expect((await getToken(page)).value).toBeTruthy()
    })

for (const vault of kinds)
  test(`every call that needs the session says that a ${vault} worker is not there, not that nobody is logged in`, async ({
    page,
    app,
    as,
  }) => {
    const file = serveWorker(app)
    await startSession(page, app, { vault, dpop: true, apis: [{ url: app.origin }] })
    app.route('/api/orders', () => ({ body: 'orders' }))
    const other = await page.context().newPage()
    const calls = () =>
      other.evaluate(async () => {
        const { auth, latchkey } = window
        const { exchangeToken, fetchWithToken, getIdToken, getUserInfo } = latchkey
        const token = { token: 'from elsewhere', tokenType: 'dpop' }
        const all: Record<string, () => Promise<unknown>> = {
          getToken: () => auth.getToken(),
          getTokenSet: () => auth.getTokenSet(),
          fetch: () => auth.fetch('/api/orders'),
          fetchWithToken: () => fetchWithToken(auth, token, '/api/orders'),
          getUserInfo: () => getUserInfo(auth),
          getIdToken: () => getIdToken(auth),
          'exchange of the access token': () => exchangeToken(auth),
          'exchange of the refresh token': () => exchangeToken(auth, { subjectTokenType: 'refresh_token' }),
          'exchange of the ID token': () => exchangeToken(auth, { subjectTokenType: 'id_token' }),
          'exchange of a token from elsewhere': () => exchangeToken(auth, { subjectToken: 'from elsewhere' }),
        }
        const codes: Record<string, string> = {}
        for (const [name, call] of Object.entries(all))
          codes[name] = await call().then(
            () => 'resolved',
            (error: { code?: string }) => `${error.code}`,
          )
        return codes
      })
    file.serve('missing')
    // A shared worker of the other tab would still be there.
    await page.close()
    await openApp(other)
    await other.evaluate(() => window.auth.ready())
    const { length } = as.requests
    expect(new Set(Object.values(await calls()))).toEqual(new Set(['vault_unavailable']))
    expect(as.requests).toHaveLength(length)
    // The control: with a worker that holds no session, they say that.
    file.serve()
    await expect
      .poll(async () => (await getToken(other)).error?.code, { timeout: 20_000 })
      .toBe('login_required')
    expect(await calls()).toMatchObject({ getUserInfo: 'login_required', getIdToken: 'login_required' })
  })

for (const vault of kinds)
  test(`rejects within 5 s when CSP blocks a ${vault} worker`, async ({ page, app, as }) => {
    void as
    app.headers['*'] = { 'content-security-policy': "worker-src 'none'" }
    await openApp(page)
    await createAuth(page, { vault })
    await expectUnavailable(page)
    expect((await getToken(page)).error).toMatchObject(unavailable)
    // The positive control: nothing else of the page is in its way.
    app.headers = {}
    await openApp(page)
    await createAuth(page, { vault })
    expect((await logInByPopup(page)).status).toBe('logged-in')
  })

for (const vault of kinds)
  test(`works with Trusted Types over a ${vault} worker that the app has made`, async ({ page, app, as }) => {
    const policy = (names: string) => ({
      'content-security-policy': `require-trusted-types-for 'script'; trusted-types ${names}; worker-src 'self'`,
    })
    app.headers['*'] = policy('app')
    await openApp(page)
    await page.evaluate(() => {
      const { trustedTypes } = window as unknown as {
        trustedTypes: {
          createPolicy(name: string, rules: object): { createScriptURL(url: string): unknown }
        }
      }
      const urls = trustedTypes.createPolicy('app', { createScriptURL: (url: string) => url })
      window.vaultUrl = urls.createScriptURL('/worker.js') as string
    })
    await createAuth(page, { vault })
    expect((await logInByPopup(page)).status).toBe('logged-in')
    expect((await renewToken(page)).value).toBeTruthy()
    expect(as.count('token', isRefresh)).toBe(1)
    // The control: a plain string is refused, and the app learns why.
    app.headers['*'] = policy("'none'")
    await openApp(page)
    await createAuth(page, { vault })
    await expectUnavailable(page)
    expect((await getToken(page)).error?.message).toContain('could not be created')
  })

for (const vault of kinds)
  for (const how of ['crash', 'hang'] as const)
    test(`when a ${vault} worker ${how === 'crash' ? 'crashes' : 'hangs'}, a renewal rejects within 5 s, and the session continues by iframe`, async ({
      page,
      app,
      as,
    }) => {
      test.slow()
      const file = serveWorker(app)
      await startExpiredSession(page, app, as, { vault })
      const fault = as.fault('token', { hang: true, when: isRefresh })
      const pending = getToken(page)
      await fault.hit
      const start = Date.now()
      await disturbWorker(page, how)
      expect((await pending).error).toMatchObject(unavailable)
      // A turn may have just begun.
      expect(Date.now() - start).toBeLessThan(limit + 1500)
      fault.end()
      expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
      // The next page gets the same worker, as long as that hangs.
      if (how === 'hang' && vault === 'shared')
        expect((await getToken(page)).error).toMatchObject(unavailable)
      file.release()
      await expect.poll(async () => (await getToken(page)).error?.code, { timeout: 20_000 }).toBe(undefined)
      expect(as.secrets).toContain((await getToken(page)).value)
      expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
      const statuses = (await states(page)).map(({ status }) => status)
      expect(statuses.slice(statuses.indexOf('logged-in'))).not.toContain('logged-out')
    })

test('an access token that is still valid outlives the worker', async ({ page, app, as }) => {
  serveWorker(app)
  await startSession(page, app, { vault: 'shared' })
  const { value } = await getToken(page)
  const fault = as.fault('token', { hang: true, when: isRefresh })
  const pending = renewToken(page)
  await fault.hit
  await disturbWorker(page, 'crash')
  const renewal = await pending
  // Chromium reports the crash, and the renewal falls back to it. Firefox does not, and the renewal rejects after a while.
  if (renewal.error) expect(renewal.error).toMatchObject(unavailable)
  else expect(renewal.value).toBe(value)
  fault.end()
  expect((await getToken(page)).value).toBe(value)
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
})

test('a shared worker that crashes costs no tab its session, and a logout still ends it in all', async ({
  page,
  app,
  as,
}) => {
  test.slow()
  void as
  serveWorker(app)
  await startSession(page, app, { vault: 'shared' })
  const other = await openTab(page)
  await disturbWorker(page, 'crash')
  for (const tab of [page, other])
    await expect.poll(async () => (await renewToken(tab)).error?.code, { timeout: 20_000 }).toBe(undefined)
  await expectState(page, { status: 'logged-in', user: { sub: 'alice' } as never })
  await expectState(other, { status: 'logged-in', user: { sub: 'alice' } as never })
  await disturbWorker(page, 'crash')
  await page.evaluate(() => window.auth.logout({ local: true }))
  for (const tab of [page, other]) {
    await expectState(tab, { status: 'logged-out', reason: 'logout' })
    await expect
      .poll(async () => (await getToken(tab)).error?.code, { timeout: 20_000 })
      .toBe('login_required')
  }
})

for (const vault of kinds)
  test(`a 503 costs a session in a ${vault} worker nothing`, async ({ page, app, as }) => {
    await startExpiredSession(page, app, as, { vault })
    as.fault('token', { status: 503, retryAfter: 1, times: 1 })
    // The refresh token is sent again by itself after the pause that the server asked for.
    expect((await getToken(page)).value).toBeTruthy()
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
    as.fault('token', { status: 503, times: 1 })
    as.fault('authorize', { error: 'login_required' })
    const { error, value } = await renewToken(page)
    expect(error?.code ?? value).toBeTruthy()
    expect((await renewToken(page)).value).toBeTruthy()
    expect(await state(page)).toMatchObject({ status: 'logged-in' })
    expect(as.count('authorize', ({ params }) => params['prompt'] !== 'none')).toBe(1)
  })

test('a page of another version is refused, and told why', async ({ page, app, as, context }) => {
  void as
  await startSession(page, app, { vault: 'shared' })
  await context.route('**/latchkey.js', async (route) => {
    const response = await route.fetch()
    const body = await response.text()
    expect(body).toMatch(/latchkey: 1$/m)
    await route.fulfill({ response, body: body.replace(/latchkey: 1$/m, 'latchkey: 2') })
  })
  const other = await context.newPage()
  await openApp(other)
  expect(await other.evaluate(async () => window.describe(await window.auth.ready()))).toMatchObject({
    status: 'logged-out',
    error: { ...unavailable, message: expect.stringContaining('another version') as unknown as string },
  })
  expect((await renewToken(page)).value).toBeTruthy()
})
