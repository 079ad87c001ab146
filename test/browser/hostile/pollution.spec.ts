import { authorizationsAt, received } from '../../rig/api-calls.js'
import { expect, test } from '../../rig/fixtures.js'
import { runPolluted, type Moment } from '../../rig/polluted-page.js'
import { publishMetadata } from '../../rig/published-metadata.js'

// A server that does not promise `iss`, so that its metadata could inherit that promise.
test.use({ asOptions: { sendIss: false } })

/** What an attacker puts on `Object.prototype`, by what it pretends to be. `evil` is a server that answers everything. */
const pollutions: Record<string, (evil: string) => object> = {
  'options of createClient': (evil) => ({
    redirectUri: `${evil}/callback.html`,
    scope: 'openid admin',
    resource: evil,
    params: { audience: evil, login_hint: 'mallory' },
    metadata: {
      token_endpoint: `${evil}/token`,
      authorization_endpoint: `${evil}/auth`,
      jwks_uri: `${evil}/jwks`,
    },
    apis: [{ url: evil }],
    discovery: 'oauth2',
    par: true,
    stepUp: 'popup',
    clockTolerance: 1e9,
    responseMode: 'query',
    store: { update: true },
    onEvent: true,
  }),
  'options of calls': (evil) => ({
    mode: 'redirect',
    prompt: 'none',
    loginHint: 'mallory',
    acrValues: 'weak',
    maxAge: 0,
    claims: { id_token: { email: null } },
    authorizationDetails: [{ type: 'payment' }],
    uiLocales: 'xx',
    returnTo: `${evil}/`,
    hinted: true,
    sub: 'mallory',
    since: 1e15,
    local: true,
    revoke: false,
    minValidity: 0,
    resources: [evil],
    key: 'other',
  }),
  'metadata of the server': (evil) => ({
    issuer: evil,
    jwks_uri: `${evil}/jwks`,
    pushed_authorization_request_endpoint: `${evil}/par`,
    require_pushed_authorization_requests: true,
    revocation_endpoint: `${evil}/revoke`,
    end_session_endpoint: `${evil}/logout`,
    userinfo_endpoint: `${evil}/userinfo`,
    use_mtls_endpoint_aliases: true,
    mtls_endpoint_aliases: { token_endpoint: `${evil}/token`, revocation_endpoint: `${evil}/revoke` },
    response_modes_supported: ['query'],
    authorization_response_iss_parameter_supported: true,
  }),
  'members of answers': (evil) => ({
    iss: evil,
    sub: 'mallory',
    aud: 'other',
    nonce: 'n',
    code: 'c',
    state: 's',
    token: 't',
    scope: 'admin',
    refresh_token: 'stolen',
    refreshToken: 'stolen',
    id_token: 'e30.e30.e30',
    access_token: 'stolen',
    accessToken: 'stolen',
    expires_in: 1,
    error: 'access_denied',
    error_description: 'polluted',
    authorization_details: [{ type: 'payment' }],
    inDoubt: true,
    refused: true,
    reply: `${evil}/callback.html?code=c`,
    latchkey: `${evil}/callback.html?code=c&state=s`,
    type: 'authorization_response',
    response: { code: 'c', state: 's' },
    jkt: 'other',
    cutOffUntil: 9e15,
  }),
  'members of requests': (evil) => ({
    method: 'PUT',
    headers: { 'x-polluted': '1' },
    credentials: 'include',
    redirect: 'follow',
    referrer: `${evil}/`,
    referrerPolicy: 'unsafe-url',
    cache: 'force-cache',
    integrity: '',
    additionalParameters: { resource: evil, client_id: 'other' },
    steal: true,
    ifAvailable: true,
    once: true,
  }),
}

for (const moment of ['before load', 'after load'] as Moment[])
  for (const [name, build] of Object.entries(pollutions))
    test(`follows nothing that ${name} inherit from a prototype polluted ${moment}`, async ({
      page,
      as,
      app,
      startApp,
    }) => {
      test.slow()
      const [evil, api] = [await startApp({ host: '127.0.0.1' }), await startApp({ host: 'api.localhost' })]
      evil.route('/*', () => ({ body: {} }))
      api.route('/orders', () => ({ body: 'the orders' }))
      const run = async (values: object) => {
        as.requests.length = 0
        api.requests.length = 0
        await page.context().clearCookies()
        const result = await runPolluted(page, app, as, values, moment, api.origin)
        const sent = as.requests
          .filter(({ endpoint, preflight }) => !preflight && /^(authorize|token|revocation)$/.test(endpoint))
          .map(({ method, path, params }) => [method, path, Object.keys(params).sort(), params['scope']])
        return {
          result,
          sent,
          headers: authorizationsAt(api),
          calls: received(api).map(({ method, headers }) => [method, headers['x-polluted']]),
        }
      }
      const polluted = await run(build(evil.origin))
      const clean = await run({})
      // The controls: the page is polluted, and without it, all of this works.
      expect(polluted.result.isPolluted).toBe(true)
      expect(clean.result).toMatchObject({
        state: { status: 'logged-in', user: { sub: 'alice' } },
        statuses: [200, 200],
      })

      expect(polluted.result.error).toBeUndefined()
      expect(polluted.result.state).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
      expect(polluted.result.uncaught).toEqual([])
      expect(polluted.result.databases).toEqual(clean.result.databases)
      expect(clean.result.databases).toContain('latchkey')
      expect(polluted.sent).toEqual(clean.sent)
      expect(polluted.calls).toEqual(clean.calls)
      expect(polluted.headers).toEqual(polluted.result.tokens!.map((token) => `Bearer ${token}`))
      expect(evil.requests).toEqual([])
    })

for (const moment of ['before load', 'after load'] as Moment[])
  test(`accepts no algorithm that the metadata of a server with tenants inherit from a prototype polluted ${moment}`, async ({
    page,
    as,
    app,
    startApp,
  }) => {
    const api = await startApp({ host: 'api.localhost' })
    api.route('/orders', () => ({ body: 'the orders' }))
    const issuer = `${as.issuer}/{tenantid}/v2.0`
    const tid = '3f2504e0-4f89-41d3-9a0c-0305e82c3301'
    as.tamperIdToken((claims) => ({ claims: { ...claims, tid, iss: issuer.replace('{tenantid}', tid) } }))
    const values = {
      authorization_response_iss_parameter_supported: true,
      id_token_signing_alg_values_supported: ['ES256'],
    }
    const run = () => runPolluted(page, app, as, values, moment, api.origin, { issuer, tenants: [tid] })
    // Without the field, only RS256 is allowed, and this server signs with ES256.
    const published = await publishMetadata(as, { issuer, id_token_signing_alg_values_supported: undefined })
    expect(await run()).toMatchObject({ isPolluted: true, error: { code: 'invalid_id_token' } })
    published.end()
    // The control: with the field, the same page logs in.
    await publishMetadata(as, { issuer })
    await page.context().clearCookies()
    await page.evaluate(() => new Promise((done) => (indexedDB.deleteDatabase('latchkey').onsuccess = done)))
    const { state, statuses, error } = await run()
    expect(error).toBeUndefined()
    expect(state).toMatchObject({ status: 'logged-in', user: { sub: 'alice', tid } })
    expect(statuses).toEqual([200, 200])
  })
