import { describe, expect, test } from 'vitest'
import { buildAuthorizationUrl, chooseResponseMode } from '../../src/protocol/authorization-url.js'
import { parseCallbackUrl } from '../../src/protocol/authorization-response.js'
import { buildAuthorizationRequest, type Prepared } from '../../src/login/authorization-request.js'
import { buildConfig } from '../../src/config.js'
import { findApi } from '../../src/fetch/authorized-fetch.js'
import { buildTokenKey, checkScope, isFresh } from '../../src/session/tokens.js'

const as = { issuer: 'https://id.example', authorization_endpoint: 'https://id.example/auth?tenant=1' }

describe('chooseResponseMode', () => {
  const server = (...modes: string[]) => ({ ...as, response_modes_supported: modes })
  test('chooses web_message if the server supports it and it can reach the page', () => {
    expect(chooseResponseMode(server('query', 'fragment', 'web_message'), undefined, true)).toBe(
      'web_message',
    )
    expect(chooseResponseMode(server('query', 'fragment', 'web_message'), undefined, false)).toBe('fragment')
  })
  test('prefers fragment to query, even if the metadata does not say', () => {
    expect(chooseResponseMode(server('query', 'fragment'), undefined, true)).toBe('fragment')
    expect(chooseResponseMode(as, undefined, true)).toBe('fragment')
    expect(chooseResponseMode(server('query'), undefined, true)).toBe('query')
  })
  test('follows the option, except for a web_message that cannot arrive', () => {
    expect(chooseResponseMode(server('fragment'), 'query', true)).toBe('query')
    expect(chooseResponseMode(as, 'web_message', true)).toBe('web_message')
    expect(chooseResponseMode(server('query', 'web_message'), 'web_message', false)).toBe('query')
  })
})

describe('buildAuthorizationUrl', () => {
  test('keeps the query of the endpoint, uses the names of the RFCs, and protects its own parameters', () => {
    const url = new URL(
      buildAuthorizationUrl(
        as,
        [
          ['audience', 'y'],
          ['audience', 'x'],
          ['state', 'evil'],
        ],
        { state: 's', loginHint: 'a', claims: { id_token: {} }, maxAge: 0, prompt: undefined, scope: '' },
        ['', 'https://a.example', 'https://b.example'],
      ),
    )
    expect([...url.searchParams].sort()).toEqual(
      [
        ['tenant', '1'],
        ['audience', 'x'],
        ['state', 's'],
        ['login_hint', 'a'],
        ['claims', '{"id_token":{}}'],
        ['max_age', '0'],
        ['resource', 'https://a.example'],
        ['resource', 'https://b.example'],
      ].sort(),
    )
  })
})

describe('buildAuthorizationRequest', () => {
  const popup = { way: 'popup', canHearServer: true } as const

  const random = { state: 's', nonce: 'n', codeVerifier: 'v', codeChallenge: 'c' }
  const prepared: Prepared = { metadata: as, hints: {}, ...random }
  const build = (
    params: Record<string, string | undefined>,
    ofThisLogin?: Record<string, string | undefined>,
  ) => {
    const config = buildConfig({ issuer: as.issuer, clientId: 'spa', params })
    return buildAuthorizationRequest(config, prepared, popup, {
      resources: [],
      ...(ofThisLogin && { params: ofThisLogin }),
    })
  }
  const find = ({ url }: { url: string }, name: string) => new URL(url).searchParams.get(name)

  test("sends the client's parameters, overridden by those of the login", () => {
    expect(find(build({ audience: 'a' }), 'audience')).toBe('a')
    expect(find(build({ audience: 'a' }, { audience: 'b' }), 'audience')).toBe('b')
  })
  test('rejects a scope that is not a string', () => {
    const config = buildConfig({ issuer: as.issuer, clientId: 'spa' })
    const scope = ['openid', 'profile'] as unknown as string
    expect(() => buildAuthorizationRequest(config, prepared, popup, { resources: [], scope })).toThrow(
      /^"scope" must be .*\["openid","profile"\]/,
    )
  })
  test('sends only options of a login', () => {
    const config = buildConfig({ issuer: as.issuer, clientId: 'spa' })
    const more = { clientId: 'evil', redirectUri: 'https://evil.example', request_uri: 'urn:x', foo: 'bar' }
    const { url, transaction } = buildAuthorizationRequest(config, prepared, popup, {
      ...more,
      resources: [],
    })
    const sent = Object.fromEntries(new URL(url).searchParams)
    expect(sent).toMatchObject({ client_id: 'spa', redirect_uri: '/callback.html' })
    expect(transaction).toMatchObject({ clientId: 'spa', redirectUri: '/callback.html' })
    for (const name of ['request_uri', 'foo']) expect(sent).not.toHaveProperty(name)
  })
  test('leaves out undefined values', () => {
    const attempt = build({ audience: undefined, one: '1' }, { organization: undefined, one: undefined })
    for (const name of ['audience', 'organization']) expect(find(attempt, name)).toBe(null)
    // It does not replace the client's.
    expect(find(attempt, 'one')).toBe('1')
  })
})

