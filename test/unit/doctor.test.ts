import { describe, expect, test } from 'vitest'
import { parseCommand } from '../../src/doctor/arguments.js'
import { findHidden, judgeAnswer, judgePreflight } from '../../src/doctor/cors.js'
import type { Facts } from '../../src/doctor/facts.js'
import { isFramedByAll, judgeFraming } from '../../src/doctor/framing.js'
import { findWellKnown } from '../../src/doctor/gather-facts.js'
import type { PageWalk } from '../../src/doctor/page-walk.js'
import type { Answer } from '../../src/doctor/probe.js'
import { formatReport } from '../../src/doctor/report.js'
import { checkNames, red, type Level } from '../../src/doctor/row.js'
import { runChecks } from '../../src/doctor/run-checks.js'

const origin = 'https://app.example.com'
const issuer = 'https://id.example.com'
const page = `${issuer}/authorize`

function answer(headers: Record<string, string> = {}, status = 200, body = ''): Answer {
  return { url: page, status, headers: new Headers(headers), body }
}

const open = { 'access-control-allow-origin': '*' }
const json = { ...open, 'content-type': 'application/json; charset=utf-8' }
const returned = new URLSearchParams({ error: 'login_required', iss: issuer })
const html = { 'content-type': 'text/html; charset=utf-8' }
const metadata = {
  issuer,
  authorization_endpoint: page,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/keys`,
  userinfo_endpoint: `${issuer}/me`,
  revocation_endpoint: `${issuer}/revoke`,
  end_session_endpoint: `${issuer}/logout`,
  pushed_authorization_request_endpoint: `${issuer}/par`,
  scopes_supported: ['openid'],
  response_types_supported: ['code'],
  response_modes_supported: ['query', 'fragment', 'web_message'],
  grant_types_supported: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_methods_supported: ['none'],
  code_challenge_methods_supported: ['S256'],
  id_token_signing_alg_values_supported: ['RS256'],
  dpop_signing_alg_values_supported: ['ES256'],
  authorization_response_iss_parameter_supported: true,
}
const framed = { ...html, 'content-security-policy': `frame-ancestors ${origin}` }
const nonce = { ...open, 'dpop-nonce': 'eyJ7S_zG' }
const refusal = (error: string, why: string) =>
  answer(open, 400, JSON.stringify({ error, error_description: why }))
const noClient = { ...refusal('invalid_client', 'unknown'), status: 401 }
const wantsToken = { 'www-authenticate': 'Bearer error="invalid_token"' }
const shown = { ...open, ...wantsToken, 'access-control-expose-headers': 'WWW-Authenticate' }
const refusedPage: PageWalk = { steps: [answer(html, 400, '<p>Refused</p>')] }
const hiddenPushed = answer({}, 201, '{"request_uri":"urn:1"}')
const healthy: Facts = {
  issuer,
  origin,
  redirectUri: `${origin}/callback.html`,
  clientId: 'spa',
  dpop: false,
  par: false,
  discovery: { oidc: answer(json), oauth2: answer({}, 404) },
  found: 'oidc',
  metadata,
  jwks: answer(json, 200, '{"keys":[{"kty":"EC"}]}'),
  nobody: { token: noClient, tokenWithProof: noClient, revocation: noClient, pushed: noClient },
  tokenWithWrongProof: refusal('invalid_dpop_proof', 'not a JWT'),
  refresh: refusal('invalid_grant', 'unknown'),
  token: answer(json, 400, '{"error":"invalid_grant"}'),
  tokenWithProof: answer(
    { ...nonce, 'access-control-expose-headers': 'DPoP-Nonce, WWW-Authenticate' },
    400,
    '{"error":"use_dpop_nonce"}',
  ),
  tokenPreflight: answer({ ...open, 'access-control-allow-headers': 'DPoP' }, 204),
  userinfo: answer(shown, 401),
  userinfoPreflight: answer({ ...open, 'access-control-allow-headers': 'Authorization' }, 204),
  revocation: answer(open),
  pushed: answer(json, 201, '{"request_uri":"urn:1"}'),
  pages: {
    silent: { steps: [answer({}, 303)], returned },
    message: { steps: [answer(framed, 400, 'postMessage iss')] },
    login: { steps: [answer({}, 303), answer(framed)] },
    nobody: refusedPage,
    elsewhere: refusedPage,
    logout: { steps: [answer(html)] },
    logoutElsewhere: refusedPage,
  },
}

const signInPage: PageWalk = { steps: [answer(html, 200, '<input type="password" name="p">')] }

const levelsOf = (facts: Facts) =>
  Object.fromEntries(
    runChecks(facts)
      .filter(({ level }) => level !== 'green')
      .map(({ id, level }) => [id, level]),
  )
const withMetadata = (change: object): Facts => ({ ...healthy, metadata: { ...metadata, ...change } })
const withPages = (change: Partial<Facts['pages'] & object>): Facts => ({
  ...healthy,
  pages: { ...healthy.pages!, ...change },
})
const withoutMessage = (pages: Partial<Facts['pages'] & object>): Facts => {
  const { message: _, ...rest } = healthy.pages!
  return { ...healthy, pages: { ...rest, ...pages } }
}

/** What is wrong, the facts, and the checks that are not green then. */
const cases: [what: string, facts: Facts, levels: Record<string, Level>][] = [
  ['nothing', healthy, {}],
  ['no S256', withMetadata({ code_challenge_methods_supported: ['plain'] }), { pkce: 'red' }],
  ['silence about PKCE', withMetadata({ code_challenge_methods_supported: undefined }), { pkce: 'amber' }],
  ['no code flow', withMetadata({ response_types_supported: ['id_token'] }), { 'code-flow': 'red' }],
  ['only form_post', withMetadata({ response_modes_supported: ['form_post'] }), { 'response-mode': 'red' }],
  ['no token endpoint', withMetadata({ token_endpoint: undefined }), { endpoints: 'red' }],
  [
    'an endpoint without TLS',
    withMetadata({ token_endpoint: 'http://id.example.com/' }),
    { endpoints: 'red' },
  ],
  ['another issuer', withMetadata({ issuer: `${issuer}/tenant` }), { issuer: 'red' }],
  ['no iss', withMetadata({ authorization_response_iss_parameter_supported: undefined }), { iss: 'amber' }],
  [
    'ID tokens signed with HMAC',
    withMetadata({ id_token_signing_alg_values_supported: ['HS256', 'none'] }),
    { 'id-token-alg': 'red' },
  ],
  ['no ID tokens', withMetadata({ scopes_supported: ['orders'] }), { 'id-token-alg': 'grey' }],
  [
    'no refresh tokens',
    withMetadata({ grant_types_supported: ['authorization_code'] }),
    { refresh: 'amber' },
  ],
  ['silence about refresh tokens', withMetadata({ grant_types_supported: undefined }), { refresh: 'amber' }],
  ['DPoP without ES256', withMetadata({ dpop_signing_alg_values_supported: ['PS256'] }), { dpop: 'amber' }],
  ['hidden nonces', { ...healthy, tokenWithProof: answer(nonce, 400) }, { dpop: 'amber' }],
  ['no nonces', { ...healthy, tokenWithProof: answer(open, 400) }, {}],
  [
    'an invalid proof that changes nothing',
    { ...healthy, tokenWithWrongProof: healthy.tokenWithProof! },
    { dpop: 'grey' },
  ],
  [
    'an invalid proof that changes nothing, if the app uses dpop()',
    { ...healthy, dpop: true, tokenWithWrongProof: healthy.tokenWithProof! },
    { dpop: 'amber' },
  ],
  [
    'dpop() at a server without DPoP',
    { ...withMetadata({ dpop_signing_alg_values_supported: undefined }), dpop: true },
    { dpop: 'red' },
  ],
  [
    'par: true at a server without PAR',
    { ...withMetadata({ pushed_authorization_request_endpoint: undefined }), par: true },
    { par: 'red' },
  ],
  [
    'par: true, dpop() and a client that requires DPoP',
    { ...healthy, par: true, dpop: true, token: refusal('invalid_dpop_proof', 'none') },
    { 'public-client': 'amber' },
  ],
  [
    'a client that requires DPoP',
    {
      ...healthy,
      token: refusal('invalid_request', 'DPoP proof is missing'),
      tokenWithProof: refusal('invalid_grant', 'Code not valid'),
    },
    { dpop: 'amber' },
  ],
  [
    'a client with a secret that requires DPoP',
    {
      ...healthy,
      token: refusal('invalid_dpop_proof', 'no proof'),
      tokenWithProof: refusal('invalid_client', 'no secret'),
    },
    { dpop: 'amber', 'public-client': 'red' },
  ],
  [
    'a client that requires PAR',
    withPages({ login: { ...healthy.pages!.login, pushed: true } }),
    { par: 'amber' },
  ],
  [
    'required PAR without an endpoint',
    withMetadata({
      require_pushed_authorization_requests: true,
      pushed_authorization_request_endpoint: undefined,
    }),
    { par: 'red' },
  ],
  [
    'a logout that does not check where it returns to',
    withPages({ logoutElsewhere: healthy.pages!.logout! }),
    { logout: 'grey' },
  ],
  [
    'an unregistered URI to return to',
    withPages({ logout: { steps: [answer({}, 400, 'post_logout_redirect_uri not registered')] } }),
    { logout: 'amber' },
  ],
  ['a logout that requires an ID token', withPages({ logout: refusedPage }), { logout: 'grey' }],
  [
    'a logout that requires an ID token to return (Ory Hydra)',
    withPages({
      logout: {
        steps: [answer({}, 400, 'post_logout_redirect_uri is set but id_token_hint is missing')],
      },
    }),
    { logout: 'grey' },
  ],
  ['no logout', withMetadata({ end_session_endpoint: undefined }), { logout: 'amber' }],
  [
    'a client with a secret',
    { ...healthy, token: { ...healthy.token!, body: '{"error":"invalid_client"}' } as Answer },
    { 'public-client': 'red' },
  ],
  [
    'a client with a secret, by status alone',
    { ...healthy, token: answer(open, 401) },
    { 'public-client': 'red' },
  ],
  [
    'a code that is looked up before the client',
    { ...healthy, nobody: { ...healthy.nobody, token: healthy.token! } },
    { 'public-client': 'amber' },
  ],
  [
    'a control request that is rate-limited',
    { ...healthy, nobody: { ...healthy.nobody, token: answer(open, 429) } },
    { 'public-client': 'amber' },
  ],
  [
    'a token endpoint that does not exist',
    { ...healthy, token: answer(open, 404) },
    {
      'public-client': 'amber',
      'cors-token': 'red',
    },
  ],
  [
    'a client that may not refresh',
    { ...healthy, refresh: refusal('unauthorized_client', 'not for this client') },
    { refresh: 'amber' },
  ],
  [
    'tokens that only another origin may read',
    {
      ...healthy,
      token: { ...healthy.token!, headers: new Headers({ 'access-control-allow-origin': issuer }) },
    },
    { 'cors-token': 'red' },
  ],
  ['PAR with a secret', { ...healthy, pushed: answer(open, 401) }, { par: 'amber' }],
  [
    'required PAR with a secret',
    { ...withMetadata({ require_pushed_authorization_requests: true }), pushed: answer(open, 401) },
    { par: 'red' },
  ],
  [
    'PAR that accepts every client',
    { ...healthy, nobody: { ...healthy.nobody, pushed: healthy.pushed! } },
    { par: 'grey' },
  ],
  ['PAR that fails', { ...healthy, pushed: answer(open, 400) }, { par: 'amber' }],
  ['PAR without CORS', { ...healthy, pushed: hiddenPushed }, { 'cors-par': 'amber' }],
  [
    'required PAR without CORS',
    { ...withMetadata({ require_pushed_authorization_requests: true }), pushed: hiddenPushed },
    { 'cors-par': 'red' },
  ],
  ['a revocation without CORS', { ...healthy, revocation: answer() }, { 'cors-revocation': 'amber' }],
  [
    'a revocation that requires a secret',
    { ...healthy, revocation: answer(open, 401) },
    { 'cors-revocation': 'amber' },
  ],
  ['a revocation that fails', { ...healthy, revocation: answer(open, 400) }, { 'cors-revocation': 'amber' }],
  [
    'a revocation that accepts every client',
    { ...healthy, nobody: { ...healthy.nobody, revocation: answer(open) } },
    { 'cors-revocation': 'grey' },
  ],
  ['userinfo for an invalid token', { ...healthy, userinfo: answer(shown) }, { 'cors-userinfo': 'amber' }],
  ['userinfo without a reason', { ...healthy, userinfo: answer(open, 401) }, { 'cors-userinfo': 'amber' }],
  [
    'userinfo with a hidden reason',
    { ...healthy, userinfo: answer({ ...open, ...wantsToken }, 401) },
    { 'cors-userinfo': 'amber' },
  ],
  [
    'userinfo without a preflight',
    { ...healthy, userinfoPreflight: answer({}, 405) },
    { 'cors-userinfo': 'amber' },
  ],
  ['no key', { ...healthy, jwks: answer(open, 200, '{"keys":[]}') }, { 'cors-jwks': 'red' }],
  ['keys that are not JSON', { ...healthy, jwks: answer(open, 200, '<p>') }, { 'cors-jwks': 'red' }],
  [
    'metadata as text',
    {
      ...healthy,
      discovery: { ...healthy.discovery, oidc: answer({ ...open, 'content-type': 'text/plain' }) },
    },
    { discovery: 'red' },
  ],
  [
    'only metadata of RFC 8414',
    { ...healthy, found: 'oauth2', discovery: { oidc: answer({}, 404), oauth2: answer(json) } },
    { discovery: 'amber' },
  ],
  [
    'a rejected scope',
    withPages({
      silent: { steps: [], returned: new URLSearchParams({ error: 'invalid_scope', iss: issuer }) },
    }),
    { 'redirect-uri': 'amber', 'silent-frame': 'amber' },
  ],
  [
    'an unknown redirect URI',
    withPages({ silent: { steps: [answer({}, 400)] } }),
    { 'redirect-uri': 'red', 'silent-frame': 'grey', 'login-frame': 'grey', coop: 'grey' },
  ],
  [
    'JSON instead of the sign-in page',
    withPages({ login: { steps: [answer(json)] } }),
    { 'login-frame': 'grey', coop: 'grey' },
  ],
  [
    'JSON instead of a web message',
    withPages({ message: { steps: [answer(json, 200, '{}')] } }),
    { 'silent-frame': 'grey' },
  ],
  [
    'a redirect URI that is checked after the sign-in',
    withoutMessage({ silent: signInPage, nobody: signInPage, elsewhere: signInPage }),
    { 'redirect-uri': 'amber', 'silent-frame': 'amber', iss: 'grey' },
  ],
  [
    'a client that is checked after the sign-in',
    withPages({ nobody: healthy.pages!.silent }),
    { 'redirect-uri': 'amber' },
  ],
  [
    'a redirect to anywhere',
    withPages({ elsewhere: { steps: [], returned: new URLSearchParams({ error: 'server_error' }) } }),
    { 'redirect-uri': 'amber' },
  ],
  [
    'control requests without a response',
    withPages({ nobody: { steps: [], failure: 'no answer' } }),
    { 'redirect-uri': 'amber' },
  ],
  [
    'an error without the promised issuer',
    withPages({ silent: { steps: [], returned: new URLSearchParams({ error: 'login_required' }) } }),
    { iss: 'red' },
  ],
  [
    'a response with another issuer',
    withPages({ login: { steps: [], returned: new URLSearchParams({ code: 'c', iss: `${issuer}/other` }) } }),
    { iss: 'red', 'login-frame': 'grey', coop: 'grey' },
  ],
  [
    'a web message without the promised issuer',
    withPages({ message: { steps: [answer(framed, 400, 'postMessage')] } }),
    { iss: 'red' },
  ],
  [
    'a sign-in page in response to prompt=none',
    withPages({ silent: { steps: [answer(html, 200, '<input type="password" name="p">')] } }),
    { 'silent-frame': 'amber' },
  ],
  [
    'an error page',
    withPages({ silent: { steps: [answer({}, 200, '<p>Unknown redirect URI</p>')] } }),
    { 'redirect-uri': 'red', 'silent-frame': 'grey', 'login-frame': 'grey', coop: 'grey' },
  ],
  [
    'a blocked frame',
    withPages({
      message: { steps: [answer({ ...html, 'x-frame-options': 'DENY' }, 400, 'postMessage iss')] },
    }),
    { 'silent-frame': 'red' },
  ],
  [
    'a frame that posts nothing',
    withPages({ message: { steps: [answer(framed)] } }),
    { 'silent-frame': 'amber' },
  ],
  [
    'a sign-in page in any frame',
    withPages({ login: { steps: [answer(html)] } }),
    { 'login-frame': 'amber' },
  ],
  [
    'COOP before a web message',
    withPages({ login: { steps: [answer({ ...framed, 'cross-origin-opener-policy': 'same-origin' })] } }),
    { coop: 'red' },
  ],
  [
    'COOP before the callback page',
    withoutMessage({
      login: { steps: [answer({ ...framed, 'cross-origin-opener-policy': 'same-origin-allow-popups' })] },
    }),
    { coop: 'amber' },
  ],
  [
    'COOP that severs nothing',
    withPages({ login: { steps: [answer({ ...framed, 'cross-origin-opener-policy': 'unsafe-none' })] } }),
    {},
  ],
]

/** What can be looked at for a client alone. */
const ofClient = [
  'iss',
  'public-client',
  'par',
  'logout',
  'redirect-uri',
  'silent-frame',
  'login-frame',
  'coop',
]

describe('the checks', () => {
  test.each(cases)('find %s, and nothing else', (_what, facts, levels) => {
    expect(levelsOf(facts)).toEqual(levels)
  })

  test('give every check one row, and every amber and red one a fix', () => {
    for (const [, facts] of cases) {
      const rows = runChecks(facts)
      expect(rows.map(({ id }) => id)).toEqual(Object.keys(checkNames))
      for (const { level, fix } of rows) expect(Boolean(fix)).toBe(level === 'amber' || level === 'red')
    }
  })

  test('distinguish a template from a different issuer', () => {
    const fixAt = (said: string) => {
      const rows = runChecks({ ...withMetadata({ issuer: said }), issuer: `${issuer}/common/v2.0` })
      return rows.find(({ id }) => id === 'issuer')
    }
    const template = `${issuer}/{tenantid}/v2.0`
    expect(fixAt(template)).toEqual({
      id: 'issuer',
      level: 'red',
      found: `the issuer in the metadata is a template: ${template}`,
      fix: 'Use the issuer of one tenant, with its value in place of {tenantid}, or this template with the option "tenants".',
    })
    const other = `${issuer}/9188040d/v2.0`
    expect(fixAt(other)?.fix).toContain(`Write issuer: '${other}', exactly`)
  })

  test('find an app without TLS, except on localhost', () => {
    const levelAt = (own: string) => levelsOf({ ...healthy, origin: own })['origin']
    expect(levelAt('http://10.0.0.2:5173')).toBe('red')
    expect(levelAt('http://localhost:5173')).toBeUndefined()
  })

  test('distinguish a server that rejected a login from one that did not respond', () => {
    const said = (silent: PageWalk) =>
      runChecks(withPages({ silent })).find(({ id }) => id === 'login-frame')?.found
    expect(said({ steps: [answer({}, 400)] })).toBe('not reached: the request was refused')
    expect(said({ steps: [answer({}, 500)] })).toBe('not reached')
    expect(said({ steps: [], failure: 'no answer' })).toBe('not reached')
  })

  test('say that a second issuer cannot share the redirect URI if responses do not name the issuer', () => {
    const issOf = (supported: boolean | undefined) =>
      runChecks(withMetadata({ authorization_response_iss_parameter_supported: supported })).find(
        ({ id }) => id === 'iss',
      )
    expect(issOf(undefined)?.found).toContain('a second issuer on a page cannot share the redirect URI')
    expect(issOf(undefined)?.fix).toContain("redirectUri: '/callback.html?as=a'")
    expect(issOf(true)).toEqual({ id: 'iss', level: 'green', found: 'responses name the issuer (RFC 9207)' })
  })

  test('suggest registering the redirect URI if it was rejected, but not if the server failed', () => {
    const fixAt = (status: number) => {
      const rows = runChecks(withPages({ silent: { steps: [answer({}, status, '<p>No</p>')] } }))
      return rows.find(({ id }) => id === 'redirect-uri')?.fix
    }
    expect(fixAt(400)).toContain('Register exactly')
    expect(fixAt(500)).toContain('Fix the server')
    expect(fixAt(500)).not.toContain('Register')
  })

  test('distinguish a server without refresh tokens from one that does not say', () => {
    const fixOf = (types: string[] | undefined) =>
      runChecks(withMetadata({ grant_types_supported: types })).find(({ id }) => id === 'refresh')?.fix
    expect(fixOf(['authorization_code'])).toContain('Enable refresh tokens')
    expect(fixOf(undefined)).toContain('Make sure')
  })

  test('skip the pages without a client ID, and say so', () => {
    const { pages: _, nobody: __, refresh: ___, ...seen } = healthy
    const rows = runChecks({ ...seen, clientId: undefined, token: answer() })
    const grey = rows.filter(({ level }) => level === 'grey')
    expect(grey.map(({ id }) => id)).toEqual(ofClient)
    for (const { found } of grey) expect(found).toContain('--client-id')
    expect(rows.find(({ id }) => id === 'cors-token')).toMatchObject({
      level: 'amber',
      fix: expect.stringContaining('--client-id') as string,
    })
  })
})

describe('CORS', () => {
  test.each([
    ['a star', open, 200, undefined],
    ['this origin', { 'access-control-allow-origin': origin }, 400, undefined],
    ['nothing', {}, 200, 'without'],
    ['another origin', { 'access-control-allow-origin': 'http://app.example.com' }, 200, 'which is not'],
    ['two origins', { 'access-control-allow-origin': `${origin}, *` }, 200, 'which is not'],
    ['a redirect', open, 302, 'redirect'],
  ])('an answer with %s', (_what, headers: Record<string, string>, status, said) => {
    const judged = judgeAnswer(answer(headers, status), origin)
    if (said) expect(judged).toContain(said)
    else expect(judged).toBeUndefined()
  })

  test('a preflight must allow method and headers, and a wildcard does not cover Authorization', () => {
    const judge = (headers: Record<string, string>, method: string, wanted: string[], status = 204) =>
      judgePreflight(answer({ ...open, ...headers }, status), origin, method, wanted)
    const star = { 'access-control-allow-headers': '*', 'access-control-allow-methods': '*' }
    expect(judge(star, 'DELETE', ['dpop'])).toBeUndefined()
    expect(judge(star, 'GET', ['authorization'])).toContain('authorization')
    expect(
      judge({ 'access-control-allow-headers': 'DPoP,Authorization' }, 'GET', ['authorization', 'dpop']),
    ).toBe(undefined)
    expect(judge({}, 'POST', ['dpop'])).toContain('dpop')
    expect(judge({}, 'DELETE', [])).toContain('DELETE')
    expect(judge(star, 'GET', ['dpop'], 401)).toContain('401')
  })

  test('a header that is not exposed is hidden', () => {
    const names = ['DPoP-Nonce', 'WWW-Authenticate']
    expect(findHidden(answer({ 'access-control-expose-headers': 'dpop-nonce' }), names)).toEqual([
      'WWW-Authenticate',
    ])
    expect(findHidden(answer({ 'access-control-expose-headers': '*' }), names)).toEqual([])
    expect(findHidden(undefined, names)).toEqual(names)
  })
})

/** Headers of a page, and whether `https://app.example.com` may frame it. */
const frames: [headers: Record<string, string>, allowed: boolean][] = [
  [{}, true],
  [{ 'x-frame-options': 'DENY' }, false],
  [{ 'x-frame-options': 'SameOrigin' }, false],
  [{ 'x-frame-options': 'ALLOW-FROM https://other.example' }, true],
  [{ 'x-frame-options': 'deny, allowall' }, false],
  [{ 'content-security-policy': "default-src 'self'" }, true],
  [{ 'content-security-policy': "frame-ancestors 'none'" }, false],
  [{ 'content-security-policy': "frame-ancestors 'self'" }, false],
  [{ 'content-security-policy': 'frame-ancestors' }, false],
  [{ 'content-security-policy': 'frame-ancestors *' }, true],
  [{ 'content-security-policy': 'frame-ancestors https:' }, true],
  [{ 'content-security-policy': 'frame-ancestors http:' }, true],
  [{ 'content-security-policy': `frame-ancestors ${origin}` }, true],
  [{ 'content-security-policy': 'frame-ancestors app.example.com' }, true],
  [{ 'content-security-policy': 'frame-ancestors https://*.example.com' }, true],
  [{ 'content-security-policy': 'frame-ancestors *.app.example.com' }, false],
  [{ 'content-security-policy': `frame-ancestors ${origin}:8443` }, false],
  [{ 'content-security-policy': `frame-ancestors ${origin}:*` }, true],
  [{ 'content-security-policy': `frame-ancestors ${origin}`, 'x-frame-options': 'DENY' }, true],
  [{ 'content-security-policy': `frame-ancestors ${origin}, frame-ancestors 'none'` }, false],
  [{ 'content-security-policy': "frame-ancestors 'none'; frame-ancestors *" }, false],
]

describe('framing', () => {
  test.each(frames)('%o: %s', (headers, allowed) => {
    expect(judgeFraming(new Headers(headers), page, origin) === undefined).toBe(allowed)
  })

  test('lets a page into frames of its own origin', () => {
    for (const headers of [
      { 'x-frame-options': 'SAMEORIGIN' },
      { 'content-security-policy': "frame-ancestors 'self'" },
    ])
      expect(judgeFraming(new Headers(headers as Record<string, string>), page, issuer)).toBeUndefined()
  })

  test('distinguishes a page that any site can frame from one that some can', () => {
    expect(isFramedByAll(new Headers(), page)).toBe(true)
    expect(isFramedByAll(new Headers(framed), page)).toBe(false)
  })
})

test('metadata is looked up at both well-known URLs', () => {
  expect(findWellKnown('https://id.example.com/tenant/')).toEqual([
    'https://id.example.com/tenant/.well-known/openid-configuration',
    'https://id.example.com/.well-known/oauth-authorization-server/tenant',
  ])
})

describe('the command line', () => {
  test('has defaults, and takes the origin from the redirect URI', () => {
    expect(parseCommand(['doctor', issuer])).toEqual({
      kind: 'examine',
      question: {
        issuer,
        origin: 'http://localhost:5173',
        redirectUri: 'http://localhost:5173/callback.html',
        clientId: undefined,
        dpop: false,
        par: false,
      },
      json: false,
      timeout: 10_000,
    })
    expect(parseCommand(['doctor', issuer, '--redirect-uri', `${origin}/back?as=a`])).toMatchObject({
      question: { origin, redirectUri: `${origin}/back?as=a` },
    })
    expect(parseCommand(['doctor', issuer, '--dpop', '--par'])).toMatchObject({
      question: { dpop: true, par: true },
    })
    expect(parseCommand(['--help'])).toEqual({ kind: 'help' })
  })

  test.each([
    [[], 'missing command'],
    [['examine', issuer], 'unknown command "examine"'],
    [['doctor'], 'missing issuer'],
    [['doctor', issuer, issuer], 'one issuer'],
    [['doctor', 'id.example.com'], 'must be an https: or http: URL'],
    [['doctor', `${issuer}?a=b`], 'must not have a user, query or fragment'],
    [['doctor', issuer, '--origin', `${origin}/app`], 'must only have scheme'],
    [['doctor', issuer, '--origin', origin, '--redirect-uri', 'https://other.example/'], 'must be on'],
    [['doctor', issuer, '--client-id', ''], '"--client-id" is empty'],
    [['doctor', issuer, '--timeout', 'long'], '"--timeout"'],
    [['doctor', issuer, '--client-secret', 'x'], 'unknown option "--client-secret"'],
    [['doctor', issuer, '--orgin', origin], 'unknown option "--orgin"'],
    [['doctor', issuer, '-x'], 'unknown option "-x"'],
    [
      ['doctor', `${issuer}/tenant/.well-known/openid-configuration`],
      'leave out "/.well-known/openid-configuration": the issuer is https://id.example.com/tenant',
    ],
    [['doctor', `${issuer}/.well-known/oauth-authorization-server/tenant`], `the issuer is ${issuer}/tenant`],
  ])('%o is invalid usage', (args, said) => {
    expect(parseCommand(args)).toMatchObject({
      kind: 'wrong',
      problem: expect.stringContaining(said) as string,
    })
  })
})

describe('the report', () => {
  const rows = runChecks(
    withPages({ silent: { steps: [answer({}, 400, '\u001b[31mNo\u202e such client')] } }),
  )

  test('fits the width, except for URLs, and marks each level with a symbol besides its colour', () => {
    const text = formatReport(healthy, rows, { width: 60, colours: false })
    for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(60)
    for (const sign of ['✔ PKCE', '✖ Redirect URI', '· Popup', '→ Register exactly'])
      expect(text).toContain(sign)
    expect(text).toContain('✖ 1 broken')
  })

  test('has colours only on request, and removes control characters sent by a server', () => {
    const text = formatReport(healthy, rows, { width: 80, colours: false })
    expect(text).not.toMatch(/[\u001b\u202e]/)
    const coloured = formatReport(healthy, rows, { width: 80, colours: true })
    expect(coloured).toContain('\u001b[31m✖ Redirect URI')
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(text)
  })

  test('does not break a URL', () => {
    const url = `${origin}/${'a'.repeat(80)}`
    expect(
      formatReport(healthy, [red('pkce', `see ${url} there`, 'None.')], { width: 60, colours: false }),
    ).toContain(url)
  })
})
