import { authorizationsAt, callApi, received } from '../../rig/api-calls.js'
import { click, clickLogin, createAuth, openApp } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { popupOf, signIn } from '../../rig/sign-in.js'
import { startSession } from '../../rig/token-calls.js'

/** URLs that look like those of the API, and lead to `evil`, or beside the API's path. */
const lookAlikes = (api: URL, evil: URL): string[] => [
  `http://${api.host}@${evil.host}/api/orders`,
  `http://${api.host}%40${evil.host}/api/orders`,
  `http://user:${api.host}@${evil.host}/api/orders`,
  `http://${evil.host}\\@${api.host}/api/orders`,
  `http://${evil.host}#${api.origin}/api/orders`,
  `http://${evil.host}?${api.origin}/api/orders`,
  `http://${evil.host}/${api.origin}/api/orders`,
  `//${evil.host}/api/orders`,
  `\\\\${evil.host}\\api\\orders`,
  `\t//${evil.host}/api/orders`,
  `http:\n//${evil.host}/api/orders`,
  // The loopback address, written as one number, in octal and in hexadecimal digits, and short.
  ...['2130706433', '017700000001', '0x7f000001', '127.1', '127。0。0。1', '１２７.0.0.1'].map(
    (host) => `http://${host}:${evil.port}/api/orders`,
  ),
  `${api.origin.replace('localhost', 'localhost.')}/api/orders`,
  `${api.origin.replace('api.', 'аpi.')}/api/orders`,
  `${api.origin.replace('api.', 'api%00.')}/api/orders`,
  `${api.origin}/api/..%2fprivate`,
  `${api.origin}/api/%2e%2e/private`,
  `${api.origin}/api/..;/private`,
  `${api.origin}/api/..\\private`,
  `${api.origin}/api/%252e%252e%252fprivate`,
  `${api.origin}/api/x/..%5c..%5cprivate`,
  `${api.origin}//api/orders`,
  `${api.origin}/api%2forders`,
  `data:text/plain,${api.origin}/api/orders`,
  `blob:${api.origin}/api/orders`,
]

test('sends a token to no URL that only looks like that of an API', async ({ page, app, as, startApp }) => {
  void as
  const [api, evil] = [await startApp({ host: 'api.localhost' }), await startApp({ host: '127.0.0.1' })]
  for (const server of [api, evil]) server.route('/*', () => ({ body: 'here' }))
  await startSession(page, app, { apis: [{ url: `${api.origin}/api` }] })
  for (const url of lookAlikes(new URL(api.origin), new URL(evil.origin))) {
    const { error } = await callApi(page, url)
    // What no URL parser accepts is not fetched at all.
    if (error?.name !== 'TypeError')
      expect(error, JSON.stringify(url)).toMatchObject({ code: 'origin_not_allowed' })
  }
  expect([...received(api), ...received(evil)]).toEqual([])
  // The controls: the real one gets it, and each server can be reached.
  expect((await callApi(page, `${api.origin}/api/orders`)).value?.status).toBe(200)
  expect(authorizationsAt(api)).toEqual([expect.stringMatching(/^Bearer ./)])
  await page.evaluate((url) => fetch(url), `http://2130706433:${new URL(evil.origin).port}/api/orders`)
  expect(authorizationsAt(evil)).toEqual([undefined])
})

/** Values that end a parameter, a header or a line where they are not encoded. */
const injections = [
  '&client_id=evil&redirect_uri=https://evil.example/',
  '#&response_type=token',
  '\r\nlocation: https://evil.example/\r\n\r\n',
  '%0d%0alocation:%20https://evil.example/',
  '"><script>document.title="ran"</script>',
  '\u0000\u2028é😀',
  ' +%2B&amp;=;',
]

test.describe('at a server that takes requests as a form, too', () => {
  test.use({ asOptions: { httpPost: true, sameSite: 'none' } })

  test('adds no parameter, header or markup by the value of another, in a URL, a form and a pushed request', async ({
    page,
    as,
  }) => {
    const value = injections.join('')
    const long = value + 'x'.repeat(5000)
    const ways = {
      'a URL': { hint: value, par: undefined, method: 'GET', endpoint: 'authorize' },
      'a form': { hint: long, par: false, method: 'POST', endpoint: 'authorize' },
      'a pushed request': {
        hint: long,
        par: undefined,
        method: 'POST',
        endpoint: 'pushed_authorization_request',
      },
    }
    for (const [name, { hint, par, ...sent }] of Object.entries(ways))
      await test.step(name, async () => {
        as.requests.length = 0
        await openApp(page)
        await createAuth(page, { params: { 'x&client_id': value }, par })
        const options = { loginHint: hint, prompt: 'login', params: { extra: value } }
        const popup = await popupOf(page, () => clickLogin(page, options))
        await popup.waitForURL(/\/interaction\//)
        const request = as.requests.find(({ params }) => params['login_hint'])
        expect(request).toMatchObject(sent)
        expect(request!.params).toMatchObject({
          client_id: as.clientId,
          response_type: 'code',
          redirect_uri: expect.stringContaining('/callback.html') as unknown,
        })
        // Forms have CRLF line ends, and the standard encoding has no lone NUL to lose.
        expect(request!.params['login_hint']).toBe(hint)
        expect(request!.params['extra']).toBe(value)
        expect(request!.params['x&client_id']).toBe(value)
        expect(await popup.title()).not.toBe('ran')
        // The control: it is a request like any other.
        await signIn(popup)
        await expect.poll(() => as.count('token')).toBe(1)
      })
  })
})

test('sends no request with a header that an app lets somebody else write', async ({
  page,
  app,
  as,
  startApp,
}) => {
  void as
  const api = await startApp({ host: 'api.localhost' })
  api.route('/*', () => ({ body: 'here' }))
  await startSession(page, app, { apis: [{ url: api.origin }] })
  await click(
    page,
    async (url) => {
      const attempts = [{ 'x-a': 'b\r\nauthorization: none' }, { 'x-a\r\nb': 'c' }, { 'x-a': '\u0000' }]
      return Promise.all(
        attempts.map((headers) =>
          window.auth.fetch(url, { headers }).then(String, (error: Error) => error.name),
        ),
      )
    },
    `${api.origin}/orders`,
  )
  expect(await page.evaluate(async () => (await window.outcome)?.value)).toEqual([
    'TypeError',
    'TypeError',
    'TypeError',
  ])
  expect(received(api)).toEqual([])
  // The control, which also shows that the header of the app does not replace the token.
  expect(
    (await callApi(page, `${api.origin}/orders`, { headers: { authorization: 'none', 'x-a': 'b' } })).value
      ?.status,
  ).toBe(200)
  expect(authorizationsAt(api)).toEqual([expect.stringMatching(/^Bearer ./)])
})
