import { createAuth, openApp, state } from '../rig/app-page.js'
import { expect, test } from '../rig/fixtures.js'
import { expectFirstLogin, expectRefusal, tokenOrCode } from '../rig/log-in-twice.js'
import { shiftClock } from '../rig/shifted-clock.js'

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
}
