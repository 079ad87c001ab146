import { createAuth, openApp, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { expectFirstLogin, expectLogin, expectRefusal, tokenOrCode } from '../../rig/log-in-twice.js'
import { shiftClock } from '../../rig/shifted-clock.js'

/** More seconds than any token has: forces a refresh. */
const forced = 100_000

test('reports by how many seconds a clock that is an hour ahead is wrong, and logs in if the app tolerates it', async ({
  page,
  as,
}) => {
  await shiftClock(page, 3600)
  await openApp(page)
  await createAuth(page)
  const error = await expectRefusal(page)
  expect(error.code).toBe('clock_skew')
  const [, said] = /clock is (\d+) s ahead of /.exec(error.message) ?? []
  expect(Math.abs(Number(said) - 3600)).toBeLessThanOrEqual(15)
  expect(as.countEvents('grant.success', 'authorization_code')).toBe(1)
  await createAuth(page, { clockTolerance: 3700 })
  await expectLogin(page)
})

for (const [direction, seconds] of [
  ['ahead', 3600],
  ['behind', -3600],
] as const)
  test(`keeps the session when the clock jumps an hour ${direction} and comes back`, async ({ page, as }) => {
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

test('keeps the session through a refresh while the clock is an hour ahead', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  await expectFirstLogin(page)
  // An ID token with the very claims of the login, its second included, would be that of the login once more.
  const second = Math.floor(Date.now() / 1000)
  await expect.poll(() => Math.floor(Date.now() / 1000)).toBeGreaterThan(second)
  // No iframe can help.
  await page.context().clearCookies()
  await shiftClock(page, 3600)
  await openApp(page)
  await createAuth(page)
  expect(await tokenOrCode(page, forced)).toBe('clock_skew')
  expect(await tokenOrCode(page, forced)).toBe('clock_skew')
  expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  // The clock is set right.
  await shiftClock(page, -3600)
  await openApp(page)
  await createAuth(page)
  expect(await tokenOrCode(page, forced)).toBe('token')
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(3)
  expect(as.countEvents('grant.error')).toBe(0)
})
