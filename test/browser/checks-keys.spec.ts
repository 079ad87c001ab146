import { clickLogin, createAuth, openApp, outcome, state, type PlainState } from '../rig/app-page.js'
import type { FaultOptions } from '../rig/faults.js'
import { expect, test, type TestAuthorizationServer } from '../rig/fixtures.js'
import { expectFirstLogin, expectLogin, expectRefusal, tokenOrCode } from '../rig/log-in-twice.js'
import { isRefresh } from '../rig/request-kinds.js'
import { popupOf, signIn } from '../rig/sign-in.js'
import { getToken, startExpiredSession } from '../rig/token-calls.js'

/** The order in which endpoints were first asked, preflights left out. */
function order(as: TestAuthorizationServer): string[] {
  return [...new Set(as.requests.filter(({ preflight }) => !preflight).map(({ endpoint }) => endpoint))]
}

test('fetches the keys while the user types, before the token is asked for', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  const popup = await popupOf(page, () => clickLogin(page))
  await expect(popup.getByLabel('Password')).toBeVisible()
  await expect.poll(() => as.count('jwks')).toBe(1)
  expect(as.count('token')).toBe(0)
  await signIn(popup)
  expect((await outcome<PlainState>(page)).value?.status).toBe('logged-in')
  expect([as.count('metadata'), as.count('jwks'), as.count('token')]).toEqual([1, 1, 1])
  expect(order(as).indexOf('jwks')).toBeLessThan(order(as).indexOf('token'))
})

test('keeps the keys in the store: a warm login fetches none, in this page and the next', async ({
  page,
  as,
}) => {
  await openApp(page)
  await createAuth(page)
  await expectFirstLogin(page)
  expect(as.count('jwks')).toBe(1)
  await expectLogin(page)
  expect([as.count('jwks'), as.count('token')]).toEqual([1, 2])
  await page.reload()
  await createAuth(page)
  await expectLogin(page)
  const next = await page.context().newPage()
  await openApp(next)
  await createAuth(next)
  await expectLogin(next)
  expect([as.count('metadata'), as.count('jwks'), as.count('token')]).toEqual([1, 1, 4])
})

test('verifies with the keys that it has kept', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  await expectFirstLogin(page)
  await page.reload()
  await createAuth(page)
  await page.evaluate(() => window.auth.logout({ local: true }))
  const stop = as.tamperIdToken(() => ({ signWith: 'foreign' }))
  await clickLogin(page)
  expect((await outcome(page)).error).toMatchObject({
    code: 'invalid_id_token',
    cause: { claim: 'signature' },
  })
  // Once more, and no more: the key could have been replaced under its name.
  expect(as.count('jwks')).toBe(2)
  await clickLogin(page)
  expect((await outcome(page)).error?.code).toBe('invalid_id_token')
  stop()
  await expectLogin(page)
  expect(as.count('jwks')).toBe(2)
})

test('fetches the keys once more when the server signs with a new one', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  await expectFirstLogin(page)
  as.rotateKeys()
  await expectLogin(page)
  expect(as.count('jwks')).toBe(2)
  // The new keys are the kept ones from now on.
  await page.reload()
  await createAuth(page)
  await expectLogin(page)
  expect(as.count('jwks')).toBe(2)
})

for (const [name, change] of [
  ['under the name of the old one', { kid: 'same' }],
  ['without a name', { kid: undefined }],
] as const)
  test(`fetches the keys once more when the server signs with a new one ${name}`, async ({ page, as }) => {
    as.rotateKeys(change)
    await openApp(page)
    await createAuth(page)
    await expectFirstLogin(page)
    as.rotateKeys(change)
    await expectLogin(page)
    expect(as.count('jwks')).toBe(2)
    // A refresh has them already.
    expect(await tokenOrCode(page, 100_000)).toBe('token')
    expect([as.count('jwks'), as.countEvents('grant.success', 'refresh_token')]).toEqual([2, 1])
  })

test("finds a new key past the browser's own cache", async ({ page, as }) => {
  const keys = await (await fetch(`${as.issuer}/jwks`)).text()
  as.fault('jwks', {
    body: keys,
    contentType: 'application/jwk-set+json',
    headers: { 'cache-control': 'max-age=3600' },
    times: 1,
  })
  await openApp(page)
  await createAuth(page)
  await expectFirstLogin(page)
  as.rotateKeys()
  await expectLogin(page)
  expect(as.count('jwks')).toBe(3)
})

