import { chooseStep } from '../../src/session/renewal-step.js'
import type { TamperIdToken } from '../rig/id-token-tampering.js'
import { isRefresh, isSilent } from '../rig/request-kinds.js'
import { expect, test } from './fixtures.js'
import { expectLogin, expectRefusal, getRejection } from './refusals.js'

const now = () => Math.floor(Date.now() / 1000)
const hourAgo = () => ({ iat: now() - 3600, exp: now() - 3000 })

interface Refusal {
  title: string
  tamper: TamperIdToken
  /** @default 'invalid_id_token' */
  code?: string
  claim?: string
}

const refusals: Refusal[] = [
  {
    title: 'another user',
    tamper: (claims) => ({ claims: { ...claims, sub: 'mallory' } }),
    code: 'user_changed',
    claim: 'sub',
  },
  {
    title: 'another issuer',
    tamper: (claims) => ({ claims: { ...claims, iss: 'https://evil.example' } }),
    claim: 'iss',
  },
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
  {
    title: 'the hash of another token',
    tamper: (claims) => ({ claims: { ...claims, at_hash: 'A'.repeat(22) } }),
    claim: 'at_hash',
  },
  { title: 'a forged signature', tamper: () => ({ signWith: 'foreign' }), claim: 'signature' },
  { title: '"alg": "none"', tamper: () => ({ signWith: 'none' }) },
  {
    title: 'an expiry in the past',
    tamper: (claims) => ({ claims: { ...claims, exp: now() - 60 } }),
    claim: 'exp',
  },
  // A wrong clock would look so, and is no excuse for the rest.
  {
    title: 'another user, and times from an hour ago',
    tamper: (claims) => ({ claims: { ...claims, ...hourAgo(), sub: 'mallory' } }),
    code: 'user_changed',
    claim: 'sub',
  },
  {
    title: 'a forged signature, and times from an hour ago',
    tamper: (claims) => ({ claims: { ...claims, ...hourAgo() }, signWith: 'foreign' }),
    claim: 'signature',
  },
]

for (const { title, tamper, code = 'invalid_id_token', claim } of refusals)
  test(`rejects a refresh whose ID token has ${title}`, async ({ as, client }) => {
    await expectLogin(client)
    // The positive control: the same refresh untampered.
    await client.refresh()
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
    const before = await client.readSession()

    const stop = as.tamperIdToken(tamper)
    const error = await getRejection(as, client.refresh())
    expect(error.code).toBe(code)
    if (claim) expect(error.cause?.claim).toBe(claim)
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(2)

    // Nothing of the refused answer is kept, also for the next page; not even the refresh token that came with it.
    expect(before).toMatchObject({ user: { sub: 'alice' }, inDoubt: false })
    expect(await (await client.reload()).readSession()).toEqual({ ...before, inDoubt: true })

    // So that the server is asked for another grant, whose refresh token is then sent.
    stop()
    expect(chooseStep({ refreshable: true, inDoubt: true, framePossible: true, stillValid: true })).toBe(
      'frame',
    )
    await client.renewByFrame()
    expect(await client.readSession()).toMatchObject({ user: { sub: 'alice' }, inDoubt: false })
    expect(await client.getToken()).not.toBe(before?.tokens['']?.accessToken)
    expect([as.count('authorize', isSilent), as.count('token', isRefresh)]).toEqual([1, 2])
    await client.refresh()
    expect(as.count('token', isRefresh)).toBe(3)
    expect(as.countEvents('grant.error')).toBe(0)
  })

test('accepts a refresh whose ID token repeats the nonce or omits it', async ({ as, client }) => {
  await expectLogin(client)
  await client.refresh()
  as.tamperIdToken((claims) => ({ claims: { ...claims, nonce: undefined } }))
  await client.refresh()
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(2)
  expect(as.count('token')).toBe(3)
})

test.for(['DPoP', 'N_A', 'mac', ''])(
  'rejects the token type "%s" at login and at refresh',
  async (token_type, { as, client }) => {
    const stop = as.tamperTokenResponse((json) => ({ ...json, token_type }))
    expect((await expectRefusal(as, client)).code).toBe('invalid_token_response')
    stop()
    await expectLogin(client)
    await client.refresh()

    const before = await client.getToken()
    as.tamperTokenResponse((json) => ({ ...json, token_type, access_token: 'refused'.repeat(6) }))
    expect((await getRejection(as, client.refresh())).code).toBe('invalid_token_response')
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(2)
    expect(await client.getToken()).toBe(before)
  },
)

test('accepts the token type in any case', async ({ as, client }) => {
  as.tamperTokenResponse((json) => ({ ...json, token_type: 'bEARER' }))
  const { session } = await expectLogin(client)
  expect(session?.tokens['']?.tokenType).toBe('bearer')
})
