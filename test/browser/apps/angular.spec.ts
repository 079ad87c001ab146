import { mergeTests, type Page } from '@playwright/test'
import type { AppServer } from '../../rig/app-server.js'
import { authorizationsAt, invalidToken } from '../../rig/api-calls.js'
import { expect, logIn, play, test as frameworkTest } from '../../rig/framework-page.js'
import { orders, test as ordersTest } from '../../rig/orders-api.js'
import { passTime } from '../../rig/shifted-clock.js'
import { press, signIn } from '../../rig/sign-in.js'

// The interceptor against Angular's own backend is in angular-http.spec.ts.

const test = mergeTests(frameworkTest, ordersTest)
test.use({ framework: 'angular-22' })

interface AngularWindow {
  http: { get: (url: string) => { subscribe: (observer: object) => void } }
  router: { navigateByUrl: (url: string) => Promise<unknown> }
  navigationErrors: unknown[]
  finish: () => void
}

/** Navigates within the app, as a click on a link does. */
const goTo = (page: Page, path: string) =>
  page.evaluate((url) => {
    const { router } = window as unknown as AngularWindow
    // Not awaited: a redirect login leaves the page.
    void router.navigateByUrl(url)
  }, path)

const navigationErrors = (page: Page) =>
  page.evaluate(() => (window as unknown as AngularWindow).navigationErrors)

/** Sends a request with `HttpClient`. Resolves with the body, or with the code or status of the error. */
const get = (page: Page, url: string) =>
  page.evaluate(
    (target) =>
      new Promise<unknown>((resolve) =>
        (window as unknown as AngularWindow).http.get(target).subscribe({
          next: resolve,
          error: (error: { code?: string; status?: number }) => resolve(error.code ?? error.status),
        }),
      ),
    url,
  )

/** Lets the client send tokens to what the app serves below `/api`. */
function allowApi(app: AppServer): void {
  app.authAtLoad = { apis: [{ url: `${app.origin}/api` }] }
}

test('a guard reports a failed login once, and logs in at the next click, at any guarded route', async ({
  page,
  ui,
  as,
}) => {
  await ui.open('router', 'orders')
  await press(page, 'Cancel')
  await expect.poll(() => navigationErrors(page).catch(() => [])).toEqual(['access_denied'])
  expect(as.count('authorize')).toBe(1)
  // That one has `canMatch`.
  await goTo(page, '/parcels?router&page=2#top')
  await signIn(page)
  await expect(page.locator('#name')).toHaveText('alice')
  await expect(page).toHaveURL(/\/ui\/parcels\?router=?&page=2#top$/)
  expect(as.count('authorize')).toBe(2)
})

test('a guard redirects to the login route of the app, and lets a logged-in user through', async ({
  page,
  ui,
  as,
}) => {
  await ui.open('played&router')
  await expect(page.locator('#fallback')).toHaveText('logged-out')
  await goTo(page, '/bills?page=2')
  await expect(page).toHaveURL(/\/ui\/login\?to=%2Fbills%3Fpage%3D2&status=logged-out$/)
  await play(page, (controls) => controls.logIn({ sub: 'bob' }))
  await goTo(page, '/bills?page=2')
  await expect(page.locator('#name')).toHaveText('bob')
  expect(as.requests).toEqual([])
})

test('shows no state of the browser until Angular has hydrated the page', async ({ page, ui }) => {
  // Builds the app a second time, for Node.
  test.slow()
  await ui.seed()
  await ui.serveRendered()
  await ui.open('pending')
  // Angular removes its marks from what it takes over.
  await expect(page.locator('[ngh]')).toHaveCount(0)
  expect(await page.evaluate(() => window.auth.getState().status)).toBe('logged-in')
  await expect(page.locator('#status')).toHaveText('loading')
  await expect(page.locator('#waiting')).toBeVisible()
  await expect(page.locator('#inside')).toHaveCount(0)
  await page.evaluate(() => (window as unknown as AngularWindow).finish())
  await expect(page.locator('#inside')).toBeVisible()
  await expect(page.locator('#waiting')).toHaveCount(0)
  expect(ui.complaints).toEqual([])
})

test('the interceptor adds tokens to requests to the APIs of the client, and to no others', async ({
  page,
  ui,
  app,
  startApp,
}) => {
  const other = await startApp()
  for (const server of [app, other]) {
    server.route('/api', () => ({ body: { fine: true } }))
    server.route('/api/*', () => ({ body: { fine: true } }))
  }
  for (const path of ['/other', '/apix', '/ui/api']) app.route(path, () => ({ body: { fine: true } }))
  allowApi(app)
  await ui.open()
  const before = authorizationsAt(app).length
  expect(await get(page, '/api')).toBe('login_required')
  expect(authorizationsAt(app)).toHaveLength(before)

  await ui.seed()
  await ui.open()
  const covered = ['/api', '/api/orders?first=1', `${app.origin}/api/orders`]
  const rest = ['/other', 'api', '/apix', '/api/../other', '/api/..%2fother', `${other.origin}/api/orders`]
  for (const url of [...covered, ...rest]) expect(await get(page, url), url).toEqual({ fine: true })
  const received = [...app.requests, ...other.requests].filter(({ path }) =>
    /^(\/ui)?\/(api|other)/.test(path),
  )
  const sent = received.filter(({ method }) => method === 'GET').map(({ headers }) => headers.authorization)
  expect(sent).toEqual([...covered.map(() => 'Bearer seeded'), ...rest.map(() => undefined)])
})

test('the interceptor sends DPoP proofs with the nonce of the API', async ({ page, ui, app, api }) => {
  const { resource, scope } = orders
  app.authAtLoad = { dpop: true, resource, scope: `openid ${scope}`, apis: [{ url: api.url }] }
  const proofs: unknown[] = []
  page.on('request', (request) => {
    if (request.url() === `${api.url}/orders` && request.method() === 'GET')
      proofs.push(request.headers()['dpop'])
  })
  await ui.open()
  await logIn(page)
  expect(await get(page, `${api.url}/orders`)).toMatchObject({ orders: expect.any(Array) })
  expect(proofs).toEqual([expect.any(String), expect.any(String)])
  expect(proofs[0]).not.toBe(proofs[1])
})

for (const framework of ['angular-22', 'angular-21'] as const)
  test.describe(framework, () => {
    test.use({ framework })

    test('a component shows what an API answers to the second token, after it has refused the first', async ({
      page,
      ui,
      app,
    }) => {
      allowApi(app)
      let calls = 0
      app.route('/api/orders', () => (calls++ ? { body: { orders: '1 sent' } } : invalidToken))
      await ui.open()
      await logIn(page)
      // A token that is new is not replaced.
      await passTime(page, 11)
      await page.click('#call-api')
      await expect(page.locator('#orders')).toHaveText('1 sent')
      const [first, second] = authorizationsAt(app).filter(Boolean)
      expect(first).toMatch(/^Bearer /)
      expect(second).toMatch(/^Bearer /)
      expect(first).not.toBe(second)
      expect(ui.complaints.filter((one) => !one.includes('401'))).toEqual([])
    })
  })
