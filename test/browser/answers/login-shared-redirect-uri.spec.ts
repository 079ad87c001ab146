import { click, clickLogin, createAuth, openApp, outcome, state } from '../../rig/app-page.js'
import { expect, test, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { popupOf, signIn } from '../../rig/sign-in.js'

/** What the servers saw of a login. */
const seen = (...servers: TestAuthorizationServer[]) =>
  servers.map((server) => [server.count('authorize'), server.count('token')])

test.describe('where a server does not promise "iss"', () => {
  test.use({ asOptions: { sendIss: false, webMessage: false } })

  for (const prepared of [false, true])
    test(`refuses a login whose redirect URI is also that of another issuer${prepared ? ', after prepare()' : ''}`, async ({
      page,
      as: honest,
      startAs,
    }) => {
      const evil = await startAs({ webMessage: false })
      await openApp(page)
      await createAuth(page)
      await createAuth(page, { issuer: evil.issuer })
      if (prepared) await page.evaluate(() => window.auth.prepare())
      await clickLogin(page)
      const { error } = await outcome(page)
      expect(error).toMatchObject({ code: 'redirect_uri_shared', retryable: false })
      expect(error!.message).toContain(honest.issuer)
      expect(error!.message).toContain('callback.html?as=a')
      await click(page, () => window.auth.login({ mode: 'redirect' }))
      expect((await outcome(page)).error).toMatchObject({ code: 'redirect_uri_shared' })
      await click(page, () => window.auth.login({ mode: 'silent' }))
      expect((await outcome(page)).error).toMatchObject({ code: 'redirect_uri_shared' })
      // The other one, which does not promise it, is no better off.
      await createAuth(page)
      await clickLogin(page)
      expect((await outcome(page)).error).toMatchObject({ code: 'redirect_uri_shared' })
      expect(seen(evil, honest)).toEqual([
        [0, 0],
        [0, 0],
      ])
      expect(await state(page)).toEqual({ status: 'logged-out' })

      // The way out that the message names.
      await createAuth(page, { issuer: evil.issuer, redirectUri: '/callback.html?as=a' })
      await signIn(await popupOf(page, () => clickLogin(page)))
      expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
      expect(seen(evil, honest)).toEqual([
        [1, 1],
        [0, 0],
      ])
    })

  test('logs in once the client for the other issuer is closed', async ({ page, as, startAs }) => {
    const other = await startAs({ sendIss: false, webMessage: false })
    await openApp(page)
    await createAuth(page, { issuer: other.issuer })
    await page.evaluate(() => window.auth.close())
    await createAuth(page)
    // A second client for the same issuer is none for another.
    await createAuth(page)
    await signIn(await popupOf(page, () => clickLogin(page)))
    expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
    expect(seen(as, other)).toEqual([
      [1, 1],
      [0, 0],
    ])
  })
})

for (const webMessage of [false, true])
  test(`logs in with one redirect URI for two issuers ${webMessage ? 'by web message' : 'that both promise "iss"'}`, async ({
    page,
    as,
    startAs,
  }) => {
    const other = await startAs(webMessage ? { sendIss: false } : { webMessage: false })
    await openApp(page)
    await createAuth(page)
    await createAuth(page, { issuer: other.issuer })
    await signIn(await popupOf(page, () => clickLogin(page)))
    expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
    expect(seen(other, as)).toEqual([
      [1, 1],
      [0, 0],
    ])
  })
