import { click, clickLogin, createAuth, openApp, outcome, state } from '../../rig/app-page.js'
import { expect, test, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { openOverlay, signInFramed } from '../../rig/overlay.js'
import { logInByPopup, popupOf, signIn } from '../../rig/sign-in.js'
import { startSession } from '../../rig/token-calls.js'

// With the names of fields that hide those of a form.
const params = { ...Object.fromEntries(['submit', 'action', 'append', 'remove'].map((name) => [name, 'x'])) }
/** More than Node takes in a request line. */
const claims = { id_token: { email: { values: ['a@example.com', 'ü' + 'x'.repeat(22_000)] } } }

const sentTo = (as: TestAuthorizationServer, endpoint: string) =>
  as.requests.filter((one) => one.endpoint === endpoint && !one.preflight)

test.describe('at a server that takes requests as a form', () => {
  test.use({ asOptions: { httpPost: true, sameSite: 'none' } })

  for (const size of [400, 22_000])
    test(`ends the session at the server with an ID token of ${size} bytes more`, async ({
      page,
      app,
      as,
    }) => {
      as.tamperIdToken((payload) => ({ claims: { ...payload, groups: 'g'.repeat(size) } }))
      await openApp(page, '/deep/page')
      await createAuth(page)
      await logInByPopup(page)
      app.authAtLoad = {}
      await page.evaluate(() => void window.auth.logout())
      await page.waitForURL(`${app.origin}/`)
      const [ended] = sentTo(as, 'end_session')
      expect(ended).toMatchObject({
        method: size > 4000 ? 'POST' : 'GET',
        params: { client_id: as.clientId, post_logout_redirect_uri: `${app.origin}/` },
      })
      expect(as.secrets).toContain(ended!.params['id_token_hint'])
      await page.evaluate(() => window.auth.ready())
      const silent = await page.evaluate(() =>
        window.auth.login({ mode: 'silent' }).catch((error: unknown) => window.describe(error)),
      )
      expect(silent).toMatchObject({ code: 'login_required' })
    })

  for (const prepared of [false, true])
    test(`sends a long request by popup as a form ${prepared ? 'after' : 'without'} prepare()`, async ({
      page,
      as,
      app,
    }) => {
      await openApp(page)
      // `<base target>` is not meant for it.
      await page.evaluate(() =>
        document.head.append(Object.assign(document.createElement('base'), { target: '_top' })),
      )
      await createAuth(page, { par: false, params })
      if (prepared) await page.evaluate(() => window.auth.prepare())
      await logInByPopup(page, { claims })
      const [asked] = sentTo(as, 'authorize')
      expect(asked).toMatchObject({
        method: 'POST',
        params: { ...params, client_id: as.clientId, response_type: 'code' },
      })
      expect(JSON.parse(asked!.params['claims']!)).toEqual(claims)
      expect(page.url()).toBe(`${app.origin}/`)
      expect(await page.locator('form').count()).toBe(0)
      // The control: what fits goes as ever.
      await page.evaluate(() => window.auth.logout({ local: true }))
      await clickLogin(page)
      expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
      expect(sentTo(as, 'authorize').at(-1)!.method).toBe('GET')
    })

  test('sends a long request by redirect, by overlay and by hidden frame as a form', async ({
    page,
    as,
    app,
  }) => {
    app.authAtLoad = { par: false }
    await openApp(page, '/deep/page')
    await clickLogin(page, { mode: 'redirect', claims })
    await signIn(page)
    await page.waitForURL(`${app.origin}/deep/page`)
    await expect.poll(() => state(page).catch(() => {})).toMatchObject({ status: 'logged-in' })
    await page.evaluate(() => window.auth.logout({ local: true }))
    await click(page, (given) => window.auth.login({ mode: 'silent', claims: given }), claims)
    expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
    await page.evaluate(() => window.auth.logout({ local: true }))
    app.authAtLoad = undefined
    await openOverlay(page, { par: false }, { claims, prompt: 'login' })
    await signInFramed(page)
    expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
    expect(sentTo(as, 'authorize').map(({ method }) => method)).toEqual(['POST', 'POST', 'POST'])
  })

  test('keeps the query that an endpoint has of its own', async ({ page, as }) => {
    const metadata = {
      ...(await (await fetch(`${as.issuer}/.well-known/openid-configuration`)).json()),
    } as object
    await openApp(page)
    await createAuth(page, {
      par: false,
      metadata: { ...metadata, authorization_endpoint: `${as.issuer}/auth?policy=one` },
    })
    const paths: string[] = []
    page.context().on('request', (request) => void paths.push(request.url()))
    await logInByPopup(page, { claims })
    expect(paths).toContain(`${as.issuer}/auth?policy=one`)
  })
})

test('pushes a long request to a server that offers it', async ({ page, as, app }) => {
  await startSession(page, app)
  await page.evaluate(() => window.auth.logout({ local: true }))
  expect(as.count('pushed_authorization_request')).toBe(0)
  await page.evaluate(() => window.auth.prepare())
  await clickLogin(page, { claims })
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
  expect(as.count('pushed_authorization_request')).toBe(1)
  const asked = sentTo(as, 'authorize').at(-1)!
  expect([asked.method, Object.keys(asked.params).sort()]).toEqual(['GET', ['client_id', 'request_uri']])
})

test('opens the window inside the gesture for a request that is pushed for its length', async ({
  page,
  as,
}) => {
  await openApp(page)
  await createAuth(page)
  await page.evaluate(() => window.auth.prepare())
  const held = as.fault('pushed_authorization_request', { hang: true })
  const popup = await popupOf(page, () => clickLogin(page, { claims }))
  await held.hit
  held.release()
  await signIn(popup)
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
})
