import { describe, expect, test } from 'vitest'
import { readInitiatedLogin } from '../../src/initiated-login.js'

const issuer = 'https://id.example.com'
const page = 'https://app.example.com/login'
const target = 'https://app.example.com/orders?id=1#paid'

/** The URL of a request with these parameters; a list repeats one. */
function buildUrl(parameters: Record<string, string | string[]>): string {
  const url = new URL(page)
  for (const [name, value] of Object.entries(parameters))
    for (const one of [value].flat()) url.searchParams.append(name, one)
  return url.href
}
type Parameters = Record<string, string | string[]>
const genuine = { iss: issuer, login_hint: 'alice@example.com', target_link_uri: target }
const read = (parameters: Record<string, string | string[]>) =>
  readInitiatedLogin(buildUrl(parameters), { issuer })

describe('readInitiatedLogin', () => {
  test('reads the options of a redirect login', () => {
    const loginOptions = { mode: 'redirect', returnTo: target, loginHint: 'alice@example.com' }
    expect(read(genuine)).toEqual({ issuer, loginOptions })
    expect(readInitiatedLogin(new URL(buildUrl(genuine)), { issuer })).toEqual({ issuer, loginOptions })
    // Parameters of the app, even twice.
    expect(read({ ...genuine, tab: ['1', '2'] })).toEqual({ issuer, loginOptions })
  })

  test('returns to the start page, or the page of the option, if the request names none', () => {
    const url = buildUrl({ iss: issuer, login_hint: '' })
    const returnTo = 'https://app.example.com/'
    expect(readInitiatedLogin(url, { issuer })?.loginOptions).toEqual({ mode: 'redirect', returnTo })
    expect(readInitiatedLogin(url, { issuer, returnTo: 'home' })?.loginOptions.returnTo).toBe(
      'https://app.example.com/home',
    )
  })

  test('tells which of several servers it is', () => {
    const issuers = [issuer, 'https://other.example.com/', new URL('https://third.example.com/')]
    for (const iss of issuers.map(String))
      expect(readInitiatedLogin(buildUrl({ iss }), { issuer: issuers })?.issuer).toBe(iss)
  })

  test.each([
    ['no parameters', {}],
    ['no issuer', { login_hint: 'alice', target_link_uri: target }],
    ['an authorization response', { iss: issuer, code: 'secret', state: 'r.1' }],
    ['an error response', { iss: issuer, error: 'access_denied' }],
    ['a response in one parameter (JARM)', { iss: issuer, response: 'jwt' }],
  ])('is undefined for %s', (_, parameters) => expect(read(parameters)).toBeUndefined())

  const refused: [what: string, parameters: Parameters][] = [
    ['another issuer', { ...genuine, iss: 'https://evil.example.com' }],
    ['an issuer with a slash', { ...genuine, iss: `${issuer}/` }],
    ['an issuer in upper case', { ...genuine, iss: 'https://ID.example.com' }],
    ['an issuer that ours is the start of', { ...genuine, iss: `${issuer}.evil.example` }],
    ['an issuer with a user name', { ...genuine, iss: 'https://id.example.com@evil.example' }],
    ['an issuer with a space', { ...genuine, iss: ` ${issuer}` }],
    ['an empty issuer', { ...genuine, iss: '' }],
    ['two issuers', { ...genuine, iss: [issuer, issuer] }],
    ['two issuers, the second one ours', { ...genuine, iss: ['https://evil.example.com', issuer] }],
    ['two hints', { ...genuine, login_hint: ['alice', 'bob'] }],
    ['two targets', { ...genuine, target_link_uri: [target, 'https://evil.example.com/'] }],
    ...[
      'https://evil.example.com/',
      'https://app.example.com.evil.example/',
      'https://app.example.com@evil.example/',
      'https://app.example.com:8443/',
      'http://app.example.com/',
      'https://alice@app.example.com/',
      '//evil.example.com/',
      '/orders',
      'orders',
      '',
      ' ',
      '\\\\evil.example.com',
      'https:evil.example.com',
      'javascript:alert(1)//https://app.example.com/',
      'data:text/html,https://app.example.com/',
      'blob:https://app.example.com/1',
      'https://app.example.com\t.evil.example/',
      'https://xn--app-example.com/',
      'view-source:https://app.example.com/',
    ].map((uri): [string, Parameters] => [
      `the target ${JSON.stringify(uri)}`,
      { ...genuine, target_link_uri: uri },
    ]),
  ]
  test.each(refused)('throws invalid_request for %s', (_, parameters) => {
    expect(() => read(parameters)).toThrow(
      expect.objectContaining({ name: 'AuthError', code: 'invalid_request', retryable: false }),
    )
    // The control: the same with the right value.
    expect(read(genuine)?.loginOptions.returnTo).toBe(target)
  })

  test('repeats no value of the request in an error', () => {
    for (const name of ['iss', 'target_link_uri'])
      expect(() => read({ ...genuine, [name]: 'https://evil.example/<b>' })).toThrow(/^[^<]*$/)
  })

  test('writes another spelling of a target in its own way', () => {
    const spelled = { ...genuine, target_link_uri: 'HTTPS://APP.example.com:443\\orders\\..\\paid' }
    expect(read(spelled)?.loginOptions.returnTo).toBe('https://app.example.com/paid')
  })

  test.each([
    ['url', () => readInitiatedLogin('/login?iss=1', { issuer })],
    ['issuer', () => readInitiatedLogin(page, { issuer: [] })],
    ['issuer', () => readInitiatedLogin(page, {} as { issuer: string })],
    ['issuer', () => readInitiatedLogin(page, { issuer: 'id' })],
    ['returnTo', () => readInitiatedLogin(page, { issuer, returnTo: 'https://evil.example.com/' })],
  ])('throws a TypeError for an invalid "%s"', (name, call) =>
    expect(call).toThrow(
      expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(`"${name}"`) }),
    ),
  )
})
