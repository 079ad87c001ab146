import { click, goBack, openApp, outcome } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { authorizationUrl, getCode, openPopup, postToken, redeem, verifier } from '../../rig/login-by-hand.js'
import { signInByRequest } from '../../rig/server-session.js'
import { press, signIn, typeSignIn } from '../../rig/sign-in.js'

test('responds by web message in a popup', async ({ page, as, app }) => {
  await openApp(page)
  const popup = await openPopup(page, authorizationUrl(as, app, { response_mode: 'web_message' }))
  await typeSignIn(popup)
  const { value } = await outcome<{
    origin: string
    data: { type: string; response: Record<string, string> }
  }>(page)
  expect(value?.origin).toBe(as.origin)
  expect(value?.data.type).toBe('authorization_response')
  expect(value?.data.response).toMatchObject({ state: 'the-state', iss: as.issuer })
  expect(as.secrets).toContain(value?.data.response['code'])
  expect(as.count('authorize')).toBe(1)
  expect(as.countEvents('authorization.success')).toBe(1)
})

test('responds by fragment redirect, and redeems the code', async ({ page, as, app }) => {
  await openApp(page)
  const params = await getCode(page, as, app)
  expect(Object.fromEntries(params)).toMatchObject({ state: 'the-state', iss: as.issuer })
  expect(as.secrets).toContain(params.get('code'))
  const { json } = await redeem(page, as, app, params.get('code')!)
  expect(json).toMatchObject({ token_type: 'Bearer', expires_in: 600 })
  for (const field of ['access_token', 'refresh_token', 'id_token'])
    expect(as.secrets).toContain(json![field])
  expect(as.secrets).toContain(verifier)
  expect(as.count('token')).toBe(1)
  expect(as.countEvents('grant.success', 'authorization_code')).toBe(1)
})

test('refuses a request without a code challenge, or whose challenge is the verifier itself', async ({
  page,
  as,
  app,
}) => {
  await signInByRequest(page, as, app)
  const ask = async (change: (params: URLSearchParams) => void) => {
    const url = new URL(authorizationUrl(as, app, { response_mode: 'query' }))
    change(url.searchParams)
    const answer = await page.context().request.get(url.href)
    return Object.fromEntries(new URL(answer.url()).searchParams)
  }
  const refused = { error: 'invalid_request', state: 'the-state' }
  const without = await ask((params) => {
    params.delete('code_challenge')
    params.delete('code_challenge_method')
  })
  expect(without).toMatchObject(refused)
  expect(without).not.toHaveProperty('code')
  expect(await ask((params) => params.set('code_challenge_method', 'plain'))).toMatchObject(refused)
  expect(as.countEvents('authorization.error')).toBe(2)
  expect(as.secrets).toContain((await ask(() => {}))['code'])
})

test('shows the page again without a password, and denies access on Cancel', async ({ page, as, app }) => {
  await openApp(page)
  const popup = await openPopup(page, authorizationUrl(as, app, { response_mode: 'web_message' }))
  await popup.getByLabel('User name').fill('alice')
  await popup.locator('#sign-in').evaluate((form: HTMLFormElement) => form.submit())
  await expect(popup.getByRole('alert')).toHaveText('Enter a password')
  await press(popup, 'Cancel')
  const { value } = await outcome<{ data: unknown }>(page)
  expect(value?.data).toMatchObject({ response: { error: 'access_denied', state: 'the-state' } })
})

test('revokes everything when a refresh token is used twice', async ({ page, as, app }) => {
  await openApp(page)
  const { json } = await redeem(page, as, app, (await getCode(page, as, app)).get('code')!)
  const refresh = (token: unknown) =>
    postToken(page, as, { grant_type: 'refresh_token', refresh_token: String(token) })
  const second = await refresh(json!['refresh_token'])
  expect(second.status).toBe(200)
  expect((await refresh(json!['refresh_token'])).json).toMatchObject({ error: 'invalid_grant' })
  expect((await refresh(second.json!['refresh_token'])).json).toMatchObject({ error: 'invalid_grant' })
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
  expect(as.countEvents('grant.error', 'refresh_token')).toBe(2)
})

test.describe('with consent', () => {
  test.use({ asOptions: { consent: 'ask' } })

  test('adds headers to the login page, the consent page and the response', async ({ page, as, app }) => {
    as.headers = {
      login: { 'x-page': 'login' },
      consent: { 'x-page': 'consent' },
      authorize: { 'x-page': 'answer' },
    }
    const seen: string[] = []
    page.context().on('response', (response) => {
      const header = response.headers()['x-page']
      if (header) seen.push(`${response.status()} ${header}`)
    })
    await openApp(page)
    const popup = await openPopup(page, authorizationUrl(as, app, { response_mode: 'web_message' }))
    await signIn(popup)
    await press(popup, 'Allow')
    await outcome(page)
    expect(seen).toEqual(['303 answer', '200 login', '303 answer', '200 consent', '200 answer'])
  })
})

test('runs the test page under a strict CSP with Trusted Types', async ({ page, app }) => {
  app.headers['/app.html'] = {
    'content-security-policy': "default-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'",
  }
  await openApp(page, '/app.html')
  await click(page, (name) => Promise.resolve(`hello ${name}`), 'alice')
  expect((await outcome(page)).value).toBe('hello alice')
  await click(page, () => {
    document.body.innerHTML = '<p>'
  })
  expect((await outcome(page)).error?.name).toBe('TypeError')
})

test('serves routes with CORS to another app, and a second server with its own session', async ({
  page,
  as,
  app,
  startApp,
  startAs,
}) => {
  const api = await startApp({ host: '127.0.0.1' })
  api.route('/api/*', ({ headers }) => ({ status: 201, body: { got: headers.authorization } }))
  await openApp(page, '/deep/path?a=1')
  await click(
    page,
    async (url) => {
      const response = await fetch(url, { headers: { authorization: 'Bearer abc' } })
      return { status: response.status, json: await response.json() }
    },
    // A path of its own: Firefox can have cached the preflight of another test, whose server had the same port.
    `${api.origin}/api/${crypto.randomUUID()}`,
  )
  expect((await outcome(page)).value).toEqual({ status: 201, json: { got: 'Bearer abc' } })
  expect(api.requests.map(({ method }) => method)).toEqual(['OPTIONS', 'GET'])

  const other = await startAs({ sendIss: false })
  const params = await getCode(page, other, app)
  expect(params.has('iss')).toBe(false)
  expect(params.has('code')).toBe(true)
  const first = await getCode(page, as, app)
  expect(first.get('iss')).toBe(as.issuer)
})

test('blocks popups without a user gesture, and a second one in the same gesture', async ({ page }) => {
  await openApp(page)
  await click(page, () => [open('/', '', 'popup'), open('/', '', 'popup')].map((popup) => popup !== null))
  expect((await outcome(page)).value).toEqual([true, false])
})

test('goes back to the previous page', async ({ page }) => {
  await openApp(page, '/first')
  await openApp(page, '/second')
  await goBack(page, '/first')
  expect(await page.evaluate(() => location.pathname)).toBe('/first')
})
