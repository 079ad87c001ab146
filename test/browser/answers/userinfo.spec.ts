import { createHash } from 'node:crypto'
import { decodeJwt } from 'jose'
import { click, outcome, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { decodePart } from '../../rig/id-token-tampering.js'
import { isRefresh, isSilent } from '../../rig/request-kinds.js'
import { passTime } from '../../rig/shifted-clock.js'
import { readRecords } from '../../rig/stored-records.js'
import { getToken, renewToken, startExpiredSession, startSession } from '../../rig/token-calls.js'
import { getUserInfo } from '../../rig/userinfo-calls.js'

const orders = 'https://orders.example.com/'
const resources = { [orders]: { scope: 'read write' } }
const scope = 'openid profile email'
const forOrders = { resource: orders, scope: `${scope} read write` }
const alice = { sub: 'alice', name: 'Alice', email: 'alice@example.com', email_verified: false }

test.use({ asOptions: { resources } })

test('returns the claims of the user, requested with the token of the session', async ({ page, app, as }) => {
  await startSession(page, app, { scope })
  const before = { state: await state(page), records: await readRecords(page) }
  const { value: own } = await getToken(page)
  const { length } = as.requests
  expect((await getUserInfo(page)).value).toEqual(alice)
  expect((await getUserInfo(page)).value).toEqual(alice)
  // Nothing but the two requests and a preflight before each, and nothing changed.
  expect(as.requests.slice(length).every(({ endpoint }) => endpoint === 'userinfo')).toBe(true)
  expect(as.count('userinfo')).toBe(2)
  expect({ state: await state(page), records: await readRecords(page) }).toEqual(before)
  expect((await getToken(page)).value).toBe(own)
})

test('renews the token of the session first if it has expired', async ({ page, app, as }) => {
  await startExpiredSession(page, app, as, { scope })
  expect((await getUserInfo(page)).value).toEqual(alice)
  expect(as.count('token', isRefresh)).toBe(1)
})

test('uses a token without a resource if the login was for one, and keeps the two apart', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app, forOrders)
  const { value: own } = await getToken(page)
  expect(decodePart(own!, 1)).toMatchObject({ aud: orders })
  expect((await getUserInfo(page)).value).toEqual(alice)
  expect(as.requests.filter(isRefresh).map(({ params }) => params['resource'])).toEqual([undefined])

  // Neither is ever handed out for the other, and each is kept: over a reload too.
  const { value: userinfoToken } = await getToken(page, { resource: '' })
  expect(userinfoToken!.split('.')).toHaveLength(1)
  await page.reload()
  expect((await getUserInfo(page)).value).toEqual(alice)
  expect((await getToken(page)).value).toBe(own)
  expect((await getToken(page, { resource: orders })).value).toBe(own)
  expect((await getToken(page, { resource: '' })).value).toBe(userinfoToken)
  expect(as.count('token', isRefresh)).toBe(1)

  const { value: renewed } = await renewToken(page)
  expect(decodePart(renewed!, 1)).toMatchObject({ aud: orders, scope: 'read write' })
  expect((await getToken(page, { resource: '' })).value).toBe(userinfoToken)
})

test('renews a token that the server rejects, once, and leaves the token of the resource alone', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app, forOrders)
  const { value: own } = await getToken(page)
  expect((await getUserInfo(page)).value).toEqual(alice)
  await passTime(page, 11)
  const fault = as.fault('userinfo', {
    status: 401,
    headers: { 'www-authenticate': 'Bearer realm="me", error="invalid_token"' },
    times: 1,
  })
  expect((await getUserInfo(page)).value).toEqual(alice)
  expect(fault.hits).toBe(1)
  expect(as.count('userinfo')).toBe(3)
  expect(as.count('token', isRefresh)).toBe(2)
  expect((await getToken(page)).value).toBe(own)
})

test('sends a proof with a bound token, and again when the server requires a nonce', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app, { scope, dpop: true })
  const { value: own } = await getToken(page)
  // The page knows no nonce any more, and the server insists on one.
  await page.reload()
  expect((await getUserInfo(page)).value).toEqual(alice)
  const sent = as.requests.filter(({ endpoint, preflight }) => endpoint === 'userinfo' && !preflight)
  const proofs = sent.map(({ proof }) => decodeJwt(proof!))
  expect(proofs.map(({ nonce }) => typeof nonce)).toEqual(['undefined', 'string'])
  const ath = createHash('sha256').update(own!).digest('base64url')
  for (const claims of proofs) expect(claims).toMatchObject({ htm: 'GET', htu: `${as.issuer}/me`, ath })
  expect(as.count('token', isRefresh)).toBe(0)
})

test('uses a bound token without a resource if the login was for one', async ({ page, app, as }) => {
  await startSession(page, app, { ...forOrders, dpop: true })
  expect((await getUserInfo(page)).value).toEqual(alice)
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
  expect((await renewToken(page)).value).toBeTruthy()
})

test('aborts only the caller whose signal is aborted', async ({ page, app, as }) => {
  await startSession(page, app, { scope })
  const fault = as.fault('userinfo', { hang: true })
  await click(page, () => {
    const leaving = new AbortController()
    Object.assign(window, { leaving })
    const gone = window.latchkey.getUserInfo(window.auth, { signal: leaving.signal }).then(
      () => 'stayed',
      (reason: unknown) => reason,
    )
    return Promise.all([gone, window.latchkey.getUserInfo(window.auth)])
  })
  await fault.hit
  await page.evaluate(() => (window as unknown as { leaving: AbortController }).leaving.abort('left'))
  fault.release()
  expect((await outcome(page)).value).toEqual(['left', alice])
})

test.describe('without refresh tokens', () => {
  test.use({ asOptions: { resources, refreshTokens: false } })

  test('gets a token without a resource by a hidden frame, with the full scope', async ({
    page,
    app,
    as,
  }) => {
    await startSession(page, app, forOrders)
    const { value: own } = await getToken(page)
    expect((await getUserInfo(page)).value).toEqual(alice)
    expect(as.requests.find(isSilent)?.params).toMatchObject(forOrders)
    expect((await getToken(page)).value).toBe(own)
    expect(decodePart((await renewToken(page)).value!, 1)).toMatchObject({ aud: orders, scope: 'read write' })
  })
})
