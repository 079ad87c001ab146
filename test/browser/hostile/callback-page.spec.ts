import type { Page } from '@playwright/test'
import { click, clickLogin, createAuth, openApp, outcome } from '../../rig/app-page.js'
import { expect, test, type AppServer } from '../../rig/fixtures.js'
import { popupOf, signIn } from '../../rig/sign-in.js'

test.use({ asOptions: { webMessage: false } })

/** Serves a page that opens or frames a URL, under a name, and writes what it hears into its title. */
function serveSnoop(server: AppServer): void {
  server.route('/snoop', () => ({
    body: `<!doctype html><title>nothing</title><button id="open">Open</button>
      <script>
        addEventListener('message', ({ data }) => (document.title = JSON.stringify(data)))
        const { target, name, state } = Object.fromEntries(new URLSearchParams(location.search))
        new BroadcastChannel('latchkey:' + state).onmessage = ({ data }) => (document.title = JSON.stringify(data))
        document.querySelector('#open').onclick = () => window.open(target, name)
        const frame = Object.assign(document.createElement('iframe'), { src: target, name })
        document.body.append(frame)
      </script>`,
  }))
}

/** Opens and frames a landing of the callback page. Resolves with the window that was opened. */
async function snoop(page: Page, server: AppServer, target: string, state: string, name = ''): Promise<Page> {
  await page.goto(`${server.origin}/snoop?${new URLSearchParams({ target, name, state })}`)
  return popupOf(page, () => page.click('#open'))
}

const state = `p.${'s'.repeat(43)}`

test('tells a page of another origin nothing that opens or frames the callback page', async ({
  page,
  as,
  app,
  startApp,
}) => {
  void as
  test.slow()
  const evil = await startApp({ host: '127.0.0.1' })
  serveSnoop(evil)
  serveSnoop(app)
  for (const response of [
    `code=secret&state=${state}`,
    `code=secret&state=i.${'s'.repeat(43)}`,
    `code=secret&state=r.${'s'.repeat(43)}`,
    'code=secret',
    '',
  ])
    for (const separator of ['#', '?'])
      await test.step(`${separator}${response}`, async () => {
        const opened = await snoop(page, evil, `${app.origin}/callback.html${separator}${response}`, state)
        // The page has done its work when the response is gone, and it shows that nobody took it, or has gone on.
        await expect
          .poll(() => opened.evaluate(() => location.href).catch(() => 'code'))
          .not.toContain('code')
        expect(await page.title()).toBe('nothing')
        await opened.close()
      })
  // The control: a page of the app's own origin is told.
  const opened = await snoop(page, app, `${app.origin}/callback.html#code=secret&state=${state}`, state)
  await expect.poll(() => page.title()).toContain('code=secret')
  await opened.close()
})

test('tells a page of another origin nothing that opens the app under the name of a login window', async ({
  page,
  as,
  app,
  startApp,
}) => {
  void as
  const evil = await startApp({ host: '127.0.0.1' })
  serveSnoop(evil)
  serveSnoop(app)
  app.authAtLoad = { redirectUri: '/' }
  const target = `${app.origin}/#code=secret&state=${state}`
  const name = 'latchkey 00000000-0000-4000-8000-000000000000'
  const opened = await snoop(page, evil, target, state, name)
  await expect
    .poll(() => opened.evaluate(() => window.auth?.getState().status).catch(() => undefined))
    .toBe('logged-out')
  expect(opened.url()).toBe(`${app.origin}/`)
  expect(await page.title()).toBe('nothing')
  await opened.close()
  // The control, as above.
  await snoop(page, app, target, state, name)
  await expect.poll(() => page.title()).toContain('code=secret')
})

test('sends no code, state or token in a Referer, whichever way a login goes', async ({
  page,
  as,
  app,
  startApp,
}) => {
  const api = await startApp({ host: 'api.localhost' })
  api.route('/*', () => ({ body: 'here' }))
  const headers: string[] = []
  page.context().on('request', (request) => void headers.push(request.headers()['referer'] ?? ''))
  const referers = () => [
    ...headers,
    ...[...app.requests, ...api.requests].map((request) => String(request.headers.referer)),
  ]
  const states = () => as.requests.map(({ params }) => params['state']).filter((one) => one !== undefined)
  app.authAtLoad = { apis: [{ url: api.origin }], responseMode: 'query' }
  await openApp(page, '/start')
  const popup = await popupOf(page, () => clickLogin(page))
  await signIn(popup)
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
  await click(page, () => window.auth.login({ mode: 'silent' }))
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
  await page.evaluate((url) => window.auth.fetch(url).then(({ status }) => status), `${api.origin}/orders`)
  await clickLogin(page, { mode: 'redirect' })
  await expect.poll(() => as.count('token')).toBe(3)
  expect(states().length).toBeGreaterThanOrEqual(3)
  for (const referer of referers())
    for (const secret of [...as.secrets, ...states()]) expect(referer).not.toContain(secret)
  // The control: a page that has a code in its URL and sends it on.
  const [secret] = as.secrets
  await openApp(page, `/leak?code=${secret}`)
  await page.evaluate((url) => fetch(url, { referrerPolicy: 'unsafe-url' }), `${api.origin}/orders`)
  expect(referers().some((referer) => referer.includes(secret!))).toBe(true)
})

test('lets a page of another origin that knows the callback page start no session', async ({
  page,
  as,
  app,
  startApp,
}) => {
  const evil = await startApp({ host: '127.0.0.1' })
  serveSnoop(evil)
  await openApp(page)
  await createAuth(page)
  // Login CSRF: a response that the attacker has got for an account of their own.
  const attacker = await page.context().newPage()
  for (const way of ['p', 'i', 'r'])
    await (
      await snoop(
        attacker,
        evil,
        `${app.origin}/callback.html#code=own&state=${way}.${'a'.repeat(43)}&iss=${as.issuer}`,
        state,
      )
    ).close()
  app.authAtLoad = {}
  await openApp(attacker)
  const read = (one: Page) => one.evaluate(() => window.auth.getState().status)
  expect([await read(page), await read(attacker)].filter((status) => status === 'logged-in')).toEqual([])
  expect(as.count('token')).toBe(0)
  // The control: the user's own login.
  const popup = await popupOf(page, () => clickLogin(page))
  await signIn(popup)
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
})
