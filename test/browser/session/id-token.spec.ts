import { createRemoteJWKSet, jwtVerify } from 'jose'
import { click, outcome, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { getIdToken, getIdTokens } from '../../rig/id-token-calls.js'
import { decodePart } from '../../rig/id-token-tampering.js'
import { readMetadata } from '../../rig/published-metadata.js'
import { isRefresh, isSilent } from '../../rig/request-kinds.js'
import { passTime } from '../../rig/shifted-clock.js'
import { logInByPopup } from '../../rig/sign-in.js'
import { readRecords } from '../../rig/stored-records.js'
import { expectState, openTab, renewToken, startSession } from '../../rig/token-calls.js'

const resource = 'https://orders.example.com'
const resources = { [resource]: { scope: 'orders:read' } }

test.use({ asOptions: { resources, idTokenTTL: 600, accessTokenTTL: 7200 } })

test('returns the ID token of the login, without a request', async ({ page, app, as }) => {
  await startSession(page, app)
  const before = await state(page)
  const { length } = as.requests
  const { value } = await getIdToken(page)
  const keys = createRemoteJWKSet(new URL(`${as.issuer}/jwks`))
  const { payload } = await jwtVerify(value!, keys, { issuer: as.issuer, audience: as.clientId })
  expect(payload.sub).toBe('alice')
  expect((await getIdToken(page)).value).toBe(value)
  // The request for the keys is the test's own.
  expect(as.requests.slice(length).every(({ endpoint }) => endpoint === 'jwks')).toBe(true)
  expect(await state(page)).toEqual(before)
  expect(JSON.stringify(before)).not.toContain(value)
})

test('returns the ID token without a request even if the metadata may not be cached and the server is down', async ({
  page,
  app,
  as,
}) => {
  const body = await readMetadata(as)
  const published = as.fault('metadata', { body, headers: { 'cache-control': 'no-store' } })
  await startSession(page, app)
  const { value } = await getIdToken(page)
  expect(value).toBeTruthy()
  published.end()
  as.fault('metadata', { error: 'server_error' })
  // No call waits until the metadata are stored.
  await expect.poll(async () => JSON.stringify(await readRecords(page))).toContain('token_endpoint')
  await page.reload()
  await page.evaluate(() => window.auth.ready())
  const { length } = as.requests
  expect((await getIdToken(page)).value).toBe(value)
  expect(as.requests).toHaveLength(length)
  // The control: a call that needs the metadata does not get them.
  expect((await renewToken(page)).error?.code).toBe('server_error')
})

test('renews the session once for all callers if the ID token has expired', async ({ page, app, as }) => {
  await startSession(page, app)
  const { value: first } = await getIdToken(page)
  as.idTokenTTL = 7200
  // The control: it is not renewed while it is valid for another 30 seconds.
  await passTime(page, 560)
  expect((await getIdToken(page)).value).toBe(first)
  expect(as.count('token', isRefresh)).toBe(0)
  await passTime(page, 20)
  const renewed = (await getIdTokens(page, 5)).map(({ value }) => value)
  expect(new Set(renewed).size).toBe(1)
  expect(renewed[0]).not.toBe(first)
  expect(decodePart(renewed[0]!, 1)['exp']).toBeGreaterThan(decodePart(first!, 1)['exp'] as number)
  expect(as.count('token', isRefresh)).toBe(1)
})

test('returns the ID token that another tab has renewed', async ({ page, app, as }) => {
  await startSession(page, app)
  const other = await openTab(page)
  as.idTokenTTL = 7200
  await passTime(other, 600)
  const { value } = await getIdToken(other)
  await passTime(page, 600)
  expect((await getIdToken(page)).value).toBe(value)
  expect(as.count('token', isRefresh)).toBe(1)
})

test('rejects once the ID token has expired, if a refresh brings no other one', async ({ page, app, as }) => {
  await startSession(page, app)
  const { value: first } = await getIdToken(page)
  as.tamperTokenResponse(({ id_token: _, ...json }) => json)
  await passTime(page, 580)
  expect((await getIdToken(page)).value).toBe(first)
  expect(as.count('token', isRefresh)).toBe(1)
  // The renewal is not repeated.
  expect((await getIdToken(page)).value).toBe(first)
  await passTime(page, 30)
  const { error } = await getIdToken(page)
  expect(error).toMatchObject({ code: 'login_required', retryable: false })
  expect(error!.message).toContain('the refresh returned no new one')
  expect(as.count('token', isRefresh)).toBe(1)
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
})

test('returns the current ID token while it is valid, and otherwise the reason, if the server is gone', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app)
  const { value: first } = await getIdToken(page)
  as.idTokenTTL = 7200
  const fault = as.fault('token', { error: 'temporarily_unavailable' })
  await passTime(page, 580)
  expect((await getIdToken(page)).value).toBe(first)
  await passTime(page, 30)
  expect((await getIdToken(page)).error).toMatchObject({ code: 'temporarily_unavailable', retryable: true })
  fault.end()
  await passTime(page, 120)
  expect((await getIdToken(page)).value).not.toBe(first)
})

