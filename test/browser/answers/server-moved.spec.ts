import type { Page } from '@playwright/test'
import { clickLogin, createAuth, openApp, outcome, type PlainState } from '../../rig/app-page.js'
import type { AppServer } from '../../rig/app-server.js'
import { expect, test, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { letOpenerLook } from '../../rig/look.js'
import { expectLogin } from '../../rig/log-in-twice.js'
import { readMetadata } from '../../rig/published-metadata.js'
import { isRefresh, isSilent } from '../../rig/request-kinds.js'
import { shiftClock } from '../../rig/shifted-clock.js'
import { logInByPopup, popupOf, signIn } from '../../rig/sign-in.js'
import { readRecords } from '../../rig/stored-records.js'
import { getToken } from '../../rig/token-calls.js'
import type { JsonObject } from '../../rig/id-token-tampering.js'

/**
 * Keeps metadata that the server will not publish any more, and loads the page again so much later that they may be looked at
 * anew, within the tolerance for clocks.
 */
async function keepOldMetadata(page: Page, as: TestAuthorizationServer, old: JsonObject): Promise<void> {
  const published = as.fault('metadata', { body: { ...(await readMetadata(as)), ...old } })
  await openApp(page)
  await createAuth(page)
  await page.evaluate(() => window.auth.prepare())
  published.end()
  await loadLater(page)
  await createAuth(page)
  as.requests.length = 0
}

async function loadLater(page: Page, seconds = 20): Promise<void> {
  // No call waits until the metadata are stored.
  await expect.poll(async () => JSON.stringify(await readRecords(page))).toContain('token_endpoint')
  await shiftClock(page, seconds)
  await page.reload()
}

/** Where the token endpoint was: a gateway of the server, at another origin. */
function serveOldTokenEndpoint(
  gateway: AppServer,
  as: TestAuthorizationServer,
): { hits: number; move: () => void } {
  const endpoint = { hits: 0, move: () => {} }
  gateway.route('/token', async ({ method, body }) => {
    if (method === 'POST') endpoint.hits++
    const response = await fetch(`${as.issuer}/token`, { method: 'POST', body: new URLSearchParams(body) })
    return { status: response.status, body: (await response.json()) as object }
  })
  endpoint.move = () =>
    gateway.route('/token', ({ method }) => {
      if (method === 'POST') endpoint.hits++
      return { status: 404, body: '<h1>Not found</h1>' }
    })
  return endpoint
}

test('finds a token endpoint that has moved, for a renewal and for a login', async ({
  page,
  as,
  startApp,
}) => {
  const gateway = await startApp()
  const old = serveOldTokenEndpoint(gateway, as)
  await keepOldMetadata(page, as, { token_endpoint: `${gateway.origin}/token` })
  const stop = as.tamperTokenResponse((json) => ({ ...json, expires_in: 0 }))
  await logInByPopup(page)
  stop()
  expect([old.hits, as.count('metadata')]).toEqual([1, 0])
  old.move()
  expect(as.secrets).toContain((await getToken(page)).value)
  expect([old.hits, as.count('metadata'), as.countEvents('grant.success', 'refresh_token')]).toEqual([
    2, 1, 1,
  ])
  expect(as.countEvents('grant.error')).toBe(0)
  // It is known from now on.
  await page.reload()
  await createAuth(page)
  await expectLogin(page)
  expect([old.hits, as.count('metadata')]).toEqual([2, 1])
})

test('redeems the code of a login where the token endpoint has moved to', async ({ page, as, startApp }) => {
  const gateway = await startApp()
  const old = serveOldTokenEndpoint(gateway, as)
  await keepOldMetadata(page, as, { token_endpoint: `${gateway.origin}/token` })
  old.move()
  expect(await logInByPopup(page)).toMatchObject({ status: 'logged-in' })
  expect([old.hits, as.count('metadata'), as.count('token')]).toEqual([1, 1, 1])
})

test('looks once, and sends nothing again, where the endpoint has not moved', async ({ page, as }) => {
  await keepOldMetadata(page, as, {})
  await logInByPopup(page)
  as.fault('authorize', { error: 'login_required', when: isSilent })
  const gone = as.fault('token', { status: 404, body: '<h1>Not found</h1>', when: isRefresh, times: 1 })
  expect((await getToken(page, { minValidity: 100_000 })).error).toBeDefined()
  expect([gone.hits, as.count('token', isRefresh), as.count('metadata')]).toEqual([1, 1, 1])
  // At most one look in some seconds.
  as.fault('token', { status: 405, body: '' })
  await clickLogin(page)
  expect((await outcome(page)).error).toMatchObject({ status: 405 })
  expect(as.count('metadata')).toBe(1)
})

for (const [name, answer] of [
  ['status 502', { status: 502, body: '<h1>Bad gateway</h1>' }],
  ['an error of its own', { status: 400, body: { error: 'invalid_request' } }],
] as const)
  test(`sends no refresh token again that may have been used up, after ${name}`, async ({
    page,
    as,
    startApp,
  }) => {
    const gateway = await startApp()
    const old = serveOldTokenEndpoint(gateway, as)
    await keepOldMetadata(page, as, { token_endpoint: `${gateway.origin}/token` })
    await logInByPopup(page)
    const sent: string[] = []
    gateway.route('/token', async ({ method, body }) => {
      if (method === 'POST') {
        sent.push(body)
        await fetch(`${as.issuer}/token`, { method: 'POST', body: new URLSearchParams(body) })
      }
      return answer
    })
    await getToken(page, { minValidity: 100_000 })
    expect(sent.filter((body) => body.includes('grant_type=refresh_token'))).toHaveLength(1)
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
    expect(as.countEvents('grant.error')).toBe(0)
    expect(old.hits).toBe(1)
  })

test.describe('a server that begins to require PAR', () => {
  const requirePar = async (page: Page, as: TestAuthorizationServer) => {
    await keepOldMetadata(page, as, { require_pushed_authorization_requests: false })
    await logInByPopup(page)
    const body = { ...(await readMetadata(as)), require_pushed_authorization_requests: true }
    as.fault('metadata', { body })
    as.fault('authorize', { error: 'invalid_request', when: ({ params }) => !params['request_uri'] })
  }

  test('gets the request ahead at the second click', async ({ page, as }) => {
    await requirePar(page, as)
    await clickLogin(page)
    expect((await outcome(page)).error).toMatchObject({ code: 'invalid_request' })
    await expectLogin(page)
    expect([as.count('metadata'), as.count('pushed_authorization_request')]).toEqual([1, 1])
  })

  test('gets the request ahead in the same silent login', async ({ page, as }) => {
    await requirePar(page, as)
    await clickLogin(page, { mode: 'silent' })
    expect((await outcome<PlainState>(page)).value?.status).toBe('logged-in')
    expect([as.count('metadata'), as.count('pushed_authorization_request')]).toEqual([1, 1])
  })
})

for (const promised of [false, true])
  test(`${promised ? 'refuses' : 'takes'} an answer without "iss" where the metadata of now ${promised ? 'promise' : 'do not promise'} one`, async ({
    page,
    as,
  }) => {
    await keepOldMetadata(page, as, { authorization_response_iss_parameter_supported: true })
    const now = { ...(await readMetadata(as)), authorization_response_iss_parameter_supported: promised }
    as.fault('metadata', { body: now })
    as.tamperAuthorizationResponse((params) => {
      params.delete('iss')
      return params
    })
    const popup = await popupOf(page, () => clickLogin(page))
    await signIn(popup)
    const { value, error } = await outcome<PlainState>(page)
    if (promised) expect(error).toMatchObject({ code: 'invalid_response', cause: { claim: 'iss' } })
    else expect(value?.status).toBe('logged-in')
    expect(as.count('metadata')).toBe(1)
  })

test.describe('a page of the server that has moved', () => {
  const keepOldPage = (page: Page, as: TestAuthorizationServer) =>
    keepOldMetadata(page, as, { authorization_endpoint: `${as.issuer}/gone` })

  test('is found at the second click after the user has closed the window', async ({ page, as }) => {
    await keepOldPage(page, as)
    const popup = await popupOf(page, () => clickLogin(page))
    await popup.waitForURL(/gone/)
    await letOpenerLook(page)
    await popup.close()
    expect((await outcome(page)).error).toMatchObject({ code: 'popup_closed' })
    expect(await logInByPopup(page)).toMatchObject({ status: 'logged-in' })
    expect(as.count('metadata')).toBe(1)
  })

  test('is found at the second click after the user has come back from a redirect', async ({
    page,
    app,
    as,
  }) => {
    await keepOldPage(page, as)
    app.authAtLoad = {}
    await clickLogin(page, { mode: 'redirect' })
    await page.waitForURL(/gone/)
    await page.goto(app.origin)
    await clickLogin(page, { mode: 'redirect' })
    await page.waitForURL(/interaction/)
    await signIn(page)
    await page.waitForURL(`${app.origin}/`)
    expect(await page.evaluate(() => window.auth.ready())).toMatchObject({ status: 'logged-in' })
  })
})

test.describe('Cache-Control of the metadata', () => {
  for (const [header, seconds, requests] of [
    ['no-store', 1, 2],
    ['max-age=60', 50, 1],
    ['max-age=60', 70, 2],
    ['public, max-age=864000', 86_000, 1],
    ['public, max-age=864000', 90_000, 2],
    ['', 86_000, 1],
  ] as const)
    test(`"${header}" has them fetched ${requests} times in ${seconds} seconds`, async ({ page, as }) => {
      const body = await readMetadata(as)
      as.fault('metadata', { body, headers: header ? { 'cache-control': header } : {} })
      await openApp(page)
      await createAuth(page)
      await page.evaluate(() => window.auth.prepare())
      await loadLater(page, seconds)
      await createAuth(page)
      await page.evaluate(() => window.auth.prepare())
      expect(as.count('metadata')).toBe(requests)
    })
})
