import { click, createAuth, openApp, outcome, state } from '../rig/app-page.js'
import { forge, reissue } from '../rig/exchange-calls.js'
import { expect, test } from '../rig/fixtures.js'
import { publishMetadata } from '../rig/published-metadata.js'
import { holdsSecret } from '../rig/secret-search.js'
import { readRecords } from '../rig/stored-records.js'
import { getToken, startSession } from '../rig/token-calls.js'
import { getUserInfo } from '../rig/userinfo-calls.js'

const orders = 'https://orders.example.com/'

test.use({ asOptions: { resources: { [orders]: { scope: 'read' } } } })

test('refuses the claims of another user than the one who is logged in', async ({ page, app, as }) => {
  await startSession(page, app)
  const before = { state: await state(page), records: await readRecords(page) }
  for (const sub of ['bob', 'Alice', 'alice ', '']) {
    const fault = as.fault('userinfo', { body: { sub, name: 'Bob' } })
    const { error, value } = await getUserInfo(page)
    expect(value).toBeUndefined()
    expect(error).toMatchObject({ name: 'AuthError', retryable: false, cause: { claim: 'sub' } })
    expect(error?.code).toBe(sub ? 'user_changed' : 'invalid_response')
    expect(error?.message).toContain('"sub"')
    fault.end()
  }
  expect({ state: await state(page), records: await readRecords(page) }).toEqual(before)
  // The same answer about the right user is accepted.
  as.fault('userinfo', { body: { sub: 'alice', name: 'Bob' } })
  expect((await getUserInfo(page)).value).toEqual({ sub: 'alice', name: 'Bob' })
})

test('verifies a signed answer, and refuses one that is forged or for somebody else', async ({
  page,
  app,
  as,
}) => {
  await publishMetadata(as, { userinfo_signing_alg_values_supported: ['ES256'] })
  let idToken = ''
  as.tamperTokenResponse((json) => {
    idToken = String(json['id_token'])
    return json
  })
  await startSession(page, app)
  const answer = async (body: string) => {
    const fault = as.fault('userinfo', { body, contentType: 'application/jwt; charset=utf-8' })
    const result = await getUserInfo(page)
    fault.end()
    expect(holdsSecret(JSON.stringify(result.error ?? {}), as.secrets)).toBe(false)
    return result
  }
  const signed = reissue(idToken, { name: 'Signed' })
  // The keys are there since the login.
  const fetched = as.count('jwks')
  for (const _ of [1, 2]) expect((await answer(signed)).value).toMatchObject({ name: 'Signed' })
  expect([fetched, as.count('jwks')]).toEqual([1, 1])
  // What no refusal has any business to say.
  const challenge = `"; error="invalid_token", error_description="${(await getToken(page)).value}"`
  const fault = as.fault('userinfo', {
    body: forge(idToken),
    contentType: 'application/jwt',
    headers: { 'www-authenticate': challenge },
  })
  const { error } = await getUserInfo(page)
  fault.end()
  expect(error).toMatchObject({ code: 'invalid_id_token' })
  expect(holdsSecret(JSON.stringify(error), as.secrets)).toBe(false)
  expect((await answer(signed)).value).toMatchObject({ sub: 'alice', name: 'Signed' })
  expect((await answer(forge(idToken, { name: 'Forged' }))).error).toMatchObject({
    code: 'invalid_id_token',
    cause: { claim: 'signature' },
  })
  for (const claims of [{ aud: 'second-app' }, { iss: 'https://evil.example' }])
    expect((await answer(reissue(idToken, claims))).error).toMatchObject({ code: 'invalid_id_token' })
  expect((await answer(reissue(idToken, { sub: 'bob' }))).error).toMatchObject({ code: 'user_changed' })
  expect((await answer('no.jwt')).error).toMatchObject({ code: 'invalid_response', retryable: false })
  expect((await answer(signed)).value).toMatchObject({ sub: 'alice', name: 'Signed' })
})

for (const [what, userinfo_endpoint] of [
  ['has no endpoint', undefined],
  ['has one that is no place for a token', 'http://userinfo.example.com/me'],
])
  test(`says what to do where the metadata ${what}, without a request`, async ({ page, app, as }) => {
    await publishMetadata(as, { userinfo_endpoint })
    await startSession(page, app)
    const { length } = as.requests
    const { error } = await getUserInfo(page)
    expect(error).toMatchObject({ name: 'AuthError', code: 'discovery_failed', retryable: false })
    expect(error?.message).toContain('"userinfo_endpoint"')
    expect(as.requests).toHaveLength(length)
  })

test('wants somebody to be logged in, and by OpenID Connect', async ({ page, app, as }) => {
  await openApp(page)
  await createAuth(page)
  expect((await getUserInfo(page)).error).toMatchObject({ name: 'AuthError', code: 'login_required' })
  await startSession(page, app, { scope: 'read', resource: orders })
  const { error } = await getUserInfo(page)
  expect(error).toMatchObject({ name: 'AuthError', code: 'insufficient_scope', retryable: false })
  expect(error?.message).toContain('"openid"')
  await startSession(page, app, {}, { prompt: 'login' })
  expect(as.count('userinfo')).toBe(0)
  expect((await getUserInfo(page)).value).toEqual({ sub: 'alice' })
  await page.evaluate(() => window.auth.logout({ local: true }))
  expect((await getUserInfo(page)).error).toMatchObject({ code: 'login_required' })
  expect(as.count('userinfo')).toBe(1)
})

test('gives nothing to a user who has logged out meanwhile', async ({ page, app, as }) => {
  await startSession(page, app)
  const fault = as.fault('userinfo', { hang: true })
  await click(page, () => window.latchkey.getUserInfo(window.auth))
  await fault.hit
  await page.evaluate(() => window.auth.logout({ local: true, revoke: false }))
  fault.release()
  expect((await outcome(page)).error).toMatchObject({ name: 'AuthError', code: 'login_required' })
})

test('wants a client of createClient', async ({ page, app }) => {
  await openApp(page)
  void app
  await page.evaluate(() => Object.assign(window, { auth: {} }))
  const { error } = await getUserInfo(page)
  expect(error).toMatchObject({ name: 'TypeError' })
  expect(error?.message).toContain('"auth"')
})
