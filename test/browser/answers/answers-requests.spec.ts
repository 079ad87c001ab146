import { click, createAuth, openApp, outcome } from '../../rig/app-page.js'
import type { AppServer } from '../../rig/app-server.js'
import { expect, test, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { expectFirstLogin, expectLogin, expectRefusal } from '../../rig/log-in-twice.js'

/** Serves the server's endpoints below the app's own origin, as a gateway does. */
function serveByGateway(app: AppServer, as: TestAuthorizationServer): void {
  app.route('/gateway/*', async ({ method, path, body }) => {
    const response = await fetch(as.issuer + path.replace('/gateway', ''), {
      method,
      ...(method === 'POST' && { body: new URLSearchParams(body) }),
    })
    return { status: response.status, body: (await response.json()) as object }
  })
}

test("sends no cookies of the page's own origin, and opens no password dialog there", async ({
  page,
  as,
  app,
}) => {
  const metadata = {
    authorization_endpoint: `${as.issuer}/auth`,
    token_endpoint: `${app.origin}/gateway/token`,
    jwks_uri: `${app.origin}/gateway/jwks`,
    id_token_signing_alg_values_supported: ['ES256'],
  }
  app.route('/gateway/*', () => ({
    status: 401,
    headers: { 'www-authenticate': 'Basic realm="gateway"' },
    body: { error: 'invalid_client' },
  }))
  await openApp(page)
  await page.evaluate(() => void (document.cookie = 'session=of-the-page; path=/'))
  await createAuth(page, { metadata })
  expect(await expectRefusal(page)).toMatchObject({ code: 'invalid_client', status: 401 })
  serveByGateway(app, as)
  await expectLogin(page)
  const sent = app.requests.filter(({ path }) => path.startsWith('/gateway/'))
  expect(new Set(sent.map(({ path }) => path))).toEqual(new Set(['/gateway/token', '/gateway/jwks']))
  expect(sent.filter(({ headers }) => headers.cookie)).toEqual([])
  // The page's own requests carry it.
  await click(page, () => fetch('/gateway/jwks').then((response) => response.status))
  expect((await outcome(page)).value).toBe(200)
  expect(app.requests.at(-1)!.headers.cookie).toContain('session=of-the-page')
})

test.describe('in a browser whose name does not begin with "Mozilla/5.0 "', () => {
  test('sends no header that was not asked for', async ({ page, as }) => {
    await page.addInitScript(() =>
      Object.defineProperty(navigator, 'userAgent', { value: 'Opera/9.80 (X11; Linux) Presto/2.12' }),
    )
    await openApp(page)
    expect(await page.evaluate(() => navigator.userAgent)).toMatch(/^Opera/)
    await createAuth(page)
    await expectFirstLogin(page)
    // A preflight would ask for it.
    expect(as.requests.filter(({ preflight }) => preflight)).toEqual([])
  })
})
