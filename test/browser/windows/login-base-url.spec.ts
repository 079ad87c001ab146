import type { Page } from '@playwright/test'
import {
  click,
  clickLogin,
  createAuth,
  openApp,
  outcome,
  type PageClientOptions,
} from '../../rig/app-page.js'
import { expect, test, type AppServer } from '../../rig/fixtures.js'
import { popupOf, signIn } from '../../rig/sign-in.js'

test.use({ asOptions: { webMessage: false } })

/** Serves the test page below `/app/` with a base, from URLs in full. */
function serveWithBase(app: AppServer, base: string): void {
  const scripts = ['defaults', 'latchkey', 'app'].map(
    (name) => `<script type="module" src="${app.origin}/${name}.js"></script>`,
  )
  app.route('/app/*', () => ({
    body: `<!doctype html><base href="${base}"><title>App</title>${scripts.join('')}<button id="run">Run</button>`,
  }))
}

/** Logs in by popup, and says what the server was asked for. */
async function logIn(page: Page, options: PageClientOptions): Promise<void> {
  await createAuth(page, options)
  const popup = await popupOf(page, () => clickLogin(page))
  await signIn(popup)
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
}

const here = (page: Page) => page.evaluate(() => window.auth?.getState().status).catch(() => undefined)

for (const base of ['https://cdn.example/assets/', '/app/', 'https://user:name@cdn.example/']) {
  test(`logs in with the default redirect URI on a page with the base ${base}`, async ({ page, as, app }) => {
    serveWithBase(app, base)
    await openApp(page, '/app/orders/5?a=1')
    await logIn(page, {})
    const [asked] = as.requests.filter(({ endpoint }) => endpoint === 'authorize')
    expect(asked!.params['redirect_uri']).toBe(`${app.origin}/callback.html`)
  })

  test(`comes back to its own redirect URI on a page with the base ${base}`, async ({ page, app, as }) => {
    serveWithBase(app, base)
    as.appOrigins.push(`${app.origin}/app`)
    app.authAtLoad = { redirectUri: `${app.origin}/app/app.html` }
    await openApp(page, '/app/app.html#part')
    await clickLogin(page, { mode: 'redirect' })
    await signIn(page)
    await page.waitForURL(`${app.origin}/app/app.html#part`)
    await expect.poll(() => here(page)).toBe('logged-in')
    expect(as.count('token')).toBe(1)
  })
}

test('takes the relative URLs of an app for what they mean in the document', async ({ page, as, app }) => {
  serveWithBase(app, '/app/')
  as.appOrigins.push(`${app.origin}/app`)
  await openApp(page, '/app/orders/5')
  await createAuth(page, { redirectUri: 'callback.html' })
  await clickLogin(page, { mode: 'redirect', returnTo: 'orders/7' })
  await page.waitForURL(`${as.origin}/**`)
  const [asked] = as.requests.filter(({ endpoint }) => endpoint === 'authorize')
  expect(asked!.params['redirect_uri']).toBe(`${app.origin}/app/callback.html`)
  const kept = await page
    .goto(`${app.origin}/app/orders/5`)
    .then(() =>
      page.evaluate(() =>
        Object.values(sessionStorage).map((text) => (JSON.parse(text) as { returnTo: string }).returnTo),
      ),
    )
  expect(kept).toEqual([`${app.origin}/app/orders/7`])
  // A logout says where to go by the same rule; the server knows no such page, so it is not followed any further.
  await createAuth(page)
  await page.evaluate(() => void window.auth.logout({ returnTo: 'bye' }))
  await expect.poll(() => as.count('end_session')).toBe(1)
  const [ended] = as.requests.filter(({ endpoint }) => endpoint === 'end_session')
  expect(ended!.params['post_logout_redirect_uri']).toBe(`${app.origin}/app/bye`)
})

