import { describe } from 'vitest'
import type { ExchangeRequest } from '../../src/add-ons/exchange/token-exchange.js'
import { forge, isExchange, reissue } from '../rig/exchange-calls.js'
import { decodePart } from '../rig/id-token-tampering.js'
import { openNodeClient } from '../rig/node-client.js'
import { collectRefreshTokens, isAlive } from '../rig/refresh-tokens.js'
import { expect, test, type NodeClient, type TestAuthorizationServer } from './fixtures.js'
import { expectLogin, getRejection } from './refusals.js'

const [orders, bills] = ['https://orders.example.com/', 'https://bills.example.com/']
const resources = {
  [orders]: { scope: 'read write delete' },
  [bills]: { scope: 'read write', audience: 'bills' },
  'https://stock.example.com/': { scope: 'read', format: 'opaque' as const },
}
const clientOptions = { resource: orders, scope: 'openid read write' }

test.override({ asOptions: { resources, tokenExchange: true }, clientOptions })

/** Logs alice in and gets her access token. */
async function startAlice(client: NodeClient): Promise<string> {
  await expectLogin(client)
  return client.getToken()
}

/** Logs alice in and gets her ID token. */
async function startWithIdToken(client: NodeClient): Promise<string> {
  await expectLogin(client)
  return (await client.readSession())!.idToken!
}

/** Expects that the server refuses an exchange, by this code. */
async function expectRefused(
  as: TestAuthorizationServer,
  client: NodeClient,
  request: ExchangeRequest,
  code = 'invalid_request',
): Promise<void> {
  const error = await getRejection(as, client.exchange(request))
  expect(error).toMatchObject({ name: 'AuthError', code, error: code, status: 400, retryable: false })
}

test('impersonates: the token is for the audience and about the user, and names no actor', async ({
  as,
  client,
}) => {
  const own = await startAlice(client)
  const issued = await client.exchange({ audience: 'bills' })
  expect(issued).toMatchObject({ tokenType: 'bearer', issuedTokenType: 'access_token', scope: 'read write' })
  expect(issued.actors).toEqual([])
  expect(Math.abs(issued.expiresAt - Date.now() - 600_000)).toBeLessThan(30_000)
  const claims = decodePart(issued.token, 1)
  expect(claims).toMatchObject({ sub: 'alice', aud: 'bills', iss: as.issuer })
  expect(claims).not.toHaveProperty('act')
  expect(as.requests.find(isExchange)?.params).toMatchObject({ subject_token: own })
})

test('delegates: the token is about the user and names the actor', async ({ as, client }) => {
  await startAlice(client)
  // Bob logs in for himself, in a browser of his own.
  const bob = await openNodeClient(as, clientOptions)
  await expectLogin(bob, { user: 'bob' })
  const issued = await client.exchange({ resource: bills, actorToken: await bob.getToken() })
  expect(issued.actors).toEqual([{ sub: 'bob' }])
  expect(decodePart(issued.token, 1)).toMatchObject({ sub: 'alice', aud: 'bills', act: { sub: 'bob' } })
})

test('shows a chain of two actors, the current one first', async ({ client }) => {
  const own = await startAlice(client)
  const first = await client.exchange({ actorToken: reissue(own, { sub: 'bob' }) })
  const second = await client.exchange({
    subjectToken: first.token,
    actorToken: reissue(own, { sub: 'carol' }),
    audience: 'bills',
  })
  expect(second.actors).toEqual([{ sub: 'carol' }, { sub: 'bob' }])
  expect(decodePart(second.token, 1)).toMatchObject({
    sub: 'alice',
    act: { sub: 'carol', act: { sub: 'bob' } },
  })
})

