import { clickLogin, createAuth, openApp, outcome, state, states } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { readMetadata } from '../../rig/published-metadata.js'
import { logInByPopup, popupOf, signIn } from '../../rig/sign-in.js'

test('logs in by web message in a popup', async ({ page, as, app }) => {
  await openApp(page)
  await createAuth(page)
  const popup = await popupOf(page, () => clickLogin(page))
  await signIn(popup)
  const { value } = await outcome(page)
  expect(value).toEqual({
    status: 'logged-in',
    user: expect.objectContaining({ sub: 'alice', iss: as.issuer }),
  })
  expect(await state(page)).toEqual(value)
  await expect.poll(() => popup.isClosed()).toBe(true)

  const [request] = as.requests.filter(({ endpoint }) => endpoint === 'authorize')
  expect(request!.params).toMatchObject({ response_mode: 'web_message', code_challenge_method: 'S256' })
  expect(app.requests.filter(({ path }) => path === '/callback.html')).toEqual([])
  const counts = (['metadata', 'authorize', 'token', 'jwks'] as const).map((endpoint) => as.count(endpoint))
  expect(counts).toEqual([1, 1, 1, 1])
  expect(as.requests.filter(({ preflight }) => preflight)).toEqual([])
})

test('shows the stages of the login', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  await expect.poll(async () => (await state(page)).status).toBe('logged-out')
  await logInByPopup(page)
  const steps = (await states(page)).map((one) => [one.status, 'login' in one ? one.login : undefined])
  expect(steps).toEqual([
    ['loading', undefined],
    ['logged-out', undefined],
    ['logged-out', 'opening'],
    ['logged-out', 'waiting'],
    ['logged-out', 'redeeming'],
    ['logged-in', 'redeeming'],
    ['logged-in', undefined],
  ])
  expect(as.count('token')).toBe(1)
})

test('returns the app state of a popup login', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  const appState = { cart: [1, 2], from: 'checkout' }
  expect(await logInByPopup(page, { appState })).toMatchObject({ status: 'logged-in', appState })
  // It never leaves the browser.
  expect(JSON.stringify(as.requests)).not.toContain('checkout')
})

test('logs in again without a form while the server has a session', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  await logInByPopup(page)
  as.requests.length = 0
  await popupOf(page, () => clickLogin(page))
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  const endpoints = as.requests.map(({ endpoint }) => endpoint)
  // Firefox asks for an icon now and then.
  expect(endpoints.filter((endpoint) => endpoint !== 'other')).toEqual(['authorize', 'token'])
})

test('sends the login hint, languages, maximum age and claims', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  // The control: nobody asked for the address.
  expect(await logInByPopup(page)).not.toMatchObject({ user: { email: expect.anything() } })
  const claims = { id_token: { email: { essential: true } } }
  const options = { loginHint: 'alice', uiLocales: 'de en', maxAge: 0, claims }
  const popup = await popupOf(page, () => clickLogin(page, options))
  // The server has a session, which is too old for this login: it shows the form, with the hint in it.
  await expect(popup.getByLabel('User name')).toHaveValue('alice')
  await signIn(popup)
  expect((await outcome(page)).error).toBe(undefined)
  const { params } = as.requests.findLast(({ endpoint }) => endpoint === 'authorize')!
  expect(params).toMatchObject({ login_hint: 'alice', ui_locales: 'de en', max_age: '0' })
  expect(JSON.parse(params['claims']!)).toEqual(claims)
  expect(await page.evaluate(() => window.auth.getUser())).toMatchObject({
    email: 'alice@example.com',
    auth_time: expect.any(Number),
  })
})

test('rejects a client secret', async ({ page }) => {
  await openApp(page)
  const options = { issuer: 'https://id.example.com', clientId: 'spa', clientSecret: 'hidden' }
  const create = (given: object) =>
    page.evaluate((plain) => {
      try {
        window.startAuth(plain)
        return 'created'
      } catch (error) {
        return window.describe(error)
      }
    }, given)
  expect(await create(options)).toMatchObject({
    name: 'TypeError',
    message: expect.stringMatching(/"clientSecret".*public client.*on a server/),
  })
  const { clientSecret: _, ...open } = options
  expect(await create(open)).toBe('created')
})

test('logs in with inline metadata without a discovery request', async ({ page, as }) => {
  const metadata: object = await readMetadata(as)
  await openApp(page)
  await createAuth(page, { metadata })
  expect(await logInByPopup(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  expect(as.count('metadata')).toBe(0)
  expect(as.count('token')).toBe(1)
})

test('reads the metadata of RFC 8414 with discovery "oauth2"', async ({ page, as }) => {
  const path = '/.well-known/oauth-authorization-server'
  const body: object = await readMetadata(as)
  as.fault('metadata', { body, when: (request) => request.path === path })
  as.fault('metadata', { status: 404 })
  await openApp(page)
  // The control: there is no other metadata here.
  await createAuth(page)
  await clickLogin(page)
  expect((await outcome(page)).error).toMatchObject({ code: 'discovery_failed', status: 404 })
  as.requests.length = 0
  await createAuth(page, { discovery: 'oauth2' })
  expect(await logInByPopup(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  const asked = as.requests.filter(({ endpoint }) => endpoint === 'metadata').map((request) => request.path)
  expect(asked).toEqual([path])
})

test.describe('plain OAuth', () => {
  const resource = 'https://api.example.com'
  test.use({ asOptions: { resources: { [resource]: { scope: 'api:read' } } } })

  test('logs in without "openid": no user, no nonce, no keys', async ({ page, as }) => {
    await openApp(page)
    await createAuth(page, { scope: 'api:read', resource })
    expect(await logInByPopup(page)).toEqual({ status: 'logged-in', user: null })
    expect(await page.evaluate(() => window.auth.getUser())).toBeNull()
    const tokens = await page.evaluate(() => window.auth.getTokenSet())
    expect(tokens).toMatchObject({ scope: 'api:read', resource, tokenType: 'bearer' })
    expect(as.secrets).toContain(tokens.accessToken)
    const [request] = as.requests.filter(({ endpoint }) => endpoint === 'authorize')
    expect(request!.params['scope']).toBe('api:read')
    expect(request!.params).not.toHaveProperty('nonce')
    expect(as.count('jwks')).toBe(0)
  })
})

test('works as an event handler: the event is not taken for options, and nothing of it is sent to the server', async ({
  page,
  as,
}) => {
  await openApp(page)
  await createAuth(page)
  const popup = await popupOf(page, async () => {
    await page.evaluate(() => {
      // As React hands it over: not the browser's own event.
      const handler = window.auth.login as (event: unknown) => Promise<unknown>
      document.addEventListener(
        'click',
        ({ target }) => void handler({ target, preventDefault() {}, _vts: 1 }),
        {
          once: true,
        },
      )
    })
    await page.locator('body').click()
  })
  await signIn(popup)
  await expect.poll(async () => (await state(page)).status).toBe('logged-in')
  const [request] = as.requests.filter(({ endpoint }) => endpoint === 'authorize')
  expect(Object.keys(request!.params).filter((name) => /target|prevent|vts|trusted/.test(name))).toEqual([])
})
