import { authorizationsAt, callApi, invalidToken, received } from '../../rig/api-calls.js'
import { openApp } from '../../rig/app-page.js'
import { expect, test, type RouteAnswer } from '../../rig/fixtures.js'
import { decodePart } from '../../rig/id-token-tampering.js'
import { passTime } from '../../rig/shifted-clock.js'
import { startSession } from '../../rig/token-calls.js'

const [orders, bills] = ['https://orders.example.com/', 'https://bills.example.com/']
test.use({ asOptions: { resources: { [orders]: { scope: 'read' }, [bills]: { scope: 'read' } } } })

test('adds the token for a listed API, and leaves the rest of the request unchanged', async ({
  page,
  app,
  as,
  startApp,
}) => {
  const api = await startApp({ host: 'api.localhost' })
  api.route('/api/*', ({ method, body }) => ({ status: 201, body: { method, body } }))
  api.route('/api', () => ({ body: 'the root' }))
  await startSession(page, app, { apis: [{ url: `${api.origin}/api` }] })
  const token = await page.evaluate(() => window.auth.getToken())
  const { length } = as.requests

  const { value } = await callApi(page, `${api.origin}/api/orders?first=1`, {
    method: 'PUT',
    headers: { 'content-type': 'text/plain', 'x-mark': 'mine' },
    body: 'one order',
  })
  expect(value).toMatchObject({ status: 201, body: '{"method":"PUT","body":"one order"}' })
  expect((await callApi(page, `${api.origin}/api`)).value).toMatchObject({ status: 200, body: 'the root' })
  expect(authorizationsAt(api)).toEqual([`Bearer ${token}`, `Bearer ${token}`])
  expect(received(api)[0]!.headers).toMatchObject({ 'content-type': 'text/plain', 'x-mark': 'mine' })
  expect(received(api)[0]!.query.get('first')).toBe('1')
  expect(as.requests).toHaveLength(length)
})

test("sends the token to an API on the page's own origin, listed by its path", async ({
  page,
  app,
  as,
  vaultIn,
}) => {
  test.skip(vaultIn !== 'page', 'leaving the page of the only tab ends a session in a worker')
  void as
  app.route('/api/*', () => ({ body: 'the orders' }))
  app.route('/other', () => ({ body: 'something else' }))
  await startSession(page, app, { apis: [{ url: '/api' }] })
  const token = await page.evaluate(() => window.auth.getToken())
  // Wherever in the app the client was made, and the call is.
  await openApp(page, '/deep/path')
  const calls = () => app.requests.filter(({ path }) => /^\/(api|other)/.test(path))

  for (const url of ['/api/orders', `${app.origin}/api/orders`, '../api/orders'])
    expect((await callApi(page, url)).value).toMatchObject({ status: 200, body: 'the orders' })
  expect(calls().map(({ headers }) => headers.authorization)).toEqual(Array(3).fill(`Bearer ${token}`))
  for (const url of ['/other', 'api/orders', '/apix'])
    expect((await callApi(page, url)).error).toMatchObject({ code: 'origin_not_allowed' })
  expect(calls()).toHaveLength(3)
})

const elsewhere: Record<string, (api: URL, other: URL) => string> = {
  'a host that only starts like it': ({ host, port }) =>
    `http://${host.replace(`:${port}`, '')}.evil.localhost:${port}/api/orders`,
  'a host that only ends like it': ({ host }) => `http://evil-${host}/api/orders`,
  'a subdomain of it': ({ host }) => `http://sub.${host}/api/orders`,
  'its parent domain': ({ port }) => `http://localhost:${port}/api/orders`,
  'another port': (_api, { port }) => `http://api.localhost:${port}/api/orders`,
  'another scheme': ({ host }) => `https://${host}/api/orders`,
  'a sibling path': ({ origin }) => `${origin}/apix/orders`,
  'a sibling path with a dash': ({ origin }) => `${origin}/api-admin`,
  'a path beside it, written as one below it': ({ origin }) => `${origin}/api/../private`,
  'a path beside it, with encoded dots': ({ origin }) => `${origin}/api/%2e%2e/private`,
  'its path in other letters': ({ origin }) => `${origin}/API/orders`,
  'the path above it': ({ origin }) => `${origin}/`,
}

