import { createAuth, openApp } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { logOutAtServer } from '../../rig/server-logout.js'
import { withPartitionedStorage } from '../../rig/partitioned-storage.js'
import { logInByPopup } from '../../rig/sign-in.js'
import { expectState, openTab, renewToken, startSession } from '../../rig/token-calls.js'

test.use({ asOptions: { frontChannelLogout: true } })

/** A policy that allows the page nothing but its script. */
const csp = "default-src 'none'; script-src 'self'; require-trusted-types-for 'script'"

test('ends the session in all tabs when the page of the server frames logout.html, even if it leaves at once', async ({
  page,
  app,
  as,
}) => {
  app.headers['/logout.html'] = { 'content-security-policy': csp }
  await startSession(page, app)
  const other = await openTab(page)
  await logOutAtServer(page, as)
  const [framed] = app.requests.filter(({ path }) => path === '/logout.html')
  expect(framed!.query.get('iss')).toBe(as.issuer)
  await expectState(page, { status: 'logged-out', reason: 'logout' })
  await expectState(other, { status: 'logged-out', reason: 'logout' })
  expect((await renewToken(other)).error?.code).toBe('login_required')
  await page.reload()
  expect(await page.evaluate(() => window.auth.ready())).toEqual({ status: 'logged-out', reason: 'logout' })
  // A new login is not affected.
  await logInByPopup(page)
  await page.reload()
  expect(await page.evaluate(() => window.auth.ready())).toMatchObject({ status: 'logged-in' })
})

test('ends nothing for another issuer or session, or without both', async ({ page, app, as }) => {
  await startSession(page, app)
  const { sid } = (await page.evaluate(() => window.auth.getUser())) as unknown as { sid: string }
  expect(sid).toBeTruthy()
  const iss = as.issuer
  const tab = await page.context().newPage()
  const open = async (parameters: [string, string][]) => {
    await tab.goto(`${app.origin}/logout.html?${new URLSearchParams(parameters)}`)
    await expect(tab).toHaveTitle(/igned out|No session/)
    return tab.title()
  }
  const refused: [string, string][][] = [
    [],
    [['iss', iss]],
    [['sid', sid]],
    [
      ['iss', `${iss}/`],
      ['sid', sid],
    ],
    [
      ['iss', 'https://id.example.com'],
      ['sid', sid],
    ],
    [
      ['iss', iss],
      ['sid', sid.toUpperCase() + 'x'],
    ],
    [
      ['iss', iss],
      ['sid', ''],
    ],
    [
      ['iss', iss],
      ['sid', 'other'],
      ['sid', sid],
    ],
    [
      ['iss', iss],
      ['iss', iss],
      ['sid', sid],
    ],
    [
      ['iss', iss],
      ['sid', sid],
      ['database', 'other'],
    ],
  ]
  for (const parameters of refused)
    expect(await open(parameters), `${parameters}`).toBe('No session to sign out')
  expect(await tab.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))).toEqual([
    'latchkey',
  ])
  // The control.
  expect((await renewToken(page)).error).toBeUndefined()
  expect(
    await open([
      ['iss', iss],
      ['sid', sid],
    ]),
  ).toBe('Signed out')
  await expectState(page, { status: 'logged-out', reason: 'logout' })
})

test('finds the session in the database that the registered URL names', async ({ page, app, as }) => {
  await openApp(page)
  await createAuth(page)
  await logInByPopup(page, { user: 'alice' })
  const other = await page.context().newPage()
  await openApp(other)
  await other.evaluate(() => {
    const store = window.latchkey.indexedDBStore({ name: 'orders' })
    window.auth = window.latchkey.createClient({
      ...(window.authDefaults as { issuer: string; clientId: string }),
      store,
    })
  })
  await logInByPopup(other, { prompt: 'login', user: 'bob' })
  const { sid } = (await other.evaluate(() => window.auth.getUser())) as unknown as { sid: string }
  const tab = await page.context().newPage()
  await tab.goto(`${app.origin}/logout.html?database=orders&${new URLSearchParams({ iss: as.issuer, sid })}`)
  await expect(tab).toHaveTitle('Signed out')
  await expectState(other, { status: 'logged-out', reason: 'logout' })
})

test('is useless to a server of another site, because the browser gives the page another storage there', async ({
  page: unused,
  app,
  as,
  startApp,
}) => {
  const otherSite = await startApp({ host: '127.0.0.1' })
  const sameSite = await startApp()
  await withPartitionedStorage(unused, async (page) => {
    await openApp(page, `${app.origin}/`)
    await createAuth(page)
    await logInByPopup(page)
    const { sid } = (await page.evaluate(() => window.auth.getUser())) as unknown as { sid: string }
    const src = `${app.origin}/logout.html?${new URLSearchParams({ iss: as.issuer, sid })}`
    const body = `<!doctype html><iframe src="${src.replace('&', '&amp;')}"></iframe>`
    const tab = await page.context().newPage()
    for (const [server, title, status] of [
      [otherSite, 'No session to sign out', 'logged-in'],
      // The control.
      [sameSite, 'Signed out', 'logged-out'],
    ] as const) {
      server.route('/end-session', () => ({ body }))
      await tab.goto(`${server.origin}/end-session`)
      expect(await tab.frames()[1]!.title()).toBe(title)
      await expectState(page, { status })
    }
  })
})
