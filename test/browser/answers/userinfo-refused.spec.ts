import { click, createAuth, openApp, outcome, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { publishMetadata } from '../../rig/published-metadata.js'
import { readRecords } from '../../rig/stored-records.js'
import { startSession } from '../../rig/token-calls.js'
import { getUserInfo } from '../../rig/userinfo-calls.js'

const orders = 'https://orders.example.com/'

test.use({ asOptions: { resources: { [orders]: { scope: 'read' } } } })

test('rejects the claims of another user', async ({ page, app, as }) => {
  await startSession(page, app)
  const before = { state: await state(page), records: await readRecords(page) }
  const fault = as.fault('userinfo', { body: { sub: 'bob', name: 'Bob' } })
  const { error, value } = await getUserInfo(page)
  expect(value).toBeUndefined()
  expect(error).toMatchObject({
    name: 'AuthError',
    code: 'user_changed',
    retryable: false,
    cause: { claim: 'sub' },
  })
  fault.end()
  expect({ state: await state(page), records: await readRecords(page) }).toEqual(before)
  // The same answer about the right user is accepted.
  as.fault('userinfo', { body: { sub: 'alice', name: 'Bob' } })
  expect((await getUserInfo(page)).value).toEqual({ sub: 'alice', name: 'Bob' })
})

test('says what to do when the metadata has no endpoint, without a request', async ({ page, app, as }) => {
  await publishMetadata(as, { userinfo_endpoint: undefined })
  await startSession(page, app)
  const { length } = as.requests
  const { error } = await getUserInfo(page)
  expect(error).toMatchObject({ name: 'AuthError', code: 'discovery_failed', retryable: false })
  expect(error?.message).toContain('"userinfo_endpoint"')
  expect(as.requests).toHaveLength(length)
})

test('requires a session with OpenID Connect', async ({ page, app, as }) => {
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

test('returns nothing if the user has logged out in the meantime', async ({ page, app, as }) => {
  await startSession(page, app)
  const fault = as.fault('userinfo', { hang: true })
  await click(page, () => window.latchkey.getUserInfo(window.auth))
  await fault.hit
  await page.evaluate(() => window.auth.logout({ local: true, revoke: false }))
  fault.release()
  expect((await outcome(page)).error).toMatchObject({ name: 'AuthError', code: 'login_required' })
})

test('requires a client of createClient()', async ({ page, app }) => {
  await openApp(page)
  void app
  await page.evaluate(() => Object.assign(window, { auth: {} }))
  const { error } = await getUserInfo(page)
  expect(error).toMatchObject({ name: 'TypeError' })
  expect(error?.message).toContain('"auth"')
})
