import type { Page } from '@playwright/test'
import {
  click,
  clickLogin,
  createAuth,
  events,
  openApp,
  outcome,
  state,
  type PlainState,
} from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { publishMetadata } from '../../rig/published-metadata.js'
import { expectMarked, startSecretSearch } from '../../rig/secret-search.js'
import { signIn } from '../../rig/sign-in.js'

/** Waits until a page is there with a client of its own, and for that client's first state. */
async function arrival(page: Page, url: string): Promise<PlainState> {
  await page.waitForURL(url)
  await page.waitForFunction(() => window.auth as unknown)
  return page.evaluate(async () => window.describe(await window.auth.ready()) as never)
}

const start = '/orders/7?tab=open&q=%20x#part/2?a=b'

for (const responseMode of ['fragment', 'query'] as const) {
  test(`comes back by ${responseMode} to the path, query and hash that it started from`, async ({
    page,
    as,
    app,
  }) => {
    if (responseMode === 'query') await publishMetadata(as, { response_modes_supported: ['query'] })
    app.authAtLoad = {}
    await openApp(page, start)
    await clickLogin(page, { mode: 'redirect', appState: { step: 3 } })
    await page.waitForURL(`${as.origin}/interaction/*`)
    app.requests.length = 0
    await signIn(page)
    expect(await arrival(page, app.origin + start)).toEqual({
      status: 'logged-in',
      user: expect.objectContaining({ sub: 'alice' }),
      appState: { step: 3 },
    })
    expect(page.url()).toBe(app.origin + start)
    const [request] = as.requests.filter(({ endpoint }) => endpoint === 'authorize')
    expect(request!.params['response_mode']).toBe(responseMode === 'query' ? undefined : 'fragment')
    const pages = app.requests.map(({ path }) => path).filter((path) => !/\.js$|\.ico$/.test(path))
    expect(pages).toEqual(['/callback.html', '/orders/7'])
    expect([as.count('authorize'), as.count('token')]).toEqual([1, 1])
    // Nothing of the login is left behind.
    expect(await page.evaluate(() => Object.keys(sessionStorage))).toEqual([])
  })
}

test('refuses an "appState" that is not JSON with a TypeError, and stays', async ({ page, as, app }) => {
  await openApp(page, '/cart')
  await createAuth(page)
  await click(page, () => {
    const cart: object[] = []
    cart.push(cart)
    return window.auth.login({ mode: 'redirect', appState: cart })
  })
  expect((await outcome(page)).error).toMatchObject({ name: 'TypeError' })
  expect(page.url()).toBe(`${app.origin}/cart`)
  expect(as.requests).toEqual([])
  expect(await page.evaluate(() => Object.keys(sessionStorage))).toEqual([])
})

test('comes back to "returnTo"', async ({ page, as, app }) => {
  app.authAtLoad = { mode: 'redirect' }
  await openApp(page, '/login')
  await clickLogin(page, { returnTo: '/welcome?new=1#top' })
  await signIn(page)
  expect(await arrival(page, `${app.origin}/welcome?new=1#top`)).toMatchObject({ status: 'logged-in' })
  expect(as.count('token')).toBe(1)
})

test('refuses a "returnTo" of another origin with a TypeError', async ({ page, as, app }) => {
  await openApp(page)
  await createAuth(page)
  const { host } = new URL(app.origin)
  const elsewhere = [
    'https://evil.example/',
    '//evil.example/welcome',
    '\\\\evil.example',
    `https://${host}/`,
    `${app.origin}.evil.example/`,
    `${app.origin}@evil.example/`,
    'javascript:alert(1)',
    'data:text/html,hello',
    'blob:' + app.origin + '/x',
    as.origin,
  ]
  for (const returnTo of elsewhere) {
    await clickLogin(page, { mode: 'redirect', returnTo })
    const { error } = await outcome(page)
    expect(error, returnTo).toMatchObject({ name: 'TypeError' })
    expect(error!.message).toContain('"returnTo"')
  }
  expect(page.url()).toBe(`${app.origin}/`)
  expect(as.count('authorize')).toBe(0)
  expect(await page.evaluate(() => Object.keys(sessionStorage))).toEqual([])
})

