import type { Page } from '@playwright/test'
import { click, clickLogin, createAuth, openApp, outcome, type PlainError } from '../../rig/app-page.js'
import type { FaultOptions } from '../../rig/faults.js'
import { expect, test } from '../../rig/fixtures.js'
import { expectLogin, expectRefusal } from '../../rig/log-in-twice.js'
import { isSilent } from '../../rig/request-kinds.js'
import { logInByPopup } from '../../rig/sign-in.js'
import { getToken, startSession } from '../../rig/token-calls.js'
import { getUserInfo } from '../../rig/userinfo-calls.js'
import { passTime } from '../../rig/shifted-clock.js'

// test/answers/refusal-messages.test.ts tests the messages about an endpoint's refusal or an ID token.

/** Clicks a login after `prepare()` and tells its error, and whether a window opened. */
async function loginPrepared(page: Page): Promise<{ error: PlainError | undefined; opened: number }> {
  await page.evaluate(() => window.auth.prepare())
  let opened = 0
  page.on('popup', () => opened++)
  await clickLogin(page)
  return { error: (await outcome(page)).error, opened }
}

for (const [name, asOptions, client, claim] of [
  ['DPoP', { dpop: 'off' }, { dpop: true }, 'dpop_signing_alg_values_supported'],
  ['PAR', { par: 'off' }, { par: true }, 'pushed_authorization_request_endpoint'],
] as const)
  test.describe(`at a server without ${name}`, () => {
    test.use({ asOptions })

    test(`opens no window where the metadata says so`, async ({ page, as }) => {
      await openApp(page)
      await createAuth(page, client)
      const { error, opened } = await loginPrepared(page)
      expect(error).toMatchObject({ code: 'discovery_failed', retryable: false, cause: { claim } })
      expect(error!.message).toContain(`"${claim}"`)
      expect([opened, as.count('authorize')]).toEqual([0, 0])
      // Not known beforehand: as soon as it is, and the window closes.
      await page.reload()
      await createAuth(page, client)
      await clickLogin(page)
      expect((await outcome(page)).error).toMatchObject({ code: 'discovery_failed', cause: { claim } })
      expect(as.count('authorize')).toBe(0)
      await createAuth(page)
      expect(await logInByPopup(page)).toMatchObject({ status: 'logged-in' })
    })
  })

test('logs in with DPoP where the app gives the metadata itself, without what says so', async ({
  page,
  as,
}) => {
  const metadata = {
    authorization_endpoint: `${as.issuer}/auth`,
    token_endpoint: `${as.issuer}/token`,
    jwks_uri: `${as.issuer}/jwks`,
    id_token_signing_alg_values_supported: ['ES256'],
  }
  await openApp(page)
  await createAuth(page, { dpop: true, metadata })
  expect(await logInByPopup(page)).toMatchObject({ status: 'logged-in' })
})

test('names the client ID where a hidden frame stays silent', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page, { timeouts: { iframe: 1500 } })
  as.fault('authorize', { status: 400, body: '<h1>invalid_client</h1>', when: isSilent })
  await clickLogin(page, { mode: 'silent' })
  const { error } = await outcome(page)
  expect(error).toMatchObject({ code: 'frame_silent' })
  expect(error!.message).toContain('"clientId" or "redirectUri"')
})

test.describe('at a userinfo endpoint whose challenge this page cannot read', () => {
  const refusal: FaultOptions = { status: 401, body: '{"error":"Unauthorized","status":401}' }

  test('asks once more with a fresh token', async ({ page, app, as }) => {
    await startSession(page, app)
    // A token that came a moment ago is not renewed for a 401.
    await passTime(page, 11)
    const refused = as.fault('userinfo', { ...refusal, times: 1 })
    expect((await getUserInfo(page)).value).toMatchObject({ sub: 'alice' })
    expect([refused.hits, as.countEvents('grant.success', 'refresh_token')]).toEqual([1, 1])
  })

  test('says that the token was refused, and what to expose', async ({ page, app, as }) => {
    await startSession(page, app)
    await passTime(page, 11)
    const refused = as.fault('userinfo', refusal)
    const { error } = await getUserInfo(page)
    expect(error).toMatchObject({
      code: 'authorization_failed',
      error: 'invalid_token',
      status: 401,
      retryable: false,
    })
    expect(error!.message).toContain('expose "WWW-Authenticate"')
    expect(refused.hits).toBe(2)
    // Any other refusal is made once, and is no token's fault.
    refused.end()
    const forbidden = as.fault('userinfo', { status: 403, body: '<h1>Forbidden</h1>' })
    const other = (await getUserInfo(page)).error
    expect(other).toMatchObject({ code: 'invalid_response', status: 403, retryable: false })
    expect(other!.message).toMatch(/^the userinfo endpoint answered with HTTP 403 /)
    expect(forbidden.hits).toBe(1)
  })
})

test('takes an access token whose characters a header can carry, and no other', async ({ page, app, as }) => {
  const secret = 'secret-of-the-server'
  as.tamperTokenResponse((json) => ({ ...json, access_token: `${secret}\u0007` }))
  app.route('/api', () => ({ body: 'fine' }))
  await openApp(page)
  await createAuth(page, { apis: [{ url: `${app.origin}/api` }] })
  const error = await expectRefusal(page)
  expect(error).toMatchObject({ code: 'invalid_token_response', cause: { claim: 'access_token' } })
  expect(JSON.stringify(error)).not.toContain(secret)
  as.tamperTokenResponse((json) => ({ ...json, access_token: '1|aZ09-._~+/!*==' }))
  await expectLogin(page)
  await click(page, (url) => window.auth.fetch(url).then((response) => response.text()), `${app.origin}/api`)
  expect((await outcome(page)).value).toBe('fine')
  expect((await getToken(page)).value).toBe('1|aZ09-._~+/!*==')
})
