import { createAuth, openApp, outcome, state, click } from '../rig/app-page.js'
import { expect, test } from '../rig/fixtures.js'
import type { TamperIdToken } from '../rig/id-token-tampering.js'
import { isRefresh, isSilent } from '../rig/request-kinds.js'
import { expectFirstLogin, expectLogin, expectRefusal, tokenOrCode } from '../rig/log-in-twice.js'

/** More seconds than any token has: forces a refresh. */
const forced = 100_000

const now = () => Math.floor(Date.now() / 1000)
const hourAgo = () => ({ iat: now() - 3600, exp: now() - 3000 })

const refusals: { title: string; tamper: TamperIdToken; code?: string; claim?: string }[] = [
  { title: 'another user', tamper: (claims) => ({ claims: { ...claims, sub: 'mallory' } }), code: 'user_changed', claim: 'sub' }, // prettier-ignore
  { title: 'another issuer', tamper: (claims) => ({ claims: { ...claims, iss: 'https://evil.example' } }), claim: 'iss' }, // prettier-ignore
  { title: 'another audience', tamper: (claims) => ({ claims: { ...claims, aud: 'other' } }), claim: 'aud' },
  {
    title: 'a foreign authorized party',
    tamper: (claims) => ({ claims: { ...claims, azp: 'other' } }),
    claim: 'azp',
  },
  {
    title: 'another nonce',
    tamper: (claims) => ({ claims: { ...claims, nonce: 'n'.repeat(43) } }),
    claim: 'nonce',
  },
  { title: 'the hash of another token', tamper: (claims) => ({ claims: { ...claims, at_hash: 'A'.repeat(22) } }), claim: 'at_hash' }, // prettier-ignore
  { title: 'a forged signature', tamper: () => ({ signWith: 'foreign' }), claim: 'signature' },
  { title: '"alg": "none"', tamper: () => ({ signWith: 'none' }) },
  {
    title: 'an end that has passed',
    tamper: (claims) => ({ claims: { ...claims, exp: now() - 60 } }),
    claim: 'exp',
  },
  // A wrong clock would look so, and is no excuse for the rest.
  {
    title: 'another user, and times of an hour ago',
    tamper: (claims) => ({ claims: { ...claims, ...hourAgo(), sub: 'mallory' } }),
    code: 'user_changed',
    claim: 'sub',
  },
  {
    title: 'a forged signature, and times of an hour ago',
    tamper: (claims) => ({ claims: { ...claims, ...hourAgo() }, signWith: 'foreign' }),
    claim: 'signature',
  },
]

for (const { title, tamper, code = 'invalid_id_token', claim } of refusals) {
  test(`refuses a refresh whose ID token has ${title}`, async ({ page, as }) => {
    await openApp(page)
    await createAuth(page)
    await expectFirstLogin(page)
    // The positive control: the same refresh untampered.
    expect(await tokenOrCode(page, forced)).toBe('token')
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
    const before = await page.evaluate(() => window.auth.getToken())

    const stop = as.tamperIdToken(tamper)
    await click(page, (seconds) => window.auth.getToken({ minValidity: seconds }), forced)
    const { error } = await outcome(page)
    expect(error?.code).toBe(code)
    if (claim) expect(error?.cause?.claim).toBe(claim)
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(2)

    // Nothing of the refused answer is kept.
    expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
    expect(await page.evaluate(() => window.auth.getToken())).toBe(before)
    await page.reload()
    await createAuth(page)
    expect(await page.evaluate(() => window.auth.getToken())).toBe(before)

    // Not the refresh token that came with it either: the server is asked for another grant.
    stop()
    expect(await tokenOrCode(page, forced)).toBe('token')
    expect([as.count('authorize', isSilent), as.count('token', isRefresh)]).toEqual([1, 2])
    expect(await tokenOrCode(page, forced)).toBe('token')
    expect([as.count('authorize', isSilent), as.count('token', isRefresh)]).toEqual([1, 3])
    expect(as.countEvents('grant.error')).toBe(0)
  })
}

test('accepts a refresh whose ID token repeats the nonce or leaves it out', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  await expectFirstLogin(page)
  expect(await tokenOrCode(page, forced)).toBe('token')
  as.tamperIdToken((claims) => ({ claims: { ...claims, nonce: undefined } }))
  expect(await tokenOrCode(page, forced)).toBe('token')
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(2)
  expect(as.count('token')).toBe(3)
})

for (const type of ['DPoP', 'N_A', 'mac', '']) {
  test(`refuses the token type "${type}" at login and at refresh`, async ({ page, as }) => {
    await openApp(page)
    await createAuth(page)
    const stop = as.tamperTokenResponse((json) => ({ ...json, token_type: type }))
    expect((await expectRefusal(page)).code).toBe('invalid_token_response')
    stop()
    await expectLogin(page)
    expect(await tokenOrCode(page, forced)).toBe('token')

    const before = await page.evaluate(() => window.auth.getToken())
    as.tamperTokenResponse((json) => ({ ...json, token_type: type, access_token: 'refused'.repeat(6) }))
    await tokenOrCode(page, forced)
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(2)
    expect(await page.evaluate(() => window.auth.getToken())).toBe(before)
  })
}

test('accepts the token type in any case', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  as.tamperTokenResponse((json) => ({ ...json, token_type: 'bEARER' }))
  await expectFirstLogin(page)
  expect(await page.evaluate(async () => (await window.auth.getTokenSet()).tokenType)).toBe('bearer')
})