test('rejects with origin_not_allowed, and sends nothing, for a URL that no entry covers', async ({
  page,
  app,
  as,
  startApp,
}) => {
  void as
  const [api, other] = [await startApp({ host: 'api.localhost' }), await startApp({ host: 'api.localhost' })]
  for (const server of [api, other]) server.route('/*', () => ({ body: 'here' }))
  await startSession(page, app, { apis: [{ url: `${api.origin}/api` }] })
  const arrived = () => [...authorizationsAt(api), ...authorizationsAt(other)]
  let sent = 0
  for (const [name, build] of Object.entries(elsewhere))
    await test.step(name, async () => {
      const url = build(new URL(api.origin), new URL(other.origin))
      const { error } = await callApi(page, url)
      expect(error).toMatchObject({ name: 'AuthError', code: 'origin_not_allowed', retryable: false })
      expect(arrived()).toEqual(Array(sent).fill(undefined))
      // A request would have arrived, except over TLS, which the server does not support.
      if (url.startsWith('https:')) return
      await page.evaluate((target) => fetch(target), url)
      sent++
      expect(arrived()).toEqual(Array(sent).fill(undefined))
    })
  // No preflight arrived either.
  expect([...api.requests, ...other.requests]).toHaveLength(sent)
  expect((await callApi(page, `${api.origin}/api/orders`)).value?.status).toBe(200)
  expect(authorizationsAt(api).at(-1)).toMatch(/^Bearer ./)
})

test('does not follow a redirect with the token', async ({ page, app, as, startApp }) => {
  void as
  const [api, other] = [await startApp({ host: 'api.localhost' }), await startApp({ host: '127.0.0.1' })]
  other.route('/*', () => ({ body: 'caught' }))
  for (const status of [301, 302, 303, 307, 308]) {
    api.route(`/api/${status}`, () => ({ status, headers: { location: `${other.origin}/catch` } }))
  }
  await startSession(page, app, { apis: [{ url: `${api.origin}/api` }] })
  for (const status of [301, 302, 303, 307, 308]) {
    const { error } = await callApi(page, `${api.origin}/api/${status}`)
    expect(error).toMatchObject({ name: 'AuthError', code: 'redirect_refused' })
  }
  expect(received(api)).toHaveLength(5)
  expect(other.requests).toEqual([])
  await page.evaluate((target) => fetch(target), `${api.origin}/api/302`)
  expect(received(other)).toHaveLength(1)
})

for (const [user, options] of Object.entries({
  'the user is known': {},
  'there is no ID token': { scope: 'read', resource: orders },
}))
  test(`refreshes and retries once, body included, after a 401 invalid_token when ${user}`, async ({
    page,
    app,
    as,
    startApp,
  }) => {
    const api = await startApp({ host: '127.0.0.1' })
    let answers = 0
    api.route('/orders', ({ body }) => (answers++ ? { status: 201, body } : invalidToken))
    await startSession(page, app, { apis: [{ url: api.origin }], ...options })
    await passTime(page, 11)
    const before = await page.evaluate(() => window.auth.getToken())
    const { value } = await callApi(page, `${api.origin}/orders`, { method: 'POST', body: 'one order' })
    expect(value).toMatchObject({ status: 201, body: 'one order' })
    const after = await page.evaluate(() => window.auth.getToken())
    expect(after).not.toBe(before)
    expect(authorizationsAt(api)).toEqual([`Bearer ${before}`, `Bearer ${after}`])
    expect(received(api).map(({ method, body }) => `${method} ${body}`)).toEqual([
      'POST one order',
      'POST one order',
    ])
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
    expect(as.count('authorize')).toBe(1)
  })

