import { createAuth, openApp, state } from '../rig/app-page.js'
import { expect, test } from '../rig/fixtures.js'
import { expectFirstLogin, expectLogin, expectRefusal, tokenOrCode } from '../rig/log-in-twice.js'
import { shiftClock } from '../rig/shifted-clock.js'

/** More seconds than any token has: forces a refresh. */
const forced = 100_000

for (const [direction, seconds, words] of [
  ['ahead', 3600, 'ahead of'],
  ['behind', -3600, 'behind'],
] as const) {
  test(`says by how many seconds a clock that is an hour ${direction} is wrong`, async ({ page, as }) => {
    await shiftClock(page, seconds)
    await openApp(page)
    await createAuth(page)
    const error = await expectRefusal(page)
    expect(error.code).toBe('clock_skew')
    const [, said, side] = /clock is (\d+) s (ahead of|behind) /.exec(error.message) ?? []
    expect(side).toBe(words)
    expect(Math.abs(Number(said) - 3600)).toBeLessThanOrEqual(15)
    expect(as.countEvents('grant.success', 'authorization_code')).toBe(1)
  })

  test(`says so too where ID tokens name the moment from which on they are good, ${direction}`, async ({
    page,
    as,
  }) => {
    as.tamperIdToken((claims) => ({ claims: { ...claims, nbf: claims['iat'] } }))
    await shiftClock(page, seconds)
    await openApp(page)
    await createAuth(page)
    expect((await expectRefusal(page)).code).toBe('clock_skew')
    await createAuth(page, { clockTolerance: 3700 })
    await expectLogin(page)
  })

  test(`logs in with a clock that is an hour ${direction} where the app tolerates it`, async ({
    page,
    as,
  }) => {
    await shiftClock(page, seconds)
    await openApp(page)
    await createAuth(page, { clockTolerance: 3700 })
    await expectFirstLogin(page)
    expect(as.countEvents('grant.success', 'authorization_code')).toBe(1)
  })

  test(`logs in with a clock that is 20 s ${direction}`, async ({ page, as }) => {
    // An ID token of 10 s has ended already for a clock that is ahead: the tolerance is what lets it in.
    as.idTokenTTL = 10
    await shiftClock(page, Math.sign(seconds) * 20)
    await openApp(page)
    await createAuth(page)
    await expectFirstLogin(page)
  })

  test(`keeps a session whose clock jumps an hour ${direction} when it comes back`, async ({ page, as }) => {
    as.accessTokenTTL = 100_000
    await openApp(page)
    await createAuth(page)
    await expectFirstLogin(page)
    await shiftClock(page, seconds)
    await openApp(page)
    await createAuth(page)
    expect(await tokenOrCode(page)).toBe('token')
    expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  })
  test(`loses no session to a refresh by a clock that is an hour ${direction}`, async ({ page, as }) => {
    await openApp(page)
    await createAuth(page)
    await expectFirstLogin(page)
    // No iframe can help.
    await page.context().clearCookies()
    await shiftClock(page, seconds)
    await openApp(page)
    await createAuth(page)
    expect(await tokenOrCode(page, forced)).toBe('clock_skew')
    expect(await tokenOrCode(page, forced)).toBe('clock_skew')
    expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
    // The clock is set right.
    await shiftClock(page, -seconds)
    await openApp(page)
    await createAuth(page)
    expect(await tokenOrCode(page, forced)).toBe('token')
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(3)
    expect(as.countEvents('grant.error')).toBe(0)
  })

  test(`refreshes by a clock that is an hour ${direction} where the app tolerates it`, async ({
    page,
    as,
  }) => {
    await openApp(page)
    await createAuth(page)
    await expectFirstLogin(page)
    await shiftClock(page, seconds)
    await openApp(page)
    await createAuth(page, { clockTolerance: 3700 })
    expect(await tokenOrCode(page, forced)).toBe('token')
    expect([as.count('authorize'), as.countEvents('grant.success', 'refresh_token')]).toEqual([1, 1])
  })
}

test('hands out no token whose ID token is not good yet, and keeps the refresh token', async ({
  page,
  as,
}) => {
  await openApp(page)
  await createAuth(page)
  await expectFirstLogin(page)
  const stop = as.tamperIdToken((claims) => ({ claims: { ...claims, nbf: Number(claims['iat']) + 120 } }))
  expect(await tokenOrCode(page, forced)).toBe('clock_skew')
  stop()
  expect(await tokenOrCode(page, forced)).toBe('token')
  expect([as.count('authorize'), as.countEvents('grant.success', 'refresh_token')]).toEqual([1, 2])
})
