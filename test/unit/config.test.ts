import { describe, expect, test, vi } from 'vitest'
import type { ClientOptions } from '../../src/api/client-options.js'
import type { LoginOptions } from '../../src/api/login-options.js'
import { indexedDBStore } from '../../src/browser/storage/indexed-db-store.js'
import { memoryStore } from '../../src/browser/storage/memory-store.js'
import { buildConfig, checkLoginOptions, checkMode } from '../../src/config.js'
import { external } from '../../src/external.js'

const good: ClientOptions = { issuer: 'https://id.example', clientId: 'spa' }

test('fills in the defaults', () => {
  expect(buildConfig(good)).toMatchObject({
    issuer: 'https://id.example',
    redirectUri: '/callback.html',
    scope: 'openid',
    mode: 'popup',
    resources: [],
    apis: [],
    clockTolerance: 30,
    timeouts: { popup: 600_000, transaction: 900_000, iframe: 10_000, request: 10_000 },
  })
})

test('accepts inline metadata, and adds the issuer', () => {
  const metadata = {
    authorization_endpoint: 'https://id.example/auth',
    token_endpoint: 'https://id.example/token',
    jwks_uri: 'https://id.example/jwks',
  }
  expect(buildConfig({ ...good, metadata }).metadata).toEqual({ issuer: 'https://id.example', ...metadata })
})

test('keeps the braces of a tenant template that is a URL object', () => {
  const issuer = 'https://login.microsoftonline.com/{tenantid}/v2.0'
  for (const given of [issuer, new URL(issuer), new URL(issuer).href])
    expect(buildConfig({ ...good, issuer: given, tenants: 'any' }).issuer).toBe(issuer)
})

test('accepts every response mode and store', () => {
  for (const responseMode of ['web_message', 'fragment', 'query'] as const)
    expect(buildConfig({ ...good, responseMode }).responseMode).toBe(responseMode)
  for (const store of [memoryStore(), indexedDBStore()])
    expect(() => buildConfig({ ...good, store })).not.toThrow()
})

test('says where a secret belongs, without repeating it', () => {
  const build = () => buildConfig({ ...good, clientSecret: 'hidden' } as ClientOptions)
  expect(build).toThrow(/public client.*server/)
  expect(build).not.toThrow(/hidden/)
})

describe('names the invalid option', () => {
  const wrong: [string, object][] = [
    ['issuer', { issuer: 'id.example' }],
    ['issuer', { issuer: 'http://id.example' }],
    ['issuer', { issuer: undefined }],
    ['clientId', { clientId: '' }],
    ['clientId', { clientId: 7 }],
    ['scope', { scope: ['openid', 'profile'] }],
    ['mode', { mode: 'tab' }],
    ['mode', { mode: 'undefined' }],
    ['mode', { mode: ['popup'] }],
    ['mode', { mode: 'silent' }],
    ['mode', { mode: null }],
    ['responseMode', { responseMode: 'form_post' }],
    ['endSessionUrl', { endSessionUrl: 'javascript:alert(1)' }],
    ['endSessionUrl', { endSessionUrl: '/logout' }],
    ['store', { store: 'localStorage' }],
    ['store', { store: {} }],
    ['overlay', { mode: 'overlay' }],
    ['transports', { mode: 'external' }],
    ['transports', { mode: 'external', transports: external(async () => '') }],
    ['stepUp', { stepUp: true }],
    ['transports', { stepUp: 'external' }],
    ['discovery', { discovery: 'none' }],
    ['discovery', { discovery: ['oauth2'] }],
    ['params.redirect_uri', { params: { redirect_uri: 'https://evil.example' } }],
    ['resource', { resource: 'orders' }],
    ['resource', { resource: 'https://a.example/#x' }],
    ['resource', { resource: 'https://a.example/x y' }],
    ['apis[].url', { apis: [{ url: 'http://api.example' }] }],
    ['apis[].url', { apis: [{ url: 'api.example/v1' }] }],
    ['apis[].url', { apis: [{ url: '' }] }],
    ['apis[].url', { apis: [{ url: undefined }] }],
    ['metadata.token_endpoint', { metadata: { authorization_endpoint: 'https://id.example/auth' } }],
  ]
  for (const [option, change] of wrong)
    test(`${option}: ${JSON.stringify(change)}`, () => {
      const build = () => buildConfig({ ...good, ...change })
      expect(build).toThrow(TypeError)
      expect(build).toThrow(`"${option}" must be`)
    })
})