describe('buildTokenKey', () => {
  test('names a scope that is not a string', () => {
    for (const scope of [['orders:read'], {}, null])
      expect(() => buildTokenKey({ scope: scope as never }, [])).toThrow(
        new TypeError(`"scope" must be a string, space-separated, got ${JSON.stringify(scope)}`),
      )
    expect(buildTokenKey({ scope: 'b a' }, ['https://a.example'])).toBe('https://a.example a b')
  })
})

describe('parseCallbackUrl', () => {
  const own = 'https://app.example/callback.html?as=a'
  test('finds the parameters in the fragment and in the query', () => {
    expect(parseCallbackUrl(`${own}#code=1&state=2`, own).get('code')).toBe('1')
    expect([...parseCallbackUrl(`${own}&code=1&state=2`, own).keys()]).toEqual(['code', 'state'])
  })
  for (const href of [
    'https://app.example/callback.html?as=b#code=1&state=2',
    'https://app.example/callback.html#code=1&state=2',
    'https://app.example/callback.html?as=a&as=b&code=1&state=2',
    'https://app.example/callback.html?as=a&more=1#code=1&state=2',
    'https://app.example/other.html?as=a#code=1&state=2',
    'https://evil.example/callback.html?as=a#code=1&state=2',
  ])
    test(`rejects ${href}`, () => expect(() => parseCallbackUrl(href, own)).toThrow(/redirect_uri/))
  test('names the expected and the received URL, without the response', () => {
    const parse = (href: string) => () => parseCallbackUrl(href, own)
    // As a host does that strips ".html".
    expect(parse('https://app.example/callback?as=a#code=secret&state=2')).toThrow(
      /https:\/\/app\.example\/callback\?as=a .*https:\/\/app\.example\/callback\.html\?as=a.*\.html/,
    )
    expect(parse('https://app.example/callback.html?as=b&code=secret&state=2')).toThrow(
      /callback\.html\?as=b .*callback\.html\?as=a/,
    )
    for (const href of [
      'https://app.example/callback?as=a#code=secret&state=2',
      'https://app.example/callback?code=secret',
    ])
      expect(parse(href)).not.toThrow(/secret/)
  })
  test('finds an error without a state in the fragment', () => {
    expect(parseCallbackUrl(`${own}#error=access_denied`, own).get('error')).toBe('access_denied')
    // One server adds it to each of its responses.
    expect(parseCallbackUrl(`${own}&code=1&state=2#_=_`, own).get('code')).toBe('1')
  })
})