describe('with rules about who may act', () => {
  test.override({ asOptions: { resources, tokenExchange: { mayAct: { alice: 'bob', bob: 'carol' } } } })

  test('an allowed actor is accepted, and any other is rejected', async ({ as, client }) => {
    const own = await startAlice(client)
    expect(decodePart(own, 1)).toMatchObject({ may_act: { sub: 'bob' } })
    const asActor = (sub: string) => ({ actorToken: reissue(own, { sub }) })
    await expectRefused(as, client, asActor('carol'))
    const issued = await client.exchange(asActor('bob'))
    expect(issued.actors).toEqual([{ sub: 'bob' }])
    // Each token says who is next: carol may take over from bob, and dave not.
    const next = { subjectToken: issued.token }
    await expectRefused(as, client, { ...next, ...asActor('dave') })
    expect((await client.exchange({ ...next, ...asActor('carol') })).actors).toHaveLength(2)
    expect(as.count('token', isExchange)).toBe(4)
  })

  test('they cannot be bypassed with a refresh token or through another token type', async ({
    as,
    client,
  }) => {
    const own = await startAlice(client)
    const asActor = (sub: string) => ({ actorToken: reissue(own, { sub }), resource: bills })
    const { token } = await client.exchange({ requestedTokenType: 'id_token' })
    const ways = [
      { subjectTokenType: 'refresh_token' },
      { subjectToken: token, subjectTokenType: 'id_token' },
    ]
    for (const way of ways) {
      await expectRefused(as, client, { ...way, ...asActor('carol') })
      expect((await client.exchange({ ...way, ...asActor('bob') })).actors).toEqual([{ sub: 'bob' }])
    }
  })

  test('they also apply to an ID token as the subject token', async ({ as, client }) => {
    const idToken = await startWithIdToken(client)
    const own = await client.getToken()
    const subject = { subjectToken: idToken, subjectTokenType: 'id_token', resource: bills }
    await expectRefused(as, client, { ...subject, actorToken: reissue(own, { sub: 'carol' }) })
    const issued = await client.exchange({ ...subject, actorToken: reissue(own, { sub: 'bob' }) })
    expect(issued.actors).toEqual([{ sub: 'bob' }])
  })
})

test('narrows the scope, and rejects more scope than the subject has', async ({ as, client }) => {
  await startAlice(client)
  const issued = await client.exchange({ resource: orders, scope: 'read' })
  expect(issued).toMatchObject({ scope: 'read' })
  expect(decodePart(issued.token, 1)).toMatchObject({ aud: orders, scope: 'read' })
  await expectRefused(as, client, { resource: orders, scope: 'read delete' }, 'invalid_scope')
})

test('rejects an unknown audience', async ({ as, client }) => {
  await startAlice(client)
  await expectRefused(as, client, { audience: 'https://foreign.example.com/' }, 'invalid_target')
  expect((await client.exchange({ audience: ['bills', bills] })).token).toBeTruthy()
  await expectRefused(as, client, { audience: ['bills', orders] }, 'invalid_target')
})

for (const role of ['subject', 'actor']) {
  const roleToken = `${role}Token`

  for (const [title, spoil] of [
    ['is expired', (own: string) => reissue(own, { exp: 1 })],
    ['is forged', (own: string) => forge(own)],
    ['is from another issuer', (own: string) => reissue(own, { iss: 'https://other.example' })],
    ['is made up', () => 'made-up'],
  ] as const)
    test(`rejects an access token as the ${role} that ${title}`, async ({ as, client }) => {
      const own = await startAlice(client)
      await expectRefused(as, client, { [roleToken]: spoil(own) })
      expect((await client.exchange({ [roleToken]: reissue(own) })).token).toBeTruthy()
    })

  test(`rejects an access token as the ${role} that is declared as an ID token`, async ({ as, client }) => {
    const own = await startAlice(client)
    await expectRefused(as, client, { [roleToken]: own, [`${roleToken}Type`]: 'id_token' })
    expect((await client.exchange({ [roleToken]: own, [`${roleToken}Type`]: 'jwt' })).token).toBeTruthy()
  })
}

test('rejects the subject token of another client', async ({ as, client }) => {
  const own = await startAlice(client)
  await expectRefused(as, client, { subjectToken: reissue(own, { client_id: 'second-app' }) })
  expect((await client.exchange({ subjectToken: reissue(own) })).token).toBeTruthy()
})

test('rejects the actor token of another client', async ({ as, client }) => {
  const own = await startAlice(client)
  const actor = (claims: object) => ({
    actorToken: reissue(own, { sub: 'bob', ...claims }),
    audience: 'bills',
  })
  const bound = { cnf: { jkt: 'of-a-key-that-is-elsewhere' } }
  for (const claims of [{ client_id: 'second-app' }, bound]) await expectRefused(as, client, actor(claims))
  expect((await client.exchange(actor({}))).actors).toEqual([{ sub: 'bob' }])
})