test('says what is missing without a login, without openid, and after a logout', async ({
  page,
  app,
  as,
}) => {
  void as
  await startSession(page, app, { scope: 'orders:read', resource })
  expect((await getIdToken(page)).error?.code).toBe('insufficient_scope')
  await page.evaluate(() => window.auth.logout({ local: true }))
  expect((await getIdToken(page)).error?.code).toBe('login_required')
  // The control, in the same page.
  await startSession(page, app, {}, { prompt: 'login' })
  expect((await getIdToken(page)).value).toBeTruthy()
  await page.evaluate(() => window.auth.logout({ local: true }))
  expect((await getIdToken(page)).error?.code).toBe('login_required')
})

test('never returns the ID token of another user', async ({ page, app, as }) => {
  await startSession(page, app)
  const other = await openTab(page)
  const { value: ofAlice } = await getIdToken(page)
  await logInByPopup(other, { user: 'bob', prompt: 'login' })
  await expectState(page, { user: { sub: 'bob' } as never })
  const { value: ofBob } = await getIdToken(page)
  expect(decodePart(ofAlice!, 1)['sub']).toBe('alice')
  expect(decodePart(ofBob!, 1)['sub']).toBe('bob')
  expect(as.count('token', isRefresh)).toBe(0)
})

test('aborts only the caller whose signal is aborted', async ({ page, app, as }) => {
  await startSession(page, app)
  as.idTokenTTL = 7200
  await passTime(page, 600)
  const fault = as.fault('token', { hang: true })
  await click(page, () => {
    const leaving = new AbortController()
    Object.assign(window, { leaving })
    const gone = window.latchkey.getIdToken(window.auth, { signal: leaving.signal }).then(
      () => 'stayed',
      (reason: unknown) => reason,
    )
    return Promise.all([gone, window.latchkey.getIdToken(window.auth)])
  })
  await fault.hit
  await page.evaluate(() => (window as unknown as { leaving: AbortController }).leaving.abort('left'))
  fault.release()
  expect((await outcome(page)).value).toEqual(['left', expect.any(String)])
})

test.describe('without refresh tokens', () => {
  test.use({ asOptions: { refreshTokens: false, idTokenTTL: 600 } })

  test('gets a new ID token by a hidden iframe', async ({ page, app, as }) => {
    await startSession(page, app)
    const { value: first } = await getIdToken(page)
    as.idTokenTTL = 7200
    as.accessTokenTTL = 7200
    await passTime(page, 600)
    const { value } = await getIdToken(page)
    expect(value).toBeTruthy()
    expect(value).not.toBe(first)
    expect(as.requests.filter(isSilent)).toHaveLength(1)
  })
})

for (const vault of ['shared', 'worker'] as const)
  test(`returns the ID token from a ${vault} worker, and renews it`, async ({ page, app, as }) => {
    await startSession(page, app, { vault })
    const { value: first } = await getIdToken(page)
    expect(decodePart(first!, 1)['sub']).toBe('alice')
    as.idTokenTTL = 7200
    // The clock of the page alone: the worker has its own.
    await passTime(page, 600)
    expect((await getIdToken(page)).value).not.toBe(first)
    expect(as.count('token', isRefresh)).toBe(1)
  })
