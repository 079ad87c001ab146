import type { Page } from '@playwright/test'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import type { OrdersService } from '../../../demo/services/orders-service.js'
import { clickLogin, createAuth, openApp, outcome, state, type PlainError } from '../../rig/app-page.js'
import { expect, orders, test } from '../../rig/orders-api.js'
import { logInByPopup, popupOf, signIn } from '../../rig/sign-in.js'
import { isRefresh } from '../../rig/request-kinds.js'
import { copyThroughJson, readRecords, removeRecords } from '../../rig/stored-records.js'
import { getToken, openTab, renewToken, startExpiredSession, startSession } from '../../rig/token-calls.js'

/** Options of a client whose tokens are bound to a key, and may be sent to the API. */
const boundTo = (api?: OrdersService) => ({
  dpop: true,
  scope: `openid ${orders.scope}`,
  resource: orders.resource,
  apis: api ? [{ url: api.url }] : [],
})

/** Calls the API by `auth.fetch`. */
const callApi = (page: Page, api: OrdersService) =>
  page.evaluate(async (url) => {
    try {
      return { status: (await window.auth.fetch(url)).status }
    } catch (error) {
      return { error: window.describe(error) as PlainError }
    }
  }, `${api.url}/orders`)

/** Gets the access token as an attacker would who can read it. */
const steal = (page: Page) => page.evaluate(() => window.auth.getTokenSet())

test('binds the code and the tokens of a login to one key, which cannot be extracted', async ({
  page,
  as,
  vaultIn,
}) => {
  test.skip(vaultIn !== 'page', 'a worker stores no key that could be read')
  await openApp(page)
  await createAuth(page, boundTo())
  await logInByPopup(page)
  const { accessToken, tokenType } = await steal(page)
  expect(tokenType).toBe('dpop')
  const { jkt } = decodeJwt(accessToken)['cnf'] as { jkt: string }
  expect(as.requests.find(({ endpoint }) => endpoint === 'authorize')!.params['dpop_jkt']).toBe(jkt)

  // The first proof has no nonce yet, and the server asks for one.
  const proofs = as.requests.filter(({ endpoint, preflight }) => endpoint === 'token' && !preflight)
  expect(proofs).toHaveLength(2)
  const claims = proofs.map(({ proof }) => decodeJwt(proof!))
  expect(claims.map(({ nonce }) => typeof nonce)).toEqual(['undefined', 'string'])
  expect(claims[0]).toMatchObject({ htm: 'POST', htu: `${as.issuer}/token` })
  expect(claims[0]!.jti).not.toBe(claims[1]!.jti)
  expect(decodeProtectedHeader(proofs[0]!.proof!)).toMatchObject({ typ: 'dpop+jwt', alg: 'ES256' })
  expect(as.countEvents('grant.success')).toBe(1)

  const extractable = await page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open('latchkey')
      opening.onsuccess = () => resolve(opening.result)
    })
    const records = await new Promise<{ sealed: Partial<CryptoKeyPair> }[]>((resolve) => {
      const reading = database.transaction('records').objectStore('records').getAll()
      reading.onsuccess = () => resolve(reading.result)
    })
    database.close()
    return records.flatMap(({ sealed }) => sealed.privateKey?.extractable ?? [])
  })
  expect(extractable).toEqual([false])
})

test('has a separate key for each issuer and client', async ({ page, as, startAs, vaultIn }) => {
  test.skip(vaultIn !== 'page', 'a worker stores no key that could be read')
  const other = await startAs({ resources: { [orders.resource]: { scope: orders.scope } } })
  const clients = [
    { issuer: as.issuer, clientId: as.clientId },
    { issuer: as.issuer, clientId: 'second-app' },
    { issuer: other.issuer, clientId: other.clientId },
  ]
  await openApp(page)
  const readKeys = async () => {
    const keys: unknown[] = []
    for (const client of clients) {
      await createAuth(page, { ...boundTo(), ...client })
      const { status } = await page.evaluate(() => window.auth.ready())
      if (status === 'logged-out') await logInByPopup(page, { prompt: 'login' })
      keys.push((decodeJwt((await steal(page)).accessToken)['cnf'] as { jkt: string }).jkt)
    }
    return keys
  }
  const keys = await readKeys()
  expect(new Set(keys).size).toBe(3)
  const names = Object.keys(await readRecords(page)).filter((name) => name.startsWith('dpop'))
  expect(names.sort()).toEqual(clients.map(({ issuer, clientId }) => `dpop ${issuer} ${clientId}`).sort())
  // The control: each finds its own again.
  await page.reload()
  expect(await readKeys()).toEqual(keys)
})