test('rejects a token type that the server does not support', async ({ as, client }) => {
  const own = await startAlice(client)
  for (const subjectTokenType of ['saml1', 'saml2', 'https://token.example/type'])
    await expectRefused(as, client, { subjectToken: own, subjectTokenType })
  const byUrn = 'urn:ietf:params:oauth:token-type:access_token'
  expect((await client.exchange({ subjectToken: own, subjectTokenType: byUrn })).token).toBeTruthy()
  // What the library does not even send.
  const send = async (actorTokenType: string) => {
    const body = new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      client_id: as.clientId,
      subject_token: own,
      subject_token_type: byUrn,
      actor_token: own,
      actor_token_type: actorTokenType,
    })
    return (await fetch(`${as.issuer}/token`, { method: 'POST', body })).json() as Promise<unknown>
  }
  expect(await send('constructor')).toMatchObject({ error: 'invalid_request' })
  expect(await send(byUrn)).toMatchObject({ token_type: 'Bearer' })
})

test('gets an ID token and another JWT, which are not access tokens', async ({ as, client }) => {
  const own = await startAlice(client)
  const idToken = await client.exchange({ requestedTokenType: 'id_token' })
  expect(idToken).toMatchObject({ tokenType: 'n_a', issuedTokenType: 'id_token', actors: [] })
  expect(decodePart(idToken.token, 1)).toMatchObject({ sub: 'alice', aud: as.clientId })
  const actorToken = reissue(own, { sub: 'bob' })
  const jwt = await client.exchange({ requestedTokenType: 'jwt', audience: 'bills', actorToken })
  expect(jwt).toMatchObject({ tokenType: 'n_a', issuedTokenType: 'jwt', actors: [{ sub: 'bob' }] })
  expect(decodePart(jwt.token, 0)).toMatchObject({ typ: 'JWT' })
  expect(decodePart(jwt.token, 1)).toMatchObject({ sub: 'alice', aud: 'bills', act: { sub: 'bob' } })
})

test('accepts an ID token as the subject token', async ({ as, client }) => {
  const idToken = await startWithIdToken(client)
  const subject = { subjectToken: idToken, subjectTokenType: 'id_token', resource: bills }
  const issued = await client.exchange(subject)
  expect(decodePart(issued.token, 1)).toMatchObject({ sub: 'alice', aud: 'bills' })
  await expectRefused(as, client, { ...subject, subjectToken: reissue(idToken, { aud: 'second-app' }) })
})

test('returns no actors for a token that is not a JWT, and exchanges it again', async ({ client }) => {
  const own = await startAlice(client)
  const opaque = { resource: 'https://stock.example.com/', actorToken: reissue(own, { sub: 'bob' }) }
  const issued = await client.exchange(opaque)
  expect(issued).toMatchObject({ tokenType: 'bearer', scope: 'read' })
  expect(issued.token).not.toContain('.')
  expect(issued.actors).toBeUndefined()
  const next = await client.exchange({
    subjectToken: issued.token,
    actorToken: reissue(own, { sub: 'carol' }),
    audience: 'bills',
  })
  expect(next.actors).toEqual([{ sub: 'carol' }, { sub: 'bob' }])
})

test('rejects invalid options without a request, and prints no token', async ({ as, client }) => {
  const own = await startAlice(client)
  const { length } = as.requests
  const wrong: ExchangeRequest[] = [
    { requestedTokenType: 'refresh_token' },
    { subjectToken: own, requestedTokenType: 'urn:ietf:params:oauth:token-type:refresh_token' },
    { subjectTokenType: own },
    { actorTokenType: 'access_token' },
    { subjectTokenType: 'jwt' },
  ]
  for (const options of wrong) {
    const error = await client.exchange(options).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TypeError)
    expect((error as TypeError).message).not.toContain(own.slice(-20))
  }
  expect(as.requests).toHaveLength(length)
  expect((await client.exchange({ requestedTokenType: 'access_token' })).token).toBeTruthy()
})

describe('for a DPoP-bound token', () => {
  test.override({ clientOptions: { ...clientOptions, dpop: true } })

  test('binds the new token to the same key, and cannot be done with another key', async ({ as, client }) => {
    const own = await startAlice(client)
    const issued = await client.exchange({ audience: 'bills' })
    expect(issued).toMatchObject({ tokenType: 'dpop', issuedTokenType: 'access_token' })
    expect(decodePart(own, 1)['cnf']).toBeTruthy()
    expect(decodePart(issued.token, 1)['cnf']).toEqual(decodePart(own, 1)['cnf'])

    // A thief has the token, and not the key.
    const stolen = new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      client_id: as.clientId,
      subject_token: own,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      audience: 'bills',
    })
    const answer = await fetch(`${as.issuer}/token`, { method: 'POST', body: stolen })
    expect(await answer.json()).toMatchObject({ error: 'invalid_request' })
  })

  test('rejects a bearer token as the result', async ({ as, client }) => {
    await startAlice(client)
    const stop = as.tamperTokenResponse((json) => ({ ...json, token_type: 'Bearer' }))
    expect(await getRejection(as, client.exchange({ audience: 'bills' }))).toMatchObject({
      code: 'invalid_token_response',
      cause: { claim: 'token_type' },
    })
    stop()
    expect((await client.exchange({ audience: 'bills' })).tokenType).toBe('dpop')
  })
})

