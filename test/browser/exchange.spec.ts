import type { Page } from '@playwright/test'
import { exchange, forge, isExchange, reissue } from '../rig/exchange-calls.js'
import { expect, test, type AppServer, type TestAuthorizationServer } from '../rig/fixtures.js'
import { decodePart } from '../rig/id-token-tampering.js'
import { getToken, startSession } from '../rig/token-calls.js'

const [orders, bills] = ['https://orders.example.com/', 'https://bills.example.com/']
const resources = {
  [orders]: { scope: 'read write delete' },
  [bills]: { scope: 'read write', audience: 'bills' },
  'https://stock.example.com/': { scope: 'read', format: 'opaque' as const },
}
const options = { resource: orders, scope: 'openid read write' }

test.use({ asOptions: { resources, tokenExchange: true } })

/** Logs alice in and gets her access token. */
async function startAlice(page: Page, app: AppServer, as: TestAuthorizationServer): Promise<string> {
  // Asked for, so that it runs: every test needs it, and most do not look at it.
  void as
  await startSession(page, app, options)
  return (await getToken(page)).value!
}

/** As `startAlice`; gets her ID token too. */
async function startWithIdToken(page: Page, app: AppServer, as: TestAuthorizationServer): Promise<string> {
  let idToken = ''
  const stop = as.tamperTokenResponse((json) => {
    idToken = String(json['id_token'])
    return json
  })
  await startAlice(page, app, as)
  stop()
  return idToken
}

test('impersonates: the token is for the audience, about the user, and names no actor', async ({
  page,
  app,
  as,
}) => {
  const own = await startAlice(page, app, as)
  const { value } = await exchange(page, { audience: 'bills' })
  expect(value).toMatchObject({ tokenType: 'bearer', issuedTokenType: 'access_token', scope: 'read write' })
  expect(value!.actors).toEqual([])
  expect(Math.abs(value!.expiresAt - Date.now() - 600_000)).toBeLessThan(30_000)
  const claims = decodePart(value!.token, 1)
  expect(claims).toMatchObject({ sub: 'alice', aud: 'bills', iss: as.issuer })
  expect(claims).not.toHaveProperty('act')
  // The subject was the client's own token, as none was given.
  expect(as.requests.find(isExchange)?.params).toMatchObject({ subject_token: own })
})

test('delegates: the token is about the user and names who acts', async ({ page, app, as, browser }) => {
  await startAlice(page, app, as)
  // Bob logs in for himself, in a browser of his own.
  const context = await browser.newContext({ baseURL: app.origin })
  const bobsPage = await context.newPage()
  await startSession(bobsPage, app, options, { user: 'bob' })
  const { value: actorToken } = await getToken(bobsPage)
  await context.close()
  const { value } = await exchange(page, { resource: bills, actorToken: actorToken! })
  expect(value!.actors).toEqual([{ sub: 'bob' }])
  expect(decodePart(value!.token, 1)).toMatchObject({ sub: 'alice', aud: 'bills', act: { sub: 'bob' } })
})

test('shows a chain of two actors, the current one first', async ({ page, app, as }) => {
  const own = await startAlice(page, app, as)
  const { value: first } = await exchange(page, { actorToken: reissue(own, { sub: 'bob' }) })
  const { value: second } = await exchange(page, {
    subjectToken: first!.token,
    actorToken: reissue(own, { sub: 'carol' }),
    audience: 'bills',
  })
  expect(second!.actors).toEqual([{ sub: 'carol' }, { sub: 'bob' }])
  expect(decodePart(second!.token, 1)).toMatchObject({
    sub: 'alice',
    act: { sub: 'carol', act: { sub: 'bob' } },
  })
})

test.describe('with rules for who may act', () => {
  test.use({ asOptions: { resources, tokenExchange: { mayAct: { alice: 'bob', bob: 'carol' } } } })

  test('the actor that may act is taken, and any other refused', async ({ page, app, as }) => {
    const own = await startAlice(page, app, as)
    expect(decodePart(own, 1)).toMatchObject({ may_act: { sub: 'bob' } })
    const asActor = (sub: string) => ({ actorToken: reissue(own, { sub }) })
    const { error } = await exchange(page, asActor('carol'))
    expect(error).toMatchObject({ name: 'AuthError', code: 'invalid_request', status: 400 })
    const { value } = await exchange(page, asActor('bob'))
    expect(value!.actors).toEqual([{ sub: 'bob' }])
    // Each token says who is next: carol may take over from bob, and dave not.
    const next = { subjectToken: value!.token }
    expect((await exchange(page, { ...next, ...asActor('dave') })).error).toMatchObject({ code: 'invalid_request' }) // prettier-ignore
    expect((await exchange(page, { ...next, ...asActor('carol') })).value!.actors).toHaveLength(2)
    expect(as.count('token', isExchange)).toBe(4)
  })

  test('no way leads around them: not a refresh token, not another type in between', async ({
    page,
    app,
    as,
  }) => {
    const own = await startAlice(page, app, as)
    const asActor = (sub: string) => ({ actorToken: reissue(own, { sub }), resource: bills })
    const { value } = await exchange(page, { requestedTokenType: 'id_token' })
    const ways = [
      { subjectTokenType: 'refresh_token' },
      { subjectToken: value!.token, subjectTokenType: 'id_token' },
    ]
    for (const way of ways) {
      expect((await exchange(page, { ...way, ...asActor('carol') })).error).toMatchObject({ code: 'invalid_request' }) // prettier-ignore
      expect((await exchange(page, { ...way, ...asActor('bob') })).value!.actors).toEqual([{ sub: 'bob' }])
    }
  })

  test('an ID token says so as well', async ({ page, app, as }) => {
    const idToken = await startWithIdToken(page, app, as)
    const own = (await getToken(page)).value!
    const subject = { subjectToken: idToken, subjectTokenType: 'id_token', resource: bills }
    const refused = await exchange(page, { ...subject, actorToken: reissue(own, { sub: 'carol' }) })
    expect(refused.error).toMatchObject({ code: 'invalid_request' })
    const { value } = await exchange(page, { ...subject, actorToken: reissue(own, { sub: 'bob' }) })
    expect(value!.actors).toEqual([{ sub: 'bob' }])
  })
})

