import { click, clickLogin, openApp, outcome } from '../../rig/app-page.js'
import { expect, test, type AppServer } from '../../rig/fixtures.js'
import { startServerSession } from '../../rig/server-session.js'
import { popupOf, signIn } from '../../rig/sign-in.js'

test.use({ asOptions: { webMessage: false } })

const visits = (app: AppServer) =>
  app.requests.map(({ path }) => path).filter((path) => !/\.js$|\.ico$/.test(path))

test('is its own redirect URI in a popup', async ({ page, as, app }) => {
  app.authAtLoad = { redirectUri: '/' }
  await openApp(page, '/orders?a=1')
  const popup = await popupOf(page, () => clickLogin(page))
  await signIn(popup)
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  await expect.poll(() => popup.isClosed()).toBe(true)
  expect(visits(app)).toEqual(['/orders', '/'])
  expect([as.count('authorize'), as.count('token')]).toEqual([1, 1])
})

for (const start of ['/orders/7?a=1#part', '/?a=1#part', '/']) {
  test(`is its own redirect URI of a redirect login from ${start}`, async ({ page, as, app }) => {
    app.authAtLoad = { redirectUri: '/' }
    await openApp(page, start)
    await clickLogin(page, { mode: 'redirect', appState: 'here' })
    await signIn(page)
    await page.waitForURL(app.origin + start)
    await expect
      .poll(() => page.evaluate(() => window.auth?.getState()).catch(() => undefined))
      .toMatchObject({
        status: 'logged-in',
        user: { sub: 'alice' },
        appState: 'here',
      })
    expect(page.url()).toBe(app.origin + start)
    expect(visits(app)).not.toContain('/callback.html')
    expect([as.count('authorize'), as.count('token')]).toEqual([1, 1])

    await page.reload()
    await expect
      .poll(() => page.evaluate(() => window.auth?.getState()).catch(() => undefined))
      .toMatchObject({
        status: 'logged-in',
      })
    expect([as.count('authorize'), as.count('token')]).toEqual([1, 1])
  })
}

test('is its own redirect URI in a hidden frame', async ({ page, as, app }) => {
  await startServerSession(page, as, app)
  app.authAtLoad = { redirectUri: '/' }
  await openApp(page)
  await click(page, () => window.auth.login({ mode: 'silent' }))
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  expect(visits(app)).toEqual(['/', '/'])
  expect([as.count('authorize'), as.count('token')]).toEqual([1, 1])
  expect(await page.locator('iframe').count()).toBe(0)
})

test('starts as usual where a query or a fragment only looks like a response', async ({ page, as, app }) => {
  app.authAtLoad = { redirectUri: '/' }
  const urls = ['/?state=CA&code=94107', '/#state=open&error=none', '/?code=p.x&mode=state']
  for (const url of urls) {
    await openApp(page, url)
    await expect.poll(() => page.evaluate(() => window.auth?.getState())).toEqual({ status: 'logged-out' })
    expect(page.url()).toBe(app.origin + url)
  }
  expect(as.requests).toEqual([])
})

test('refuses a redirect URI of another origin with a TypeError', async ({ page, as, app }) => {
  await openApp(page)
  const create = (redirectUri: string) => window.startAuth({ redirectUri })
  const { host, port } = new URL(app.origin)
  const elsewhere = [
    'https://evil.example/callback.html',
    '//evil.example/callback.html',
    `https://${host}/callback.html`,
    `http://127.0.0.1:${port}/callback.html`,
    'javascript:alert(1)',
    `${app.origin}.evil.example/callback.html`,
    as.origin,
  ]
  for (const redirectUri of elsewhere) {
    await click(page, create, redirectUri)
    const { error } = await outcome(page)
    expect(error, redirectUri).toMatchObject({ name: 'TypeError' })
    expect(error!.message).toContain('"redirectUri"')
  }
  await click(page, create, `${app.origin}/callback.html`)
  expect((await outcome(page)).error).toBeUndefined()
})