test('comes back to the app when what it keeps was changed to another origin', async ({ page, as, app }) => {
  app.authAtLoad = {}
  await openApp(page, '/start')
  await page.addInitScript(() => {
    for (const key of Object.keys(sessionStorage)) {
      const kept = JSON.parse(sessionStorage.getItem(key)!) as object
      if (key.startsWith('latchkey:'))
        sessionStorage.setItem(key, JSON.stringify({ ...kept, returnTo: 'https://evil.example/' }))
    }
  })
  await clickLogin(page, { mode: 'redirect' })
  await signIn(page)
  await page.getByRole('link', { name: 'Go to the app' }).click()
  expect(await arrival(page, `${app.origin}/`)).toMatchObject({ status: 'logged-in' })
  expect(as.count('token')).toBe(1)
})

test('keeps the redirect logins of two tabs apart', async ({ page, as, app }) => {
  app.authAtLoad = {}
  await openApp(page, '/one')
  const other = await page.context().newPage()
  await openApp(other, '/two')
  await clickLogin(page, { mode: 'redirect', appState: 'one' })
  await page.getByLabel('User name').waitFor()
  await clickLogin(other, { mode: 'redirect', appState: 'two' })
  await other.getByLabel('User name').waitFor()
  await signIn(page)
  expect(await arrival(page, `${app.origin}/one`)).toMatchObject({ status: 'logged-in', appState: 'one' })
  await signIn(other)
  expect(await arrival(other, `${app.origin}/two`)).toMatchObject({ status: 'logged-in', appState: 'two' })
  expect(as.count('token')).toBe(2)
})

test('rejects with redirect_not_left when the page is still there after 10 s', async ({ page, as, app }) => {
  await page.clock.install()
  const search = await startSecretSearch(page, as)
  await openApp(page)
  await createAuth(page)
  // "Leave this page?" No, the first time.
  let asked = 0
  page.on('dialog', (dialog) => {
    asked += 1
    void dialog.dismiss()
  })
  await page.evaluate(() => {
    window.onbeforeunload = (event) => event.preventDefault()
  })
  await clickLogin(page, { mode: 'redirect' })
  await expect.poll(() => asked).toBe(1)
  await page.clock.fastForward(5_000)
  expect(await page.evaluate(() => Promise.race([window.outcome, 'still waiting']))).toBe('still waiting')
  await page.clock.fastForward(5_000)
  const { error } = await outcome(page)
  expect(error).toMatchObject({ name: 'AuthError', code: 'redirect_not_left', retryable: true })
  expect(await state(page)).toEqual({ status: 'logged-out' })
  expect(await events(page)).toEqual([])
  expect(page.url()).toBe(`${app.origin}/`)
  expect(as.count('authorize')).toBe(0)
  // The verifier stays where it has its place until the next redirect: the page could have come back from the server.
  expectMarked(as, 1)
  expect(await search.find()).toEqual(['sessionStorage'])

  // Retryable: the next one leaves.
  await page.evaluate(() => void (window.onbeforeunload = null))
  await clickLogin(page, { mode: 'redirect' })
  await page.waitForURL(`${as.origin}/interaction/*`)
})

test('rejects with the reason of its signal before it leaves', async ({ page, as, app }) => {
  const metadata = as.fault('metadata', { hang: true })
  await openApp(page)
  await createAuth(page)
  await page.evaluate(() => {
    const abort = new AbortController()
    Object.assign(window, { abort: () => abort.abort('stay') })
    window.onRun = () => window.auth.login({ mode: 'redirect', signal: abort.signal }).catch((error) => error)
  })
  await page.click('#run')
  await metadata.hit
  await page.evaluate(() => (window as unknown as { abort: () => void }).abort())
  metadata.release()
  expect((await outcome<string>(page)).value).toBe('stay')
  expect(page.url()).toBe(`${app.origin}/`)
  expect(as.count('authorize')).toBe(0)
})