test('narrows the scope, and refuses more than the subject has', async ({ page, app, as }) => {
  await startAlice(page, app, as)
  const { value } = await exchange(page, { resource: orders, scope: 'read' })
  expect(value).toMatchObject({ scope: 'read' })
  expect(decodePart(value!.token, 1)).toMatchObject({ aud: orders, scope: 'read' })
  const { error } = await exchange(page, { resource: orders, scope: 'read delete' })
  expect(error).toMatchObject({ name: 'AuthError', code: 'invalid_scope', retryable: false })
})

test('refuses an audience that is no resource of the server', async ({ page, app, as }) => {
  await startAlice(page, app, as)
  const { error } = await exchange(page, { audience: 'https://foreign.example.com/' })
  expect(error).toMatchObject({ name: 'AuthError', code: 'invalid_target', error: 'invalid_target' })
  expect((await exchange(page, { audience: ['bills', bills] })).value).toBeDefined()
  expect((await exchange(page, { audience: ['bills', orders] })).error).toMatchObject({ code: 'invalid_target' }) // prettier-ignore
})

test('refuses a subject or actor that is expired, forged or not of its type', async ({ page, app, as }) => {
  const own = await startAlice(page, app, as)
  for (const token of ['subjectToken', 'actorToken']) {
    const bad = [
      reissue(own, { exp: 1 }),
      forge(own),
      reissue(own, { iss: 'https://other.example' }),
      'made-up',
    ]
    for (const value of bad) {
      const { error } = await exchange(page, { [token]: value })
      expect(error).toMatchObject({ name: 'AuthError', code: 'invalid_request', retryable: false })
    }
    const asIdToken = { [token]: own, [`${token}Type`]: 'id_token' }
    expect((await exchange(page, asIdToken)).error).toMatchObject({ code: 'invalid_request' })
    expect((await exchange(page, { [token]: reissue(own) })).value).toBeDefined()
    expect((await exchange(page, { [token]: own, [`${token}Type`]: 'jwt' })).value).toBeDefined()
  }
})

test('refuses the subject token of another client', async ({ page, app, as }) => {
  const own = await startAlice(page, app, as)
  const { error } = await exchange(page, { subjectToken: reissue(own, { client_id: 'second-app' }) })
  expect(error).toMatchObject({ code: 'invalid_request' })
  expect((await exchange(page, { subjectToken: reissue(own) })).value).toBeDefined()
})

test('refuses an actor token of another client', async ({ page, app, as }) => {
  const own = await startAlice(page, app, as)
  const actor = (claims: object) => ({
    actorToken: reissue(own, { sub: 'bob', ...claims }),
    audience: 'bills',
  })
  const bound = { cnf: { jkt: 'of-a-key-that-is-elsewhere' } }
  for (const claims of [{ client_id: 'second-app' }, bound])
    expect((await exchange(page, actor(claims))).error).toMatchObject({ code: 'invalid_request' })
  expect((await exchange(page, actor({}))).value!.actors).toEqual([{ sub: 'bob' }])
})