test('uses bearer tokens, and creates no key, without the capability', async ({ page, as, app, vaultIn }) => {
  test.skip(vaultIn !== 'page', 'a worker stores no key that could be read')
  const { dpop: _, ...plain } = boundTo()
  await startSession(page, app, plain)
  const { accessToken, tokenType } = await steal(page)
  expect(tokenType).toBe('bearer')
  expect(decodeJwt(accessToken)['cnf']).toBe(undefined)
  expect(as.requests.some(({ params, proof }) => proof ?? params['dpop_jkt'])).toBe(false)
  expect(Object.keys(await readRecords(page)).filter((name) => name.startsWith('dpop'))).toEqual([])
})

test('calls the API with a proof, and again when the API requires another nonce', async ({
  page,
  app,
  api,
}) => {
  await startSession(page, app, boundTo(api))
  expect(await callApi(page, api)).toEqual({ status: 200 })
  expect(await callApi(page, api)).toEqual({ status: 200 })
  api.renewNonce()
  expect(await callApi(page, api)).toEqual({ status: 200 })
})

test('makes a stolen access token useless without the key', async ({ page, app, api }) => {
  await startSession(page, app, boundTo(api))
  const { accessToken } = await steal(page)
  const attempt = async (headers: Record<string, string>) =>
    (await fetch(`${api.url}/orders`, { headers })).status
  expect(await attempt({ authorization: `Bearer ${accessToken}` })).toBe(401)
  expect(await attempt({ authorization: `DPoP ${accessToken}` })).toBe(401)

  // A proof that was seen on the way is good once, and only for its own request.
  const [seen] = await Promise.all([
    page.waitForRequest((request) => request.url() === `${api.url}/orders` && !!request.headers()['dpop']),
    callApi(page, api),
  ])
  expect(await attempt({ authorization: `DPoP ${accessToken}`, dpop: seen.headers()['dpop']! })).toBe(401)
  expect(await callApi(page, api)).toEqual({ status: 200 })
})

test('refreshes with a proof, in every tab with the same key', async ({ page, app, as, api }) => {
  await startSession(page, app, boundTo(api))
  const first = await steal(page)
  const renewed = await renewToken(page)
  expect(renewed.error).toBe(undefined)
  const tab = await openTab(page)
  expect((await renewToken(tab)).error).toBe(undefined)
  const last = await steal(tab)
  expect(last.accessToken).not.toBe(first.accessToken)
  expect(decodeJwt(last.accessToken)['cnf']).toEqual(decodeJwt(first.accessToken)['cnf'])
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(2)
  expect(await callApi(tab, api)).toEqual({ status: 200 })
  expect(await callApi(page, api)).toEqual({ status: 200 })
})

test('continues with the same key after a reload, without a request', async ({
  page,
  app,
  as,
  api,
  vaultIn,
}) => {
  test.skip(vaultIn !== 'page', 'the reload of the only tab ends a session in a worker')
  await startSession(page, app, boundTo(api))
  const { length } = as.requests
  await page.reload()
  expect(await page.evaluate(() => window.auth.ready())).toMatchObject({ status: 'logged-in' })
  expect(await callApi(page, api)).toEqual({ status: 200 })
  // The API itself reads metadata and keys.
  expect(as.requests.slice(length).filter(({ endpoint }) => endpoint === 'token')).toEqual([])
})

test('binds a silent login, and a redirect login whose preparation was not used', async ({
  page,
  app,
  as,
  vaultIn,
}) => {
  await startSession(page, app, boundTo())
  await page.evaluate(() => window.auth.logout({ local: true }))
  await page.evaluate(() => window.auth.login({ mode: 'silent' }))
  expect((await steal(page)).tokenType).toBe('dpop')
  await page.evaluate(() => window.auth.prepare())
  await clickLogin(page, { mode: 'redirect', prompt: 'login' })
  await page.waitForURL(/interaction/)
  await signIn(page, 'bob')
  await page.waitForURL(`${app.origin}/`)
  expect(await page.evaluate(() => window.auth.ready())).toMatchObject({ user: { sub: 'bob' } })
  expect((await steal(page)).tokenType).toBe('dpop')
  const unbound = as.requests.filter(
    ({ endpoint, params }) => endpoint === 'authorize' && !params['dpop_jkt'],
  )
  // A worker ends with its page. The code of a redirect login is redeemed with the key of the next one.
  expect(unbound).toHaveLength(vaultIn === 'page' ? 0 : 1)
})