test('accepts the URL of an API as a URL object and as a path', () => {
  const urls = () => buildConfig({ ...good, apis }).apis.map(({ url }) => url)
  const apis = [{ url: new URL('https://api.example/v1') }, { url: '/api' }]
  // Without a page, it is not used, so it is not a mistake.
  expect(urls()[0]).toBe('https://api.example/v1')
  vi.stubGlobal('location', new URL('https://app.example/shop/cart?id=1'))
  expect(urls()).toEqual(['https://api.example/v1', 'https://app.example/api'])
  vi.stubGlobal('location', new URL('http://app.example/'))
  expect(urls).toThrow(/"apis\[\].url" must be .*"http:\/\/app.example\/api"/)
  vi.unstubAllGlobals()
})

test('rejects a page with a custom scheme, to which no login can return', () => {
  const build = (href: string, options: Partial<ClientOptions> = {}) => {
    const { origin, protocol, host } = new URL(href)
    // For `location` this is an origin, but not for `URL`: Capacitor on iOS.
    vi.stubGlobal('location', { href, protocol, origin: origin === 'null' ? `${protocol}//${host}` : origin })
    return () => buildConfig({ ...good, ...options })
  }
  for (const href of ['capacitor://localhost/index.html', 'ionic://localhost/', 'file:///app/index.html']) {
    expect(build(href)).toThrow(TypeError)
    expect(build(href)).toThrow(/"redirectUri" must be .*https:.*latchkey\/external/)
  }
  expect(build('https://localhost/index.html')().redirectUri).toBe('https://localhost/callback.html')
  const elsewhere = build('https://localhost/', { redirectUri: 'https://other.example/' })
  expect(elsewhere).toThrow(/"redirectUri" must be of this page's origin/)
  vi.unstubAllGlobals()
})

describe('a redirect URI of another origin', () => {
  const transports = [external(async () => '')]
  const build = (options: Partial<ClientOptions>, href = 'https://app.example/') => {
    const { origin, protocol, host } = new URL(href)
    vi.stubGlobal('location', { href, protocol, origin: origin === 'null' ? `${protocol}//${host}` : origin })
    vi.stubGlobal('document', {})
    vi.stubGlobal('Document', { prototype: { baseURI: href } })
    try {
      return buildConfig({ ...good, ...options })
    } finally {
      vi.unstubAllGlobals()
    }
  }
  const allowed = [
    'https://native.example/callback',
    'https://abcdefghijklmnop.chromiumapp.org/',
    'http://127.0.0.1:51004/callback',
    'com.example.app:/callback',
    'com.example.app://callback?as=a',
  ]
  const refused = [
    'http://native.example/callback',
    'https://native.example/callback#fragment',
    'com.example.app:/callback#fragment',
    '/callback.html#fragment',
    // Any app may choose these.
    'myapp:/callback',
    'capacitor://localhost/callback.html',
    'javascript:alert(1)',
    'file:///callback.html',
    'data:text/html,x',
    'https://',
  ]

  for (const redirectUri of allowed)
    test(`${redirectUri} is allowed with external(), and only with it`, () => {
      expect(build({ redirectUri, transports })).toMatchObject({ redirectUri, windowless: true })
      expect(() => build({ redirectUri })).toThrow(TypeError)
      expect(() => build({ redirectUri })).toThrow('"redirectUri" must be')
      expect(() => build({ redirectUri, transports: [] })).toThrow('"redirectUri" must be')
      expect(build({ redirectUri, transports }, 'capacitor://localhost/')).toMatchObject({ redirectUri })
    })

  for (const redirectUri of refused)
    test(`${redirectUri} is refused even with external()`, () => {
      expect(() => build({ redirectUri, transports })).toThrow(TypeError)
      expect(() => build({ redirectUri, transports })).toThrow(
        /"redirectUri" must be an https: URL .*RFC 8252/,
      )
    })

  test('allows external() with a redirect URI of the page, and every other mode beside it', () => {
    const config = build({ transports, stepUp: 'popup' })
    expect(config).toMatchObject({ redirectUri: 'https://app.example/callback.html', windowless: false })
    for (const mode of ['external', 'popup', 'redirect', 'silent'] as const)
      expect(() => checkMode(mode, config)).not.toThrow()
    expect(() => build({ transports }, 'capacitor://localhost/')).toThrow('"redirectUri" must be')
  })

  test('refuses every other mode', () => {
    const overlay = { login: async () => ({ status: 'loading' }) as const }
    const config = build({
      redirectUri: 'com.example.app:/callback',
      transports,
      overlay,
      stepUp: 'external',
    })
    vi.stubGlobal('document', {})
    expect(() => checkMode('external', config)).not.toThrow()
    for (const mode of ['popup', 'redirect', 'silent', 'overlay'] as const) {
      expect(() => checkMode(mode, config)).toThrow(TypeError)
      expect(() => checkMode(mode, config)).toThrow(`"mode" must be "external": with this "redirectUri"`)
    }
    vi.unstubAllGlobals()
    for (const stepUp of ['popup', 'redirect'] as const)
      expect(() => build({ redirectUri: 'com.example.app:/callback', transports, stepUp })).toThrow(
        '"stepUp" must be "external"',
      )
  })

  test('is not checked on a server (SSR), where nobody logs in', () => {
    const config = buildConfig({
      ...good,
      redirectUri: 'com.example.app:/callback',
      transports,
      mode: 'external',
    })
    expect(config).toMatchObject({ redirectUri: 'com.example.app:/callback', windowless: false })
  })
})

test('external() refuses anything but a function', () => {
  for (const open of [undefined, null, 'https://id.example', {}])
    expect(() => external(open as never)).toThrow(new TypeError('"open" must be a function that opens a URL'))
})

test('allows http: on localhost', () => {
  for (const issuer of [
    'http://localhost:3000',
    'http://as.localhost',
    'http://127.0.0.1:3000',
    'http://[::1]:3000',
  ])
    expect(buildConfig({ ...good, issuer }).issuer).toBe(issuer)
})

test('treats undefined as left out, and an infinite time limit as the longest', () => {
  const options = {
    ...good,
    scope: undefined,
    clockTolerance: undefined,
    timeouts: { popup: undefined, iframe: Infinity },
  }
  expect(buildConfig(options as unknown as ClientOptions)).toMatchObject({
    scope: 'openid',
    clockTolerance: 30,
    timeouts: { popup: 600_000, iframe: 2 ** 31 - 1 },
  })
})

test('rejects a tolerance that would disable a check, and a time limit that would fire at once', () => {
  for (const change of [
    { clockTolerance: NaN },
    { clockTolerance: -1 },
    { timeouts: { popup: 0 } },
    { timeouts: { popup: NaN } },
  ])
    expect(() => buildConfig({ ...good, ...change })).toThrow(TypeError)
})

test('names an unknown option of createClient, and ignores one that is undefined', () => {
  const build = () => buildConfig({ ...good, redirectURI: '/other.html' } as ClientOptions)
  expect(build).toThrow(TypeError)
  expect(build).toThrow('"redirectURI" is not an option of createClient()')
  expect(() => buildConfig({ ...good, redirectURI: undefined } as ClientOptions)).not.toThrow()
})

describe('the options of login', () => {
  const check = (options: object) => () => checkLoginOptions(options as LoginOptions)

  for (const name of [
    'clientId',
    'redirectUri',
    'responseType',
    'request_uri',
    'codeChallenge',
    'sub',
    'foo',
  ])
    test(`an unknown one is named, with a hint at "params": ${name}`, () => {
      expect(check({ [name]: 'x' })).toThrow(TypeError)
      expect(check({ [name]: 'x' })).toThrow(
        `"${name}" is not an option of login(): put request parameters in "params"`,
      )
    })

  const ours = ['client_id', 'redirect_uri', 'response_type', 'response_mode', 'scope', 'resource', 'state']
  const others = ['nonce', 'code_challenge', 'code_challenge_method', 'dpop_jkt', 'request', 'request_uri']
  for (const name of [...ours, ...others])
    test(`a parameter cannot replace one that the client sets: ${name}`, () => {
      expect(check({ params: { [name]: 'x' } })).toThrow(TypeError)
      expect(check({ params: { [name]: 'x' } })).toThrow(`"params.${name}" must be left out`)
    })

  const wrong: [string, object][] = [
    ['mode', { mode: 'tab' }],
    ['mode', { mode: ['popup'] }],
    ['mode', { mode: 'undefined' }],
    ['scope', { scope: ['openid'] }],
    ['prompt', { prompt: true }],
    ['loginHint', { loginHint: { sub: 'alice' } }],
    ['uiLocales', { uiLocales: ['de', 'en'] }],
    ['acrValues', { acrValues: ['mfa'] }],
    ['maxAge', { maxAge: NaN }],
    ['maxAge', { maxAge: -1 }],
  ]
  for (const [option, options] of wrong)
    test(`an invalid one is named: ${JSON.stringify(options)}`, () => {
      expect(check(options)).toThrow(TypeError)
      expect(check(options)).toThrow(`"${option}" must be`)
    })

  test('valid ones pass, including undefined ones', () => {
    const right: LoginOptions[] = [
      {},
      { mode: 'silent', scope: 'openid', resource: ['https://a.example'], maxAge: 0, claims: {} },
      { mode: undefined, scope: undefined, params: undefined, signal: undefined },
      { prompt: 'login', loginHint: 'a', uiLocales: 'de', acrValues: 'mfa', authorizationDetails: [{}] },
      { params: { audience: 'x', id_token_hint: 'y', state: undefined }, returnTo: '/', appState: 1 },
    ]
    for (const options of right) expect(check(options)).not.toThrow()
    expect(check({ foo: undefined })).not.toThrow()
  })
})