test('refuses a token type that the server does not take', async ({ page, app, as }) => {
  const own = await startAlice(page, app, as)
  for (const type of ['saml1', 'saml2', 'https://token.example/type'])
    expect((await exchange(page, { subjectToken: own, subjectTokenType: type })).error).toMatchObject({
      code: 'invalid_request',
    })
  const byUrn = 'urn:ietf:params:oauth:token-type:access_token'
  expect((await exchange(page, { subjectToken: own, subjectTokenType: byUrn })).value).toBeDefined()
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

test('gets an ID token and another JWT, which are no access tokens', async ({ page, app, as }) => {
  const own = await startAlice(page, app, as)
  const idToken = await exchange(page, { requestedTokenType: 'id_token' })
  expect(idToken.value).toMatchObject({ tokenType: 'n_a', issuedTokenType: 'id_token', actors: [] })
  expect(decodePart(idToken.value!.token, 1)).toMatchObject({ sub: 'alice', aud: as.clientId })
  const actorToken = reissue(own, { sub: 'bob' })
  const jwt = await exchange(page, { requestedTokenType: 'jwt', audience: 'bills', actorToken })
  expect(jwt.value).toMatchObject({ tokenType: 'n_a', issuedTokenType: 'jwt', actors: [{ sub: 'bob' }] })
  expect(decodePart(jwt.value!.token, 0)).toMatchObject({ typ: 'JWT' })
  expect(decodePart(jwt.value!.token, 1)).toMatchObject({ sub: 'alice', aud: 'bills', act: { sub: 'bob' } })
})

test('takes an ID token for the subject', async ({ page, app, as }) => {
  const idToken = await startWithIdToken(page, app, as)
  const subject = { subjectToken: idToken, subjectTokenType: 'id_token', resource: bills }
  const { value } = await exchange(page, subject)
  expect(decodePart(value!.token, 1)).toMatchObject({ sub: 'alice', aud: 'bills' })
  const foreign = { ...subject, subjectToken: reissue(idToken, { aud: 'second-app' }) }
  expect((await exchange(page, foreign)).error).toMatchObject({ code: 'invalid_request' })
})

test('knows no actors of a token that is no JWT, and exchanges it again', async ({ page, app, as }) => {
  const own = await startAlice(page, app, as)
  const opaque = { resource: 'https://stock.example.com/', actorToken: reissue(own, { sub: 'bob' }) }
  const { value } = await exchange(page, opaque)
  expect(value).toMatchObject({ tokenType: 'bearer', scope: 'read' })
  expect(value!.token).not.toContain('.')
  expect(value!.actors).toBeUndefined()
  const { value: next } = await exchange(page, {
    subjectToken: value!.token,
    actorToken: reissue(own, { sub: 'carol' }),
    audience: 'bills',
  })
  expect(next!.actors).toEqual([{ sub: 'carol' }, { sub: 'bob' }])
})

test('refuses wrong options without a request, and prints no token', async ({ page, app, as }) => {
  const own = await startAlice(page, app, as)
  const { length } = as.requests
  const wrong = [
    { requestedTokenType: 'refresh_token' },
    { subjectToken: own, requestedTokenType: 'urn:ietf:params:oauth:token-type:refresh_token' },
    { subjectTokenType: own },
    { actorTokenType: 'access_token' },
    { subjectTokenType: 'id_token' },
  ]
  for (const options of wrong) {
    const { error } = await exchange(page, options)
    expect(error).toMatchObject({ name: 'TypeError' })
    expect(error!.message).not.toContain(own.slice(-20))
  }
  expect(as.requests).toHaveLength(length)
  expect((await exchange(page, { requestedTokenType: 'access_token' })).value).toBeDefined()
})

test('works from a bundle of its own, beside that of the client', async ({ page, app, as }) => {
  await startAlice(page, app, as)
  const { bundle } = await import('../figures/measure-size.js')
  const code = await bundle("import { exchangeToken } from 'latchkey/exchange'")
  app.route('/exchange-alone.js', () => ({ headers: { 'content-type': 'text/javascript' }, body: code }))
  const result = await page.evaluate(async (script) => {
    await import(script)
    const { used } = window as unknown as { used: Pick<Window['latchkey'], 'exchangeToken'> }
    const { exchangeToken } = used
    const other = exchangeToken(window.auth, { audience: 'foreign' }).catch((error: unknown) => error)
    return {
      same: exchangeToken === window.latchkey.exchangeToken,
      token: await exchangeToken(window.auth, { audience: 'bills' }),
      known: window.latchkey.isAuthError(await other),
      noClient: await exchangeToken({} as typeof window.auth).catch((error: Error) => error.name),
    }
  }, '/exchange-alone.js')
  expect(result).toMatchObject({ same: false, known: true, noClient: 'TypeError' })
  expect(decodePart(result.token.token, 1)).toMatchObject({ sub: 'alice', aud: 'bills' })
})

test('binds the new token to the key of the old one, and exchanges it for nobody else', async ({
  page,
  app,
  as,
}) => {
  void as
  await startSession(page, app, { ...options, dpop: true })
  const { value } = await exchange(page, { audience: 'bills' })
  expect(value).toMatchObject({ tokenType: 'dpop', issuedTokenType: 'access_token' })
  const own = (await getToken(page)).value!
  expect(decodePart(value!.token, 1)['cnf']).toEqual(decodePart(own, 1)['cnf'])

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

test('refuses a bearer token in exchange for one that is bound to a key', async ({ page, app, as }) => {
  await startSession(page, app, { ...options, dpop: true })
  const stop = as.tamperTokenResponse((json) => ({ ...json, token_type: 'Bearer' }))
  expect((await exchange(page, { audience: 'bills' })).error).toMatchObject({
    code: 'invalid_token_response',
    cause: { claim: 'token_type' },
  })
  stop()
  expect((await exchange(page, { audience: 'bills' })).error).toBe(undefined)
})
