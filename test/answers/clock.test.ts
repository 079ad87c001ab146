import { describe } from 'vitest'
import { chooseStep } from '../../src/session/renewal-step.js'
import type { TamperIdToken } from '../rig/id-token-tampering.js'
import { openNodeClient } from '../rig/node-client.js'
import { isRefresh } from '../rig/request-kinds.js'
import { expect, test } from './fixtures.js'
import { expectLogin, expectRefusal, getRejection } from './refusals.js'

/**
 * Has ID tokens say the times of a server whose clock differs by so many seconds: client and server share one here. A refresh comes
 * a second later, so that its ID token is not that of the login again.
 */
function byClock(seconds: number): TamperIdToken {
  return (claims, _, grantType) => {
    const shift = seconds + (grantType === 'refresh_token' ? 1 : 0)
    const times = ['iat', 'nbf', 'exp'].filter((name) => claims[name] !== undefined)
    const shifted = times.map((name) => [name, Number(claims[name]) + shift])
    return { claims: { ...claims, ...Object.fromEntries(shifted) } }
  }
}

const directions = [
  { direction: 'ahead', seconds: 3600, words: 'ahead of' },
  { direction: 'behind', seconds: -3600, words: 'behind' },
]

for (const { direction, seconds, words } of directions)
  describe(`with a clock that is an hour ${direction} of the server's`, () => {
    test('reports by how many seconds it is wrong', async ({ as, client }) => {
      const stop = as.tamperIdToken(byClock(-seconds))
      const error = await expectRefusal(as, client)
      expect(error.code).toBe('clock_skew')
      const [, said, side] = /clock is (\d+) s (ahead of|behind) /.exec(error.message) ?? []
      expect(side).toBe(words)
      expect(Math.abs(Number(said) - 3600)).toBeLessThanOrEqual(15)
      expect(as.countEvents('grant.success', 'authorization_code')).toBe(1)
      stop()
      await expectLogin(client)
    })

    test('reports the same if ID tokens have a "not before" time', async ({ as, client }) => {
      as.tamperIdToken((claims, ...rest) => byClock(-seconds)({ ...claims, nbf: claims['iat'] }, ...rest))
      expect((await expectRefusal(as, client)).code).toBe('clock_skew')
      await expectLogin(await client.reload({ clockTolerance: 3700 }))
    })

    test('logs in if the app tolerates it', async ({ as }) => {
      const client = await openNodeClient(as, { clockTolerance: 3700 })
      as.tamperIdToken(byClock(-seconds))
      await expectLogin(client)
      expect(as.countEvents('grant.success', 'authorization_code')).toBe(1)
    })

    test('keeps the session when a refresh fails', async ({ as }) => {
      as.tamperIdToken(byClock(-seconds))
      // As by a clock that was right at login, is wrong now, and is set right in the end: all the while the server has its own.
      const right = await openNodeClient(as, { clockTolerance: 3700 })
      await expectLogin(right)
      const client = await right.reload({})
      const token = await client.getToken()
      for (let call = 0; call < 2; call++) {
        const error = await getRejection(as, client.refresh())
        expect(error).toMatchObject({ code: 'clock_skew' })
        // What is done about it, where no hidden frame can help.
        const next = { refreshable: true, framePossible: false, stillValid: false, refresh: error }
        expect(chooseStep(next)).toBe('failed')
        expect(await client.readSession()).toMatchObject({ user: { sub: 'alice' }, inDoubt: false })
        expect(await client.getToken()).toBe(token)
      }
      await right.refresh()
      expect(await right.getToken()).not.toBe(token)
      // Each refresh token was sent once: the new one is kept, though nothing else of its answer is.
      const sent = as.requests.filter(isRefresh).map(({ params }) => params['refresh_token'])
      expect(new Set(sent).size).toBe(3)
      expect(as.countEvents('grant.success', 'refresh_token')).toBe(3)
      expect(as.countEvents('grant.error')).toBe(0)
    })

    test('refreshes if the app tolerates it', async ({ as, client }) => {
      await expectLogin(client)
      const token = await client.getToken()
      const tolerant = await client.reload({ clockTolerance: 3700 })
      as.tamperIdToken(byClock(-seconds))
      await tolerant.refresh()
      expect(await tolerant.getToken()).not.toBe(token)
      expect([as.count('authorize'), as.countEvents('grant.success', 'refresh_token')]).toEqual([1, 1])
    })
  })

test.for([
  ['ahead', 20],
  ['behind', -20],
] as const)('logs in with a clock that is 20 s %s', async ([, seconds], { as, client }) => {
  // An ID token of 10 s has ended already for a clock that is ahead: the tolerance is what lets it in.
  as.idTokenTTL = 10
  as.tamperIdToken(byClock(-seconds))
  await expectLogin(client)
})

test('returns no token whose ID token is not valid yet, and keeps the refresh token', async ({
  as,
  client,
}) => {
  await expectLogin(client)
  const token = await client.getToken()
  const stop = as.tamperIdToken((claims) => ({ claims: { ...claims, nbf: Number(claims['iat']) + 120 } }))
  expect((await getRejection(as, client.refresh())).code).toBe('clock_skew')
  expect(await client.getToken()).toBe(token)
  expect(await client.readSession()).toMatchObject({ inDoubt: false })
  stop()
  await client.refresh()
  expect(await client.getToken()).not.toBe(token)
  expect([as.count('authorize'), as.countEvents('grant.success', 'refresh_token')]).toEqual([1, 2])
})
