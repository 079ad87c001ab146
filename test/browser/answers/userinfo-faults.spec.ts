import { events, state } from '../../rig/app-page.js'
import type { FaultOptions } from '../../rig/faults.js'
import { expect, test } from '../../rig/fixtures.js'
import { isRefresh } from '../../rig/request-kinds.js'
import { holdsSecret } from '../../rig/secret-search.js'
import { passTime } from '../../rig/shifted-clock.js'
import { readRecords } from '../../rig/stored-records.js'
import { getToken, renewToken, startSession } from '../../rig/token-calls.js'
import { getUserInfo } from '../../rig/userinfo-calls.js'

/** What can go wrong at the endpoint, and what is said of it; the rest of it is in test/answers/userinfo.test.ts. */
const faults: [what: string, fault: FaultOptions, error: object][] = [
  ['status 500', { status: 500 }, { code: 'server_error', retryable: true, status: 500 }],
  ['a cut connection', { cut: true }, { code: 'network_error', retryable: true }],
  ['no CORS', { body: { sub: 'alice' }, cors: false }, { code: 'network_error' }],
]

for (const [what, fault, expected] of faults)
  test(`rejects with the matching code, and keeps the session: ${what}`, async ({ page, app, as }) => {
    await startSession(page, app)
    const before = { state: await state(page), records: await readRecords(page) }
    const active = as.fault('userinfo', fault)
    const { error } = await getUserInfo(page)
    expect(error).toMatchObject({ name: 'AuthError', ...expected })
    expect(holdsSecret(JSON.stringify([error, await events(page)]), as.secrets)).toBe(false)
    expect({ state: await state(page), records: await readRecords(page) }).toEqual(before)
    active.end()
    expect((await getUserInfo(page)).value).toEqual({ sub: 'alice' })
    expect(as.count('token', isRefresh)).toBe(0)
  })

test('gives up after a new token is rejected too, and sends no token twice', async ({ page, app, as }) => {
  await startSession(page, app)
  const { value: first } = await getToken(page)
  await passTime(page, 11)
  const challenge = `Bearer error="invalid_token", error_description="no: ${first}"`
  const fault = as.fault('userinfo', { status: 401, headers: { 'www-authenticate': challenge } })
  const { error } = await getUserInfo(page)
  expect(error).toMatchObject({ code: 'authorization_failed', error: 'invalid_token', status: 401 })
  expect(holdsSecret(JSON.stringify([error, await events(page)]), as.secrets)).toBe(false)
  expect(fault.hits).toBe(2)
  expect(as.count('token', isRefresh)).toBe(1)
  fault.end()
  expect((await getUserInfo(page)).value).toEqual({ sub: 'alice' })
  expect((await renewToken(page)).value).toBeTruthy()
})