for (const code of ['invalid_grant', 'access_denied', 'invalid_target', 'unauthorized_client'])
  test(`rejects with the server's error "${code}", and keeps the session`, async ({ as, client }) => {
    const own = await startAlice(client)
    const before = await client.readSession()
    const fault = as.fault('token', { error: code, error_description: `no: ${own}`, when: isExchange })
    await expectRefused(as, client, { audience: 'bills' }, code)
    expect(fault.hits).toBe(1)
    expect(await client.readSession()).toEqual(before)
    fault.end()
    expect((await client.exchange({ audience: 'bills' })).token).toBeTruthy()
    await client.refresh()
  })

test('can be tried again after a 503, and keeps the session', async ({ as, client }) => {
  await startAlice(client)
  const before = await client.readSession()
  const fault = as.fault('token', { status: 503, when: isExchange })
  expect(await getRejection(as, client.exchange({ audience: 'bills' }))).toMatchObject({ retryable: true })
  expect(await client.readSession()).toEqual(before)
  fault.end()
  expect((await client.exchange({ audience: 'bills' })).token).toBeTruthy()
  await client.refresh()
})

for (const [title, issued_token_type] of [
  ['has no issued token type', undefined],
  ['has an empty issued token type', ''],
  ['has a number as the issued token type', 5],
  ['contains a refresh token', 'urn:ietf:params:oauth:token-type:refresh_token'],
] as const)
  test(`rejects a response that ${title}`, async ({ as, client }) => {
    await startAlice(client)
    const stop = as.tamperTokenResponse((json) => ({ ...json, issued_token_type }))
    expect(await getRejection(as, client.exchange({ audience: 'bills' }))).toMatchObject({
      name: 'AuthError',
      code: 'invalid_token_response',
      cause: { claim: 'issued_token_type' },
    })
    stop()
    expect((await client.exchange({ audience: 'bills' })).token).toBeTruthy()
  })

test('sends the refresh token as the subject token without exposing it', async ({ as, client }) => {
  const refreshTokens = collectRefreshTokens(as)
  await startAlice(client)
  const call = { subjectTokenType: 'refresh_token', audience: 'bills' }
  const issued = await client.exchange(call)
  expect(as.requests.find(isExchange)?.params).toMatchObject({ subject_token: refreshTokens[0] })
  expect(JSON.stringify(issued)).not.toContain(refreshTokens[0])
  await client.refresh()
  await client.vault.clear('logout', { revoke: false })
  expect((await getRejection(as, client.exchange(call))).code).toBe('login_required')
  expect(as.count('token', isExchange)).toBe(1)
})

test('discards a refresh token in the response, and revokes it unless the subject is a token of the session', async ({
  as,
  client,
}) => {
  const refreshTokens = collectRefreshTokens(as)
  const accessToken = await startAlice(client)
  // A real one, of another grant: that of a login in another browser.
  await expectLogin(await openNodeClient(as, clientOptions))
  const [own = '', extra = ''] = refreshTokens
  let unwanted = own
  const stop = as.tamperTokenResponse((json) => ({ ...json, refresh_token: unwanted }))
  const call = async (request: ExchangeRequest) => {
    const issued = await client.exchange({ audience: 'bills', ...request })
    expect(issued.token).toBeTruthy()
    expect(JSON.stringify(issued)).not.toContain(unwanted)
  }
  // Not rotated: the one that was sent, by us or by a caller.
  await call({ subjectTokenType: 'refresh_token' })
  unwanted = extra
  await call({ subjectToken: extra, subjectTokenType: 'refresh_token' })
  // A new one, which could be of the session's grant.
  for (const request of [{}, { subjectToken: accessToken }, { subjectTokenType: 'refresh_token' }])
    await call(request)
  await call({ subjectToken: reissue(accessToken, { sub: 'bob' }) })
  stop()
  await expect.poll(() => as.count('revocation')).toBe(1)
  expect(as.requests.find(({ endpoint }) => endpoint === 'revocation')!.params).toMatchObject({
    token: extra,
  })
  await client.refresh()
  expect(await isAlive(as, extra)).toBe(false)
})
