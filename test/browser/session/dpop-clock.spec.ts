import type { Page } from '@playwright/test'
import { decodeJwt } from 'jose'
import { clickLogin, createAuth, openApp, outcome, state } from '../../rig/app-page.js'
import { expect, orders, test } from '../../rig/orders-api.js'
import { isRefresh } from '../../rig/request-kinds.js'
import { shiftClock } from '../../rig/shifted-clock.js'
import { logInByPopup, popupOf, signIn } from '../../rig/sign-in.js'
import { getToken, renewToken, startSession } from '../../rig/token-calls.js'
import type { TestAuthorizationServer } from '../../rig/authorization-server.js'

const options = (url: string) => ({
  dpop: true,
  scope: `openid ${orders.scope}`,
  resource: orders.resource,
  apis: [{ url }],
  clockTolerance: 3700,
})

const callApi = (page: Page, url: string) =>
  page.evaluate(
    (target) => window.auth.fetch(target, { method: 'GET' }).then(({ status }) => status),
    `${url}/orders`,
  )

/** By how many seconds the time of each proof at the token endpoint differs from the server's. */
const differences = (as: TestAuthorizationServer) =>
  as.requests
    .filter(({ endpoint, preflight }) => endpoint === 'token' && !preflight)
    .map(({ proof, at }) => Math.round(decodeJwt(proof!).iat! - at / 1000))

for (const [direction, seconds] of [
  ['ahead', 3600],
  ['behind', -3600],
] as const) {
  test(`makes proofs with the server's time, taken from its ID token, when the clock is an hour ${direction}`, async ({
    page,
    app,
    as,
    api,
  }) => {
    await shiftClock(page, seconds)
    await startSession(page, app, options(api.url))
    expect(await callApi(page, api.url)).toBe(200)
    expect(await callApi(page, api.url)).toBe(200)
    // Also a page that finds the session in the store.
    await page.reload()
    expect(await callApi(page, api.url)).toBe(200)
    expect(as.count('token', isRefresh)).toBe(0)
    expect(as.secrets).toContain((await renewToken(page)).value)
    expect(await callApi(page, api.url)).toBe(200)
  })

  test(`goes back to its own time when a clock that was an hour ${direction} has been corrected`, async ({
    page,
    app,
    as,
    api,
  }) => {
    void as
    await shiftClock(page, seconds)
    await startSession(page, app, options(api.url))
    expect(await callApi(page, api.url)).toBe(200)
    await shiftClock(page, -seconds)
    await page.reload()
    expect(await callApi(page, api.url)).toBe(200)
  })
}

test('repeats a rejected proof with the "Date" of the response, if the page can read it', async ({
  page,
  as,
}) => {
  as.headers = { all: { 'access-control-expose-headers': 'Date, DPoP-Nonce' } }
  const fault = as.fault('token', { error: 'invalid_dpop_proof', times: 1 })
  await shiftClock(page, 3600)
  await openApp(page)
  await createAuth(page, options('https://api.example.com'))
  await logInByPopup(page)
  expect(fault.hits).toBe(1)
  const [refused, ...others] = differences(as)
  expect(Math.abs(refused! - 3600)).toBeLessThanOrEqual(15)
  expect(others.length).toBeGreaterThan(0)
  for (const difference of others) expect(Math.abs(difference)).toBeLessThanOrEqual(15)
  expect(as.countEvents('grant.success', 'authorization_code')).toBe(1)
})

for (const { words, shift, tolerance, code } of [
  { words: 'reports clock_skew', shift: 3600, tolerance: 30, code: 'clock_skew' },
  { words: 'tolerates the difference', shift: 3600, tolerance: 3700, code: 'invalid_dpop_proof' },
  { words: 'does not blame a clock that is right', shift: 0, tolerance: 30, code: 'invalid_dpop_proof' },
])
  test(`${words} when a server whose "Date" can be read rejects each proof`, async ({ page, as }) => {
    as.headers = { all: { 'access-control-expose-headers': 'Date, DPoP-Nonce' } }
    const fault = as.fault('token', { error: 'invalid_dpop_proof' })
    if (shift) await shiftClock(page, shift)
    await openApp(page)
    await createAuth(page, { ...options('https://api.example.com'), clockTolerance: tolerance })
    await signIn(await popupOf(page, () => clickLogin(page)))
    const { error } = await outcome(page)
    expect(error).toMatchObject({ code, error: 'invalid_dpop_proof', status: 400, retryable: false })
    if (code === 'clock_skew') expect(error!.message).toMatch(/clock is 36\d\d s ahead of the server's/)
    // By its own time, then by the server's.
    const times = shift ? [shift, 0] : [0]
    expect(differences(as)).toEqual(times.map((seconds) => expect.closeTo(seconds, -1.5)))
    expect(fault.hits).toBe(shift ? 2 : 1)
    expect(as.countEvents('grant.success')).toBe(0)
  })

test('reports clock_skew for a renewal whose proofs are rejected, by its last ID token, and keeps the session', async ({
  page,
  app,
  as,
}) => {
  // Ahead, but the ID token has not ended: the login is accepted.
  await shiftClock(page, 100)
  await startSession(page, app, { ...options('https://api.example.com'), clockTolerance: 30 })
  // No iframe can help.
  await page.context().clearCookies()
  const fault = as.fault('token', { error: 'invalid_dpop_proof' })
  for (let call = 0; call < 2; call++) {
    const { error } = await renewToken(page)
    expect(error).toMatchObject({ code: 'clock_skew', error: 'invalid_dpop_proof' })
    expect(error!.message).toMatch(/clock is (9\d|1[01]\d) s ahead of the server's/)
    expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  }
  expect(fault.hits).toBe(4)
  fault.end()
  expect(as.secrets).toContain((await renewToken(page)).value)
  // The server got to see the refresh token once.
  const sent = as.requests.filter(isRefresh).map(({ params }) => params['refresh_token'])
  expect(new Set(sent).size).toBe(1)
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
  const refusals = as.events.filter(({ name, error }) => name === 'grant.error' && error !== 'use_dpop_nonce')
  expect(refusals).toEqual([])
})

test('says that the clock may be wrong when a server rejects a proof and its time is unknown', async ({
  page,
  as,
}) => {
  const fault = as.fault('token', { error: 'invalid_dpop_proof' })
  await shiftClock(page, 3600)
  await openApp(page)
  await createAuth(page, options('https://api.example.com'))
  await signIn(await popupOf(page, () => clickLogin(page)))
  const { error } = await outcome(page)
  expect(error).toMatchObject({ code: 'invalid_dpop_proof' })
  expect(error!.message).toContain("this device's clock")
  // Sent again it would be refused again.
  expect(fault.hits).toBe(1)
  fault.end()
  await logInByPopup(page, { prompt: 'login' })
  expect(as.secrets).toContain((await getToken(page)).value)
})