describe('findApi', () => {
  const apis = [
    { url: 'https://api.example.com/v1' },
    { url: 'https://api.example.com/v1/admin', scope: 'admin' },
  ]
  test('chooses the longest path that matches whole segments', () => {
    expect(findApi(apis, 'https://api.example.com/v1')?.url).toBe(apis[0]!.url)
    expect(findApi(apis, 'https://api.example.com/v1/orders?x=1')?.url).toBe(apis[0]!.url)
    expect(findApi(apis, 'https://api.example.com/v1/admin/users')?.scope).toBe('admin')
    expect(findApi([{ url: 'https://api.example.com' }], 'https://api.example.com/any')).toBeDefined()
  })
  for (const href of [
    'https://api.example.com/v1x',
    'https://api.example.com/v2',
    'https://api.example.com.evil.net/v1',
    'https://api.example.com:8443/v1',
    'http://api.example.com/v1',
    'https://api.example.com/v1/../v2',
  ])
    test(`finds no API for ${href}`, () => expect(findApi(apis, href)).toBeUndefined())

  // Some servers and proxies decode these before they look for dots, or cut off what follows a semicolon.
  const evasive = [
    ...['..%2fadmin', '..%5cadmin', '%2e%2e%2fadmin', 'orders%2F..%2f..%2fadmin', '..;/admin', '.;/admin'],
    ...['orders/..;x=1/admin', '..%3b/admin', '..%252fadmin', '%252e%252e/admin', '..%25255cadmin', 'a%2fb'],
  ]
  for (const path of evasive)
    test(`finds no API with a path for ${path}`, () => {
      expect(findApi(apis, `https://api.example.com/v1/${path}`)).toBeUndefined()
      expect(
        findApi([{ url: 'https://api.example.com/v1/' }], `https://api.example.com/v1/${path}`),
      ).toBeUndefined()
      // Wherever it leads, it stays on the origin.
      expect(
        findApi([{ url: 'https://api.example.com' }], `https://api.example.com/v1/${path}`),
      ).toBeDefined()
    })
  for (const path of ['a..b', 'a;v=1/b', 'caf%C3%A9', 'a%20b', '...', 'orders?next=%2F..%2f#..%2f', 'a.;b'])
    test(`finds an API with a path for ${path}`, () =>
      expect(findApi(apis, `https://api.example.com/v1/${path}`)?.url).toBe(apis[0]!.url))
})

describe('buildTokenKey', () => {
  const resources = ['https://a.example', 'https://b.example']
  test('is empty for the login itself', () => {
    expect(buildTokenKey({}, resources)).toBe('')
    expect(buildTokenKey({ resource: 'https://a.example' }, resources)).toBe('')
  })
  test('is the resource and the sorted scope otherwise', () => {
    expect(buildTokenKey({ resource: 'https://b.example' }, resources)).toBe('https://b.example')
    expect(buildTokenKey({ scope: 'b  a' }, resources)).toBe('https://a.example a b')
  })
  test('differs between a token without a resource and one for a resource', () => {
    expect(buildTokenKey({ resource: '' }, resources)).toBe('none')
    expect(buildTokenKey({ resource: '', scope: 'b a' }, resources)).toBe(' a b')
  })
})

test('checkScope names what is missing', () => {
  const token = { accessToken: 'x', tokenType: 'bearer', expiresAt: 0, scope: 'a b' }
  expect(checkScope(token, 'b a')).toBe(token)
  expect(() => checkScope(token, 'a c')).toThrow(/"c"/)
})

test('checkScope accepts the last segment of a requested URI', () => {
  const token = { accessToken: 'x', tokenType: 'bearer', expiresAt: 0, scope: 'openid User.Read' }
  const asked = 'openid https://graph.microsoft.com/User.Read'
  expect(checkScope(token, asked)).toBe(token)
  expect(checkScope({ ...token, scope: asked }, asked)).toMatchObject({ scope: asked })
  for (const other of [
    'https://graph.microsoft.com/Mail.Read',
    'https://graph.microsoft.com/xUser.Read',
    'https://graph.microsoft.com/User.Read/',
    'https://User.Read',
    'graph/User.Read',
    'User.Read.All',
  ])
    expect(() => checkScope(token, other), other).toThrow(`"${other}"`)
})

test('isFresh is false for every token with the longest validity, even one that never expires', () => {
  const endless = { expiresAt: Number.MAX_SAFE_INTEGER }
  expect(isFresh(endless)).toBe(true)
  expect(isFresh(endless, Number.MAX_SAFE_INTEGER)).toBe(false)
})
