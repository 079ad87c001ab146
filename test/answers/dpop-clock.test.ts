import { describe } from 'vitest'
import { decodeJwt } from 'jose'
import { isRefresh } from '../rig/request-kinds.js'
import { openNodeClient } from '../rig/node-client.js'
import { expect, test, type TestAuthorizationServer } from './fixtures.js'
import { expectLogin, expectRefusal, getRejection } from './refusals.js'

const dpop = true

/** Has the token endpoint reject proofs, with a `Date` that differs from this device's clock by so many seconds. */
const rejectProofs = (as: TestAuthorizationServer, seconds: number) =>
  as.fault('token', {
    error: 'invalid_dpop_proof',
    headers: { date: new Date(Date.now() + seconds * 1000).toUTCString() },
  })

/** By how many seconds the proofs that were sent differ from this device's clock. */
const differences = (as: TestAuthorizationServer) =>
  as.requests.flatMap(({ proof, at }) => (proof ? [Math.round(decodeJwt(proof).iat! - at / 1000)] : []))

describe.each([
  { direction: 'ahead', seconds: -3600, words: 'ahead of' },
  { direction: 'behind', seconds: 3600, words: 'behind' },
])('a proof rejected by a server for whose "Date" this clock is an hour $direction', ({ seconds, words }) => {
  test('is sent again with the time of the server; if that is rejected too, the error is clock_skew', async ({
    as,
  }) => {
    const client = await openNodeClient(as, { dpop })
    const fault = rejectProofs(as, seconds)
    const error = await expectRefusal(as, client)
    expect(error).toMatchObject({
      code: 'clock_skew',
      retryable: false,
      error: 'invalid_dpop_proof',
      status: 400,
    })
    const [, said, side] = /clock is (\d+) s (ahead of|behind) the server's/.exec(error.message) ?? []
    expect(side).toBe(words)
    expect(Math.abs(Number(said) - 3600)).toBeLessThanOrEqual(15)
    expect(fault.hits).toBe(2)
    const [own, servers] = differences(as)
    expect(Math.abs(own!)).toBeLessThanOrEqual(15)
    expect(Math.abs(servers! - seconds)).toBeLessThanOrEqual(15)
    fault.end()
    await expectLogin(client)
  })

  test('remains invalid_dpop_proof where the app tolerates the difference', async ({ as }) => {
    const client = await openNodeClient(as, { dpop, clockTolerance: 3700 })
    const fault = rejectProofs(as, seconds)
    expect((await expectRefusal(as, client)).code).toBe('invalid_dpop_proof')
    expect(fault.hits).toBe(2)
  })

  test('costs a session neither its token nor its refresh token', async ({ as }) => {
    const client = await openNodeClient(as, { dpop })
    await expectLogin(client)
    const token = await client.getToken()
    const fault = rejectProofs(as, seconds)
    for (let call = 0; call < 2; call++) {
      expect((await getRejection(as, client.refresh())).code).toBe('clock_skew')
      expect(await client.getToken()).toBe(token)
      expect(await client.readSession()).toMatchObject({ user: { sub: 'alice' }, inDoubt: false })
    }
    fault.end()
    await client.refresh()
    expect(await client.getToken()).not.toBe(token)
    // The same one each time: the server never got to see it.
    const sent = as.requests.filter(isRefresh).map(({ params }) => params['refresh_token'])
    expect(new Set(sent).size).toBe(1)
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
  })
})

test('a proof rejected by a server whose clock is this one is not sent again, and is invalid_dpop_proof', async ({
  as,
}) => {
  const client = await openNodeClient(as, { dpop })
  const fault = rejectProofs(as, 0)
  expect((await expectRefusal(as, client)).code).toBe('invalid_dpop_proof')
  expect(fault.hits).toBe(1)
  fault.end()
  await expectLogin(client)
})

test('an error that follows on the time of the server is reported as it is', async ({ as }) => {
  const client = await openNodeClient(as, { dpop })
  as.fault('token', {
    error: 'invalid_dpop_proof',
    headers: { date: new Date(Date.now() - 3_600_000).toUTCString() },
    times: 1,
  })
  as.fault('token', { error: 'invalid_grant' })
  expect((await expectRefusal(as, client)).code).toBe('invalid_grant')
  expect(as.count('token')).toBe(2)
})