for (const [how, lose] of Object.entries({
  'is gone': (page: Page) => removeRecords(page, 'dpop'),
  'is lost in a copy': (page: Page) => copyThroughJson(page, 'dpop'),
}))
  test(`needs one login, and no more, when the key ${how}`, async ({ page, app, as, api, vaultIn }) => {
    test.skip(vaultIn !== 'page', 'a worker stores no key that could be lost')
    await startSession(page, app, boundTo(api))
    await lose(page)
    await page.reload()
    expect(await page.evaluate(() => window.auth.ready())).toEqual({
      status: 'logged-out',
      reason: 'session_lost',
    })
    const tokens = as.count('token')
    expect((await getToken(page)).error).toMatchObject({ code: 'login_required' })
    expect((await callApi(page, api)).error).toMatchObject({ code: 'login_required' })
    expect(as.count('token')).toBe(tokens)
    await clickLogin(page)
    expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
    expect(await callApi(page, api)).toEqual({ status: 200 })
  })

test('does not continue with bearer tokens once the app uses bound ones', async ({
  page,
  app,
  as,
  vaultIn,
}) => {
  test.skip(vaultIn !== 'page', 'the reload of the only tab ends a session in a worker')
  void as
  const { dpop: _, ...plain } = boundTo()
  await startSession(page, app, plain)
  app.authAtLoad = boundTo()
  await page.reload()
  expect(await page.evaluate(() => window.auth.ready())).toMatchObject({ status: 'logged-out' })
  app.authAtLoad = plain
  await page.reload()
  expect(await page.evaluate(() => window.auth.ready())).toMatchObject({ status: 'logged-in' })
})

test('rejects a bearer token issued in response to a proof', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page, boundTo())
  const stop = as.tamperTokenResponse((json) => ({ ...json, token_type: 'Bearer' }))
  await signIn(await popupOf(page, () => clickLogin(page)))
  expect((await outcome(page)).error).toMatchObject({
    code: 'invalid_token_response',
    cause: { claim: 'token_type' },
  })
  expect(await state(page)).toMatchObject({ status: 'logged-out' })
  stop()
  await clickLogin(page)
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
})

test('rejects a bearer token issued in response to a refresh with a proof, and keeps the session', async ({
  page,
  app,
  as,
}) => {
  await startExpiredSession(page, app, as, boundTo())
  const stop = as.tamperTokenResponse((json) => ({ ...json, token_type: 'Bearer' }))
  expect((await getToken(page)).error).toMatchObject({
    code: 'invalid_token_response',
    cause: { claim: 'token_type' },
  })
  expect(as.count('token', isRefresh)).toBe(1)
  expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  stop()
  expect((await getToken(page)).error).toBe(undefined)
  expect((await steal(page)).tokenType).toBe('dpop')
})

test('passes on any other rejection of the proof, without a second try', async ({ page, app, as }) => {
  await startSession(page, app, boundTo())
  const tokens = as.count('token')
  const refused = as.fault('token', { error: 'invalid_dpop_proof' })
  expect((await renewToken(page)).error).toMatchObject({ code: 'invalid_dpop_proof', retryable: false })
  expect(as.count('token')).toBe(tokens + 1)
  refused.end()
  expect((await renewToken(page)).error).toBe(undefined)
})

test('gives up after a second try when the page cannot read the nonce', async ({ page, app, as }) => {
  await startSession(page, app, boundTo())
  const tokens = as.count('token')
  const hidden = as.fault('token', { error: 'use_dpop_nonce' })
  expect((await renewToken(page)).error).toMatchObject({ code: 'use_dpop_nonce', retryable: false })
  expect(as.count('token')).toBe(tokens + 2)
  hidden.end()
  expect((await renewToken(page)).error).toBe(undefined)
})
