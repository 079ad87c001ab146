import { forge, reissue } from '../rig/exchange-calls.js'
import type { FaultOptions } from '../rig/faults.js'
import { openNodeClient } from '../rig/node-client.js'
import { publishMetadata } from '../rig/published-metadata.js'
import { isRefresh } from '../rig/request-kinds.js'
import { expect, test } from './fixtures.js'
import { expectLogin, getRejection } from './refusals.js'

test.for([
  ['openid', { sub: 'alice' }],
  [
    'openid profile email',
    { sub: 'alice', name: 'Alice', email: 'alice@example.com', email_verified: false },
  ],
] as const)('returns the claims that the scope "%s" covers', async ([scope, claims], { as }) => {
  const client = await openNodeClient(as, { scope })
  await expectLogin(client)
  expect(await client.getUserInfo()).toEqual(claims)
  expect(as.count('userinfo')).toBe(1)
})

/** What can go wrong at the endpoint, and what is said of it. */
const faults: { title: string; fault: FaultOptions; error: object }[] = [
  {
    title: 'status 500',
    fault: { status: 500 },
    error: { code: 'server_error', retryable: true, status: 500 },
  },
  {
    title: 'status 503',
    fault: { status: 503 },
    error: { code: 'temporarily_unavailable', retryable: true, status: 503 },
  },
  { title: 'a cut connection', fault: { cut: true }, error: { code: 'network_error', retryable: true } },
  {
    title: 'status 404',
    fault: { status: 404 },
    error: { code: 'invalid_response', retryable: false, status: 404 },
  },
  {
    title: 'an HTML page',
    fault: { body: '<p>Hello</p>' },
    error: { code: 'invalid_response', retryable: false },
  },
  {
    title: 'no subject',
    fault: { body: { name: 'Alice' } },
    error: { code: 'invalid_response', cause: { claim: 'sub' } },
  },
  { title: 'a list', fault: { body: [{ sub: 'alice' }] }, error: { code: 'invalid_response' } },
  {
    title: 'insufficient scope',
    fault: {
      status: 403,
      headers: { 'www-authenticate': 'Bearer error="insufficient_scope", scope="openid"' },
    },
    error: { code: 'authorization_failed', error: 'insufficient_scope', status: 403, retryable: false },
  },
]

for (const { title, fault, error } of faults)
  test(`rejects with the code for ${title}, and keeps the session`, async ({ as, client }) => {
    await expectLogin(client)
    const before = await client.readSession()
    const active = as.fault('userinfo', fault)
    expect(await getRejection(as, client.getUserInfo())).toMatchObject({ name: 'AuthError', ...error })
    expect(await client.readSession()).toEqual(before)
    active.end()
    expect(await client.getUserInfo()).toEqual({ sub: 'alice' })
    expect(as.count('token', isRefresh)).toBe(0)
  })

test('does not repeat a rejected token in the error', async ({ as, client }) => {
  await expectLogin(client)
  const challenge = `Bearer error="invalid_token", error_description="no: ${await client.getToken()}"`
  const fault = as.fault('userinfo', { status: 401, headers: { 'www-authenticate': challenge } })
  expect(await getRejection(as, client.getUserInfo())).toMatchObject({
    code: 'authorization_failed',
    error: 'invalid_token',
    status: 401,
  })
  fault.end()
  expect(await client.getUserInfo()).toEqual({ sub: 'alice' })
})

for (const { sub, code } of [
  { sub: 'bob', code: 'user_changed' },
  { sub: 'Alice', code: 'user_changed' },
  { sub: 'alice ', code: 'user_changed' },
  { sub: '', code: 'invalid_response' },
])
  test(`rejects the claims of "${sub}" while alice is logged in`, async ({ as, client }) => {
    await expectLogin(client)
    const before = await client.readSession()
    const fault = as.fault('userinfo', { body: { sub, name: 'Bob' } })
    const error = await getRejection(as, client.getUserInfo())
    expect(error).toMatchObject({ name: 'AuthError', code, retryable: false, cause: { claim: 'sub' } })
    expect(error.message).toContain('"sub"')
    expect(await client.readSession()).toEqual(before)
    // The same answer about the right user is accepted.
    fault.end()
    as.fault('userinfo', { body: { sub: 'alice', name: 'Bob' } })
    expect(await client.getUserInfo()).toEqual({ sub: 'alice', name: 'Bob' })
  })

/** Signed answers that are refused, made of an ID token of the server. */
const forgeries: { title: string; body: (idToken: string) => string; error: object }[] = [
  {
    title: 'is signed with another key',
    body: (idToken) => forge(idToken, { name: 'Forged' }),
    error: { code: 'invalid_id_token', cause: { claim: 'signature' } },
  },
  {
    title: 'is for another client',
    body: (idToken) => reissue(idToken, { aud: 'second-app' }),
    error: { code: 'invalid_id_token' },
  },
  {
    title: 'is from another issuer',
    body: (idToken) => reissue(idToken, { iss: 'https://evil.example' }),
    error: { code: 'invalid_id_token' },
  },
  {
    title: 'is about another user',
    body: (idToken) => reissue(idToken, { sub: 'bob' }),
    error: { code: 'user_changed' },
  },
  {
    title: 'is not a JWT',
    body: () => 'no.jwt',
    error: { code: 'invalid_response', retryable: false },
  },
]

for (const { title, body, error } of forgeries)
  test(`rejects a signed response that ${title}`, async ({ as }) => {
    await publishMetadata(as, { userinfo_signing_alg_values_supported: ['ES256'] })
    const client = await openNodeClient(as)
    await expectLogin(client)
    const { idToken = '' } = (await client.readSession())!
    const contentType = 'application/jwt; charset=utf-8'
    // No error may repeat this.
    const challenge = `"; error="invalid_token", error_description="${await client.getToken()}"`
    const headers = { 'www-authenticate': challenge }
    const fault = as.fault('userinfo', { body: body(idToken), contentType, headers })
    expect(await getRejection(as, client.getUserInfo())).toMatchObject(error)
    fault.end()
    as.fault('userinfo', { body: reissue(idToken, { name: 'Signed' }), contentType })
    const before = as.count('jwks')
    for (const _ of [1, 2]) expect(await client.getUserInfo()).toMatchObject({ sub: 'alice', name: 'Signed' })
    // The keys are known since the login.
    expect(as.count('jwks')).toBe(before)
  })

test.for([
  ['has no userinfo endpoint', undefined],
  ['has one that is not https', 'http://userinfo.example.com/me'],
])('says what to do if the metadata %s, without a request', async ([, userinfo_endpoint], { as, client }) => {
  await publishMetadata(as, { userinfo_endpoint })
  await expectLogin(client)
  const { length } = as.requests
  const error = await getRejection(as, client.getUserInfo())
  expect(error).toMatchObject({ name: 'AuthError', code: 'discovery_failed', retryable: false })
  expect(error.message).toContain('"userinfo_endpoint"')
  expect(as.requests).toHaveLength(length)
})