test('refreshes once for many calls that are rejected at the same time', async ({
  page,
  app,
  as,
  startApp,
}) => {
  const api = await startApp({ host: '127.0.0.1' })
  await startSession(page, app, { apis: [{ url: api.origin }] })
  await passTime(page, 11)
  const revoked = await page.evaluate(() => window.auth.getToken())
  api.route('/orders', ({ headers }) =>
    headers.authorization === `Bearer ${revoked}` ? invalidToken : { body: 'fine' },
  )
  const bodies = await page.evaluate(async (url) => {
    const calls = Array.from({ length: 5 }, () => window.auth.fetch(url).then((response) => response.text()))
    return Promise.all(calls)
  }, `${api.origin}/orders`)
  expect(bodies).toEqual(Array(5).fill('fine'))
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
})

const untouched: Record<string, RouteAnswer> = {
  'a 401 without a challenge': { status: 401, body: 'who are you' },
  'a 401 for another reason': {
    status: 401,
    headers: { 'www-authenticate': 'Bearer realm="orders"' },
    body: 'no',
  },
  'a 403': {
    status: 403,
    headers: { 'www-authenticate': 'Bearer error="insufficient_scope"' },
    body: 'not you',
  },
  'a 403 invalid_token': {
    status: 403,
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    body: 'no',
  },
  'a 404': { status: 404, body: 'nothing here' },
  'a 500': { status: 500, body: 'broken' },
}

test('returns every other refusal unchanged', async ({ page, app, as, startApp }) => {
  const api = await startApp({ host: '127.0.0.1' })
  const url = `${api.origin}/orders`
  await startSession(page, app, { apis: [{ url: api.origin }] })
  // A token that has just arrived is not renewed for any refusal.
  await passTime(page, 11)
  const { length } = as.requests
  let sent = 0
  for (const [name, answer] of Object.entries(untouched))
    await test.step(name, async () => {
      api.route('/orders', () => answer)
      expect((await callApi(page, url)).value).toEqual({ status: answer.status, body: answer.body, url })
      sent++
      expect(received(api)).toHaveLength(sent)
      expect(as.requests).toHaveLength(length)
    })
  // The control: this one is renewed.
  api.route('/orders', () => invalidToken)
  expect((await callApi(page, url)).value).toMatchObject({ status: 401 })
  expect(received(api)).toHaveLength(sent + 2)
  expect(as.requests.length).toBeGreaterThan(length)
})

test('sends each API the token of its own resource, chosen by the longest path', async ({
  page,
  app,
  as,
  startApp,
}) => {
  const api = await startApp({ host: '127.0.0.1' })
  api.route('/*', () => ({ body: 'fine' }))
  await startSession(page, app, {
    resource: [orders, bills],
    scope: 'openid read',
    apis: [
      { url: `${api.origin}/v1`, resource: orders },
      { url: `${api.origin}/v1/bills/`, resource: bills },
    ],
  })
  for (const path of ['/v1/orders', '/v1/bills/7', '/v1/billsx']) await callApi(page, api.origin + path)
  expect(authorizationsAt(api).map((header) => decodePart(header!.slice(7), 1)['aud'])).toEqual([
    orders,
    bills,
    orders,
  ])
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
})

test('rejects login_required, and sends nothing, when nobody is logged in', async ({
  page,
  app,
  as,
  startApp,
}) => {
  const api = await startApp({ host: '127.0.0.1' })
  await startSession(page, app, { apis: [{ url: api.origin }] })
  await page.evaluate(() => window.auth.logout({ local: true }))
  expect((await callApi(page, `${api.origin}/orders`)).error).toMatchObject({ code: 'login_required' })
  expect(api.requests).toEqual([])
  expect(as.count('token')).toBe(1)
})
