import { createAuth, openApp, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { decodePart, type JsonObject } from '../../rig/id-token-tampering.js'
import { expectFirstLogin, tokenOrCode } from '../../rig/log-in-twice.js'
import { shiftClock } from '../../rig/shifted-clock.js'

/** More seconds than any token has: forces a refresh. */
const forced = 100_000

test('refreshes when the server repeats the ID token of the login, which has expired since', async ({
  page,
  as,
}) => {
  let first: unknown
  const repeat = (json: JsonObject) => ({ ...json, id_token: (first ??= json['id_token']) })
  const stop = as.tamperTokenResponse(repeat)
  await openApp(page)
  await createAuth(page)
  await expectFirstLogin(page)
  // No iframe can help.
  await page.context().clearCookies()
  await shiftClock(page, 3600)
  await openApp(page)
  await createAuth(page)
  for (const refreshes of [1, 2]) {
    expect(await tokenOrCode(page, forced)).toBe('token')
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(refreshes)
  }
  expect(as.countEvents('grant.error')).toBe(0)
  // The control: a new one is judged by this clock.
  stop()
  as.tamperIdToken((claims) => ({ claims: { ...claims, iat: Number(claims['iat']) + 1 } }))
  expect(await tokenOrCode(page, forced)).toBe('clock_skew')
})

test('keeps a newer ID token when a refresh returns an older one', async ({ page, as }) => {
  let old: string | undefined
  const stop = as.tamperTokenResponse((json) => {
    old ??= json['id_token'] as string
    return json
  })
  await openApp(page)
  await createAuth(page)
  await expectFirstLogin(page)
  stop()
  const issuedAt = Number(decodePart(old!, 1)['iat'])
  const stopRenaming = as.tamperIdToken((claims) => ({
    claims: { ...claims, iat: issuedAt + 5, nickname: 'Al' },
  }))
  expect(await tokenOrCode(page, forced)).toBe('token')
  stopRenaming()
  const newer = { status: 'logged-in', user: { sub: 'alice', nickname: 'Al', iat: issuedAt + 5 } }
  expect(await state(page)).toMatchObject(newer)

  const stopRepeating = as.tamperTokenResponse((json) => ({ ...json, id_token: old }))
  expect(await tokenOrCode(page, forced)).toBe('token')
  expect(await state(page)).toMatchObject(newer)
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(2)
  stopRepeating()
  // The control: one that is older and of somebody else is refused.
  as.tamperIdToken((claims) => ({ claims: { ...claims, iat: issuedAt - 60, sub: 'mallory' } }))
  expect(await tokenOrCode(page, forced)).toBe('user_changed')
})
