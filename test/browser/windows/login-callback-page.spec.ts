import { clickLogin, createAuth, openApp, outcome } from '../../rig/app-page.js'
import { expect, test, type AppServer, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { publishMetadata } from '../../rig/published-metadata.js'
import { popupOf, signIn } from '../../rig/sign-in.js'

test.use({ asOptions: { webMessage: false } })

const callbacks = (app: AppServer) => app.requests.filter(({ path }) => path === '/callback.html')

function lastAuthorization(as: TestAuthorizationServer): Record<string, string> {
  return as.requests.filter(({ endpoint }) => endpoint === 'authorize').at(-1)!.params
}

test('logs in through the callback page by fragment where the server lacks web_message', async ({
  page,
  as,
  app,
}) => {
  await openApp(page)
  await createAuth(page)
  const popup = await popupOf(page, () => clickLogin(page))
  await signIn(popup)
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  await expect.poll(() => popup.isClosed()).toBe(true)

  expect(lastAuthorization(as)).toMatchObject({
    response_mode: 'fragment',
    redirect_uri: `${app.origin}/callback.html`,
  })
  expect(callbacks(app)).toHaveLength(1)
  // The fragment keeps the code out of the logs of the app's server.
  for (const { query, headers } of app.requests) {
    expect([...query.keys()]).toEqual([])
    for (const secret of as.secrets) expect(String(headers.referer)).not.toContain(secret)
  }
  const counts = (['metadata', 'authorize', 'token', 'jwks'] as const).map((endpoint) => as.count(endpoint))
  expect(counts).toEqual([1, 1, 1, 1])
})

test('logs in through the callback page by query where the server has nothing else', async ({
  page,
  as,
  app,
}) => {
  await publishMetadata(as, { response_modes_supported: ['query'] })
  await openApp(page)
  await createAuth(page)
  const popup = await popupOf(page, () => clickLogin(page))
  await signIn(popup)
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  await expect.poll(() => popup.isClosed()).toBe(true)

  // `query` is what a server does unasked.
  expect(lastAuthorization(as)).not.toHaveProperty('response_mode')
  expect(callbacks(app)).toHaveLength(1)
  expect([...callbacks(app)[0]!.query.keys()].sort()).toEqual(['code', 'iss', 'state'])
  expect(as.count('token')).toBe(1)
})

test('asks for the response mode that the app has chosen', async ({ page, as, app }) => {
  await openApp(page)
  await createAuth(page, { responseMode: 'query', redirectUri: '/callback.html?as=a' })
  const popup = await popupOf(page, () => clickLogin(page))
  await signIn(popup)
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  expect(lastAuthorization(as)).not.toHaveProperty('response_mode')
  expect(callbacks(app)[0]!.query.get('as')).toBe('a')
})

test('tells the user when nobody waits for the answer any more', async ({ page, as, app }) => {
  await openApp(page)
  await createAuth(page)
  const popup = await popupOf(page, () => clickLogin(page))
  await popup.getByLabel('User name').waitFor()
  await page.close()
  await signIn(popup)
  await expect(popup.getByRole('alert')).toContainText('The app has not answered')
  await expect(popup.getByRole('link')).toHaveAttribute('href', './')
  expect(popup.url()).toBe(`${app.origin}/callback.html`)
  expect(as.count('token')).toBe(0)
})
