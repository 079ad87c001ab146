import type { Page } from '@playwright/test'
import { clickLogin, createAuth, openApp, outcome, state, type PlainState } from '../../rig/app-page.js'
import { readReports, servePolicy, violatePolicy } from '../../rig/csp-reports.js'
import { expect, test, type AppServer, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { tokenOrCode } from '../../rig/log-in-twice.js'
import { logInByPopup, signIn } from '../../rig/sign-in.js'

const forced = 100_000

/** Puts the strictest policy that the app can be served under in place, on all that it serves. */
function servePolicyOf(app: AppServer, as: TestAuthorizationServer, api: AppServer): void {
  servePolicy(
    app,
    `default-src 'self'; connect-src ${as.origin} ${api.origin}; frame-src ${as.origin} 'self'; ` +
      `require-trusted-types-for 'script'; trusted-types 'none'`,
  )
}

/** Checks that nothing was reported: one violation on purpose shows that reports do come. */
async function expectNoViolation(page: Page, app: AppServer): Promise<void> {
  await violatePolicy(page, app)
  expect(readReports(app)).toEqual([expect.stringMatching(/^img-src .*marker/)])
}

/** Calls an API with the token. */
async function callApi(page: Page, api: AppServer): Promise<number> {
  return page.evaluate(async (url) => (await window.auth.fetch(url)).status, `${api.origin}/orders`)
}

async function startApi(start: () => Promise<AppServer>): Promise<AppServer> {
  const api = await start()
  api.route('/orders', ({ headers }) => ({
    status: headers.authorization?.startsWith('Bearer ') ? 200 : 401,
  }))
  return api
}

for (const responseMode of ['web_message', 'fragment', 'query'] as const) {
  test(`logs in by popup with ${responseMode}, refreshes and calls an API under a strict CSP`, async ({
    page,
    as,
    app,
    startApp,
  }) => {
    const api = await startApi(startApp)
    servePolicyOf(app, as, api)
    await openApp(page)
    await createAuth(page, { responseMode, apis: [{ url: api.origin }] })
    expect((await logInByPopup(page)).status).toBe('logged-in')
    expect(await tokenOrCode(page, forced)).toBe('token')
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
    expect(await callApi(page, api)).toBe(200)
    await page.evaluate(() => window.auth.logout({ local: true }))
    const callbackPages = app.requests.filter(({ path }) => path === '/callback.html').length
    expect(callbackPages).toBe(responseMode === 'web_message' ? 0 : 1)
    await expectNoViolation(page, app)
  })

  test(`logs in and renews through a hidden iframe with ${responseMode} under a strict CSP`, async ({
    page,
    as,
    app,
    startApp,
  }) => {
    servePolicyOf(app, as, await startApi(startApp))
    await openApp(page)
    await createAuth(page, { responseMode })
    await logInByPopup(page)
    await clickLogin(page, { mode: 'silent' })
    expect((await outcome<PlainState>(page)).value?.status).toBe('logged-in')
    // A refresh token that is refused leaves the frame.
    as.fault('token', {
      error: 'invalid_grant',
      when: ({ params }) => params['grant_type'] === 'refresh_token',
    })
    expect(await tokenOrCode(page, forced)).toBe('token')
    expect(as.countEvents('grant.success', 'authorization_code')).toBe(3)
    await expectNoViolation(page, app)
  })
}

for (const redirectUri of ['/callback.html', '/']) {
  test(`logs in by redirect to ${redirectUri} under a strict CSP`, async ({ page, as, app, startApp }) => {
    const api = await startApi(startApp)
    servePolicyOf(app, as, api)
    app.authAtLoad = { redirectUri, mode: 'redirect', apis: [{ url: api.origin }] }
    await openApp(page)
    await clickLogin(page)
    await page.waitForURL(`${as.origin}/**`)
    await signIn(page)
    await page.waitForURL(`${app.origin}/`)
    await expect.poll(async () => (await state(page)).status).toBe('logged-in')
    expect(await callApi(page, api)).toBe(200)
    await expectNoViolation(page, app)
  })
}

test('shows the message of an unexpected callback page under a strict CSP', async ({
  page,
  as,
  app,
  startApp,
}) => {
  servePolicyOf(app, as, await startApi(startApp))
  await openApp(page, '/callback.html#state=p.nobody&code=none')
  await expect(page.getByRole('alert')).toContainText('The app has not answered')
  await expectNoViolation(page, app)
})

test('reports a frame violation if the policy does not allow the server', async ({ page, as, app }) => {
  // The positive control for frames, which fail without a word: a policy that is one word too strict is reported.
  servePolicy(app, `default-src 'self'; connect-src ${as.origin}; frame-src 'self'`)
  await openApp(page)
  await createAuth(page, { timeouts: { iframe: 1000 } })
  await clickLogin(page, { mode: 'silent' })
  expect((await outcome(page)).error).toMatchObject({ code: 'frame_silent' })
  await expect.poll(() => readReports(app)).toEqual([expect.stringMatching(/^frame-src /)])
})

test('reports HTML strings under Trusted Types', async ({ page, as, app, startApp }) => {
  servePolicyOf(app, as, await startApi(startApp))
  await openApp(page)
  await page.evaluate(`try { document.body.innerHTML = '<p>' } catch {}`)
  await expect.poll(() => readReports(app)).toEqual([expect.stringMatching(/^require-trusted-types-for /)])
})