test('sends no token where a base of another origin leads', async ({ page, as, app, startApp }) => {
  const evil = await startApp()
  serveWithBase(app, `${evil.origin}/`)
  evil.route('/api/*', () => ({ body: {} }))
  app.route('/api/*', () => ({ body: {} }))
  await openApp(page, '/app/')
  await logIn(page, { apis: [{ url: '/api' }] })
  await click(page, () => window.auth.fetch('/api/orders'))
  expect((await outcome(page)).error).toMatchObject({ code: 'origin_not_allowed' })
  expect(evil.requests.filter(({ path }) => path.startsWith('/api'))).toEqual([])
  const status = (url: string) => page.evaluate(async (one) => (await window.auth.fetch(one)).status, url)
  expect(await status(`${app.origin}/api/orders`)).toBe(200)
  expect(as.count('token')).toBe(1)
})

for (const mode of ['popup', 'redirect'] as const)
  test(`takes the code out of a URL with two slashes by ${mode}, and says which URL it was`, async ({
    page,
    as,
    app,
  }) => {
    app.authAtLoad = {}
    await openApp(page)
    const headers: Record<string, string> = {}
    const fault = as.fault('resume', { afterProcessing: true, status: 303, headers })
    const stop = as.tamperAuthorizationResponse((params) => {
      headers['location'] = `${app.origin}//callback.html#${params}`
      return params
    })
    // As a server does that collapses slashes: it serves the callback page there, too.
    const body = await (await page.request.get('/callback.html')).text()
    app.route('//callback.html', () => ({ body: body.replace('callback.js', '/callback.js') }))
    const errors: string[] = []
    page.context().on('weberror', (error) => errors.push(error.error().message))
    const tab =
      mode === 'popup'
        ? await popupOf(page, () => clickLogin(page))
        : (await clickLogin(page, { mode }), page)
    await signIn(tab)
    if (mode === 'redirect') await page.waitForURL(`${app.origin}/`)
    const failed = () =>
      mode === 'popup'
        ? outcome(page).then(({ error }) => error)
        : page.evaluate(() => {
            const state = window.auth.getState()
            return 'error' in state ? window.describe(state.error) : undefined
          })
    await expect.poll(failed).toMatchObject({ code: 'invalid_response', cause: { claim: 'redirect_uri' } })
    const { message } = (await failed()) as { message: string }
    expect(message).toContain(`${app.origin}//callback.html`)
    expect(message).toContain(`${app.origin}/callback.html`)
    for (const secret of as.secrets) expect(message).not.toContain(secret)
    expect(errors).toEqual([])
    expect(as.count('token')).toBe(0)
    fault.end()
    stop()
    const own = await popupOf(page, () => clickLogin(page, { mode: 'popup' }))
    await expect.poll(() => own.isClosed()).toBe(true)
    expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
  })

for (const responseMode of ['fragment', 'query'] as const)
  for (const start of ['/?page=2', '/?page=2#part', '/', '/#part'])
    test(`shows the page that the server renders for ${start} after a redirect by ${responseMode}`, async ({
      page,
      as,
      app,
    }) => {
      const scripts = ['defaults', 'latchkey', 'app'].map(
        (name) => `<script type="module" src="/${name}.js"></script>`,
      )
      app.route('/', ({ query }) => ({
        body: `<!doctype html><title>Page ${query.get('page') ?? 1}</title>${scripts.join('')}<button id="run">Run</button>`,
      }))
      app.authAtLoad = { redirectUri: '/', responseMode }
      await openApp(page, start)
      const title = await page.title()
      await clickLogin(page, { mode: 'redirect' })
      await signIn(page)
      await page.waitForURL(app.origin + start)
      await expect.poll(() => here(page)).toBe('logged-in')
      expect(page.url()).toBe(app.origin + start)
      expect(await page.title()).toBe(title)
      expect(as.count('token')).toBe(1)
      // One more request of the document only where it is another one.
      const visits = app.requests.filter(({ path }) => path === '/').length
      expect(visits).toBe(start.includes('?') ? 3 : 2)
    })