test('fetches the keys once more when a refresh brings an ID token under a new one', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  await expectFirstLogin(page)
  as.rotateKeys()
  expect(await tokenOrCode(page, 100_000)).toBe('token')
  expect([as.count('jwks'), as.countEvents('grant.success', 'refresh_token')]).toEqual([2, 1])
})

test('asks once for a key that the server does not have, and not again for ten seconds', async ({
  page,
  as,
}) => {
  await openApp(page)
  await createAuth(page)
  const stop = as.tamperIdToken((_, header) => ({
    header: { ...header, kid: 'unknown' },
    signWith: 'foreign',
  }))
  expect(await expectRefusal(page)).toMatchObject({ code: 'invalid_id_token', cause: { claim: 'signature' } })
  expect(as.count('jwks')).toBe(2)
  await clickLogin(page)
  expect((await outcome(page)).error?.code).toBe('invalid_id_token')
  expect([as.count('jwks'), as.count('token')]).toEqual([2, 2])
  stop()
  await expectLogin(page)
  expect(as.count('jwks')).toBe(2)
})

test('asks for the keys again where they could not be fetched while the user typed', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  const fault = as.fault('jwks', { status: 500, times: 1 })
  await expectFirstLogin(page)
  expect([fault.hits, as.count('jwks')]).toEqual([1, 2])
})

test('does not log in where the keys cannot be fetched at all', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  const fault = as.fault('jwks', { status: 500 })
  expect(await expectRefusal(page)).toMatchObject({ code: 'server_error', retryable: true, status: 500 })
  fault.end()
  await expectLogin(page)
})

const outages: [name: string, fault: FaultOptions, error: object][] = [
  ['a 503', { status: 503 }, { code: 'temporarily_unavailable', status: 503 }],
  ['a 429', { status: 429 }, { code: 'temporarily_unavailable', status: 429 }],
  ['a 500', { status: 500 }, { code: 'server_error', status: 500 }],
  ['a cut connection', { cut: true }, { code: 'network_error' }],
  ['no set of keys', { body: {} }, { code: 'discovery_failed' }],
]

for (const [name, fault, expected] of outages)
  test(`keeps the new refresh token, and hands out no token, when the keys for a refresh are answered by ${name}`, async ({
    page,
    app,
    as,
  }) => {
    await startExpiredSession(page, app, as)
    // No iframe can help.
    await page.context().clearCookies()
    as.rotateKeys()
    const broken = as.fault('jwks', fault)
    expect((await getToken(page)).error).toMatchObject({ name: 'AuthError', ...expected })
    expect(broken.hits).toBeGreaterThan(0)
    expect(await state(page)).toMatchObject({ status: 'logged-in' })
    broken.end()
    await expect.poll(async () => (await getToken(page)).value).toBeTruthy()
    // Each was sent once: a server that sees an old one again ends the session.
    const sent = as.requests.filter(isRefresh).map(({ params }) => params['refresh_token'])
    expect(sent.length).toBeGreaterThan(1)
    expect(new Set(sent).size).toBe(sent.length)
    expect(as.countEvents('grant.error')).toBe(0)
  })

test('refreshes once more, after a pause, when the keys are not to be had for a moment', async ({
  page,
  app,
  as,
}) => {
  await startExpiredSession(page, app, as)
  as.rotateKeys()
  as.fault('jwks', { status: 429, retryAfter: 1, times: 1 })
  expect(as.secrets).toContain((await getToken(page)).value)
  const [first, second, ...more] = as.requests.filter(isRefresh)
  expect(more).toEqual([])
  expect(second!.params['refresh_token']).not.toBe(first!.params['refresh_token'])
  expect(second!.at - first!.at).toBeGreaterThanOrEqual(900)
  expect(as.countEvents('grant.error')).toBe(0)
})

test.describe('plain OAuth', () => {
  const resource = 'https://api.example.com/'
  test.use({ asOptions: { resources: { [resource]: { scope: 'api:read' } } } })

  test('fetches no keys where no ID token is asked for', async ({ page, as }) => {
    await openApp(page)
    await createAuth(page, { scope: 'api:read', resource })
    await expectFirstLogin(page)
    expect([as.count('jwks'), as.count('token')]).toEqual([0, 1])
  })
})
