import { click, clickLogin, createAuth, events, openApp, outcome, state } from '../../rig/app-page.js'
import { coop, coopPlaces } from '../../rig/coop-places.js'
import { expect, test, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { sendFocusElsewhere } from '../../rig/focus-elsewhere.js'
import { pageAt } from '../../rig/page-at.js'
import { isSilent } from '../../rig/request-kinds.js'
import { popupOf, signIn } from '../../rig/sign-in.js'
import { readRecords } from '../../rig/stored-records.js'
import { openTab, renewToken, startExpiredSession } from '../../rig/token-calls.js'

const modesAskedFor = (as: TestAuthorizationServer) =>
  as.requests.filter(({ endpoint }) => endpoint === 'authorize').map(({ params }) => params['response_mode'])

test.beforeEach(({ page }) => sendFocusElsewhere(page))

for (const [place, putHeaders] of Object.entries(coopPlaces)) {
  test.describe(`COOP on ${place}`, () => {
    test.describe('by callback page', () => {
      test.use({ asOptions: { webMessage: false } })

      test('logs in, and does not report the popup as closed', async ({ page, as, app }) => {
        putHeaders(as, app)
        await openApp(page)
        await createAuth(page)
        await popupOf(page, () => clickLogin(page))
        // The page has given its verdict on a window that says it is closed, and goes on waiting.
        await expect.poll(() => events(page)).toEqual([{ type: 'popup_cut_off' }])
        expect(await state(page)).toEqual({ status: 'logged-out', login: 'waiting' })
        await signIn(await pageAt(page, as.origin))
        expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
        await expect.poll(() => page.context().pages().length).toBe(1)
        expect(modesAskedFor(as)).toEqual(['fragment'])
        expect(as.count('token')).toBe(1)
      })
    })

    test('rejects with popup_cut_off by web message, and the next click logs in through the callback page', async ({
      page,
      as,
      app,
    }) => {
      putHeaders(as, app)
      await openApp(page)
      await createAuth(page)
      await popupOf(page, () => clickLogin(page))
      const { error } = await outcome(page)
      expect(error).toMatchObject({ name: 'AuthError', code: 'popup_cut_off', retryable: true })
      expect(error!.message).toContain('Cross-Origin-Opener-Policy')
      expect(await events(page)).toEqual([{ type: 'popup_cut_off' }])
      expect(await state(page)).toEqual({ status: 'logged-out' })
      await (await pageAt(page, as.origin)).close()

      await popupOf(page, () => clickLogin(page))
      await signIn(await pageAt(page, as.origin))
      expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
      await expect.poll(() => page.context().pages().length).toBe(1)
      expect(modesAskedFor(as)).toEqual(['web_message', 'fragment'])
      expect(as.count('token')).toBe(1)
    })
  })
}

test('remembers across reloads that a server severs popups, until one is not severed', async ({
  page,
  as,
  app,
}) => {
  app.authAtLoad = {}
  as.headers = { all: coop }
  await openApp(page)
  await popupOf(page, () => clickLogin(page))
  expect((await outcome(page)).error).toMatchObject({ code: 'popup_cut_off' })
  await (await pageAt(page, as.origin)).close()

  await page.reload()
  as.headers = {}
  const popup = await popupOf(page, () => clickLogin(page))
  await signIn(popup)
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })

  await popupOf(page, () => clickLogin(page))
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
  expect(modesAskedFor(as)).toEqual(['web_message', 'fragment', 'web_message'])
})

test('uses the callback page after a severed popup even for a login prepared earlier', async ({
  page,
  as,
}) => {
  as.headers = { all: coop }
  await openApp(page)
  await createAuth(page)
  await page.evaluate(() => window.auth.prepare())
  const loginAndPrepare = () => {
    const login = window.auth.login()
    const prepared = window.auth.prepare().then(() => [...window.authEvents])
    return login.catch(async (error: { code: string }) => [error.code, await prepared])
  }
  await popupOf(page, () => click(page, loginAndPrepare))
  // Nothing was known when it was made ready.
  expect((await outcome<unknown>(page)).value).toEqual(['popup_cut_off', []])
  await (await pageAt(page, as.origin)).close()

  await popupOf(page, () => clickLogin(page))
  await signIn(await pageAt(page, as.origin))
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  expect(modesAskedFor(as)).toEqual(['web_message', 'fragment'])
})

test.describe('without refresh tokens', () => {
  test.use({ asOptions: { refreshTokens: false } })

  test('keeps what one tab learned about the server when another tab learns something else', async ({
    page,
    as,
    app,
  }) => {
    // Three tabs and three logins take their time on a busy machine.
    test.slow()
    await startExpiredSession(page, app, as, { timeouts: { iframe: 500 } })
    const other = await openTab(page)
    // It knows now what there was to know, and reads no more of it.
    await other.evaluate(() => window.auth.prepare())

    as.headers = { all: coop }
    await popupOf(page, () => clickLogin(page, { prompt: 'login' }))
    expect((await outcome(page)).error).toMatchObject({ code: 'popup_cut_off' })
    await (await pageAt(page, as.origin)).close()
    as.headers = {}
    const hints = async () => {
      const record = (await readRecords(page))[`server ${as.issuer}`] as { sealed: { hints: object } }
      return Object.keys(record.sealed.hints)
    }
    await expect.poll(hints).toContain('cutOffUntil')
    const silence = as.fault('authorize', { body: 'nothing to see', when: isSilent })
    for (let call = 0; call < 2; call++)
      expect((await renewToken(other)).error).toMatchObject({ code: 'frame_silent' })
    silence.end()

    const later = await openTab(page)
    expect((await renewToken(later)).error).toMatchObject({ code: 'login_required' })
    expect(silence.hits).toBe(2)
    expect(as.count('authorize', isSilent)).toBe(2)
    await popupOf(later, () => clickLogin(later))
    expect((await outcome(later)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
    expect(modesAskedFor(as).at(-1)).toBe('fragment')
  })
})

test('logs in by web message from an app with COOP same-origin-allow-popups', async ({ page, as, app }) => {
  app.headers['/'] = { 'cross-origin-opener-policy': 'same-origin-allow-popups' }
  await openApp(page)
  await createAuth(page)
  await signIn(await popupOf(page, () => clickLogin(page)))
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
  expect(await events(page)).toEqual([])
  expect(modesAskedFor(as)).toEqual(['web_message'])
})
