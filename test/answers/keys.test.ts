import { describe } from 'vitest'
import { openNodeClient } from '../rig/node-client.js'
import type { FaultOptions } from '../rig/faults.js'
import { isRefresh } from '../rig/request-kinds.js'
import { expect, test } from './fixtures.js'
import { expectLogin, expectRefusal, getRejection } from './refusals.js'

test('stores the keys, so that the next login fetches none', async ({ as, client }) => {
  await expectLogin(client)
  expect(as.count('jwks')).toBe(1)
  await expectLogin(client)
  const next = await client.reload()
  await expectLogin(next)
  expect([as.count('metadata'), as.count('jwks'), as.count('token')]).toEqual([1, 1, 3])
})

test('verifies with the stored keys', async ({ as, client }) => {
  await expectLogin(client)
  const next = await client.reload()
  await next.vault.clear('logout', { revoke: false })
  const stop = as.tamperIdToken(() => ({ signWith: 'foreign' }))
  expect(await expectRefusal(as, next)).toMatchObject({
    code: 'invalid_id_token',
    cause: { claim: 'signature' },
  })
  // Once more, and no more: the key could have been replaced under its name.
  expect(as.count('jwks')).toBe(2)
  expect((await expectRefusal(as, next)).code).toBe('invalid_id_token')
  stop()
  await expectLogin(next)
  expect(as.count('jwks')).toBe(2)
})

test('finds the right key among 5,000, and refuses an ID token that none of them has signed', async ({
  as,
  client,
}) => {
  const { keys } = (await (await fetch(`${as.issuer}/jwks`)).json()) as { keys: object[] }
  // Of the same kind, each with its own ID.
  const others = Array.from({ length: 5000 }, (_, index) => ({
    ...keys[0],
    kid: `other ${index}`,
    n: undefined,
  }))
  const start = performance.now()
  const fault = as.fault('jwks', { body: { keys: others } })
  expect(await expectRefusal(as, client)).toMatchObject({ name: 'AuthError' })
  fault.end()
  as.fault('jwks', { body: { keys: [...others, ...keys] } })
  await expectLogin(await client.reload())
  expect(performance.now() - start).toBeLessThan(10_000)
})

test('fetches the keys again when the server signs with a new one', async ({ as, client }) => {
  await expectLogin(client)
  as.rotateKeys()
  await expectLogin(client)
  expect(as.count('jwks')).toBe(2)
  // The new keys are the kept ones from now on.
  await expectLogin(await client.reload())
  expect(as.count('jwks')).toBe(2)
})

test.for([
  ['that has the ID of the old one', { kid: 'same' }],
  ['that has no ID', { kid: undefined }],
] as const)(
  'fetches the keys again when the server signs with a new one %s',
  async ([, change], { as, client }) => {
    as.rotateKeys(change)
    await expectLogin(client)
    as.rotateKeys(change)
    await expectLogin(client)
    expect(as.count('jwks')).toBe(2)
    // A refresh has them already.
    await client.refresh()
    expect([as.count('jwks'), as.countEvents('grant.success', 'refresh_token')]).toEqual([2, 1])
  },
)

test('fetches the keys again when the ID token of a refresh is signed with a new one', async ({
  as,
  client,
}) => {
  await expectLogin(client)
  const token = await client.getToken()
  as.rotateKeys()
  await client.refresh()
  expect(await client.getToken()).not.toBe(token)
  expect([as.count('jwks'), as.countEvents('grant.success', 'refresh_token')]).toEqual([2, 1])
})

test('requests a missing key once, and not again for ten seconds', async ({ as, client }) => {
  const stop = as.tamperIdToken((_, header) => ({
    header: { ...header, kid: 'unknown' },
    signWith: 'foreign',
  }))
  expect(await expectRefusal(as, client)).toMatchObject({
    code: 'invalid_id_token',
    cause: { claim: 'signature' },
  })
  expect(as.count('jwks')).toBe(2)
  expect((await expectRefusal(as, client)).code).toBe('invalid_id_token')
  expect([as.count('jwks'), as.count('token')]).toEqual([2, 2])
  stop()
  await expectLogin(client)
  expect(as.count('jwks')).toBe(2)
})

test('fetches the keys again if they could not be fetched in advance', async ({ as, client }) => {
  const fault = as.fault('jwks', { status: 500, times: 1 })
  await getRejection(as, client.vault.warm())
  await expectLogin(client)
  expect([fault.hits, as.count('jwks')]).toEqual([1, 2])
})

/** Why the keys are not to be had, and what is said of it. */
const outages: { title: string; fault: FaultOptions; error: object }[] = [
  { title: 'a 503', fault: { status: 503 }, error: { code: 'temporarily_unavailable', status: 503 } },
  { title: 'a 429', fault: { status: 429 }, error: { code: 'temporarily_unavailable', status: 429 } },
  { title: 'a 500', fault: { status: 500 }, error: { code: 'server_error', status: 500, retryable: true } },
  { title: 'a cut connection', fault: { cut: true }, error: { code: 'network_error' } },
  { title: 'a body without keys', fault: { body: {} }, error: { code: 'discovery_failed' } },
]

for (const { title, fault, error } of outages)
  test(`rejects a login if the request for the keys fails with ${title}`, async ({ as, client }) => {
    const broken = as.fault('jwks', fault)
    expect(await expectRefusal(as, client)).toMatchObject(error)
    broken.end()
    await expectLogin(client)
  })

for (const { title, fault, error } of outages)
  test(`keeps the new refresh token but returns no access token if the request for the keys fails with ${title}`, async ({
    as,
    client,
  }) => {
    await expectLogin(client)
    const token = await client.getToken()
    as.rotateKeys()
    const broken = as.fault('jwks', fault)
    expect(await getRejection(as, client.refresh())).toMatchObject(error)
    expect(broken.hits).toBeGreaterThan(0)
    expect(await client.getToken()).toBe(token)
    expect(await client.readSession()).toMatchObject({ user: { sub: 'alice' }, inDoubt: false })
    broken.end()
    await client.refresh()
    expect(await client.getToken()).not.toBe(token)
    // Each was sent once: a server that sees an old one again ends the session.
    const sent = as.requests.filter(isRefresh).map(({ params }) => params['refresh_token'])
    expect(sent).toHaveLength(2)
    expect(new Set(sent).size).toBe(2)
    expect(as.countEvents('grant.error')).toBe(0)
  })

describe('plain OAuth', () => {
  const resource = 'https://api.example.com/'
  test.override({ asOptions: { resources: { [resource]: { scope: 'api:read' } } } })

  test('fetches no keys if no ID token is requested', async ({ as }) => {
    await expectLogin(await openNodeClient(as, { scope: 'api:read', resource }))
    expect([as.count('jwks'), as.count('token')]).toEqual([0, 1])
  })
})
