import { describe, expect, test } from 'vitest'
import { parseActors } from '../../src/add-ons/exchange/actors.js'
import { buildExchangeForm, type ExchangeRequest } from '../../src/add-ons/exchange/token-exchange.js'

const types = 'urn:ietf:params:oauth:token-type:'
const entriesOf = (request: ExchangeRequest) => [...buildExchangeForm(request)]

describe('the form of a token exchange', () => {
  test('is an impersonation with the access token, which is filled in later', () => {
    expect(entriesOf({})).toEqual([
      ['grant_type', 'urn:ietf:params:oauth:grant-type:token-exchange'],
      ['subject_token_type', `${types}access_token`],
    ])
  })

  test('has every parameter of RFC 8693 section 2.1, and one for each audience and resource', () => {
    const request: ExchangeRequest = {
      subjectToken: 'subject',
      subjectTokenType: 'id_token',
      actorToken: 'actor',
      actorTokenType: 'saml2',
      audience: ['one', 'two'],
      resource: ['https://one.example', 'https://two.example'],
      scope: 'read write',
      requestedTokenType: 'jwt',
    }
    expect(entriesOf(request).slice(1)).toEqual([
      ['subject_token', 'subject'],
      ['subject_token_type', `${types}id_token`],
      ['actor_token', 'actor'],
      ['actor_token_type', `${types}saml2`],
      ['audience', 'one'],
      ['audience', 'two'],
      ['resource', 'https://one.example'],
      ['resource', 'https://two.example'],
      ['scope', 'read write'],
      ['requested_token_type', `${types}jwt`],
    ])
  })

  test('includes the type of an actor token, even if the caller does not give it', () => {
    expect(entriesOf({ actorToken: 'actor' })).toContainEqual(['actor_token_type', `${types}access_token`])
  })

  test('accepts a single audience or resource, and types by URI', () => {
    const entries = entriesOf({
      audience: 'orders',
      resource: 'https://orders.example',
      subjectToken: 'subject',
      subjectTokenType: `${types}jwt`,
      requestedTokenType: 'https://token.example/type',
    })
    expect(entries).toContainEqual(['audience', 'orders'])
    expect(entries).toContainEqual(['resource', 'https://orders.example'])
    expect(entries).toContainEqual(['subject_token_type', `${types}jwt`])
    expect(entries).toContainEqual(['requested_token_type', 'https://token.example/type'])
  })

  test('leaves out options that are undefined', () => {
    const request = { subjectToken: undefined, audience: undefined, scope: undefined, actorToken: undefined }
    expect(entriesOf(request as unknown as ExchangeRequest)).toEqual(entriesOf({}))
  })

  test('leaves out the ID token of the session, as the subject or as the actor', () => {
    expect(entriesOf({ subjectTokenType: 'id_token', actorTokenType: 'id_token' }).slice(1)).toEqual([
      ['subject_token_type', `${types}id_token`],
      ['actor_token_type', `${types}id_token`],
    ])
  })

  test('leaves out the refresh token of the session, which the vault fills in', () => {
    expect(entriesOf({ subjectTokenType: 'refresh_token' }).slice(1)).toEqual([
      ['subject_token_type', `${types}refresh_token`],
    ])
  })

  const secret = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl'
  const wrong: [what: string, option: string, request: object][] = [
    ['a requested refresh token', 'requestedTokenType', { requestedTokenType: 'refresh_token' }],
    ['the same by its URN', 'requestedTokenType', { requestedTokenType: `${types}refresh_token` }],
    ['a type that is neither', 'requestedTokenType', { requestedTokenType: 'acces_token' }],
    ['a token for a type', 'subjectTokenType', { subjectTokenType: secret }],
    ['a type without its token', 'subjectToken', { subjectTokenType: 'jwt' }],
    ['an empty token with a type', 'subjectToken', { subjectToken: '', subjectTokenType: 'jwt' }],
    ['an empty subject token', 'subject_token', { subjectToken: '' }],
    ['a token set for a token', 'subject_token', { subjectToken: { accessToken: secret } }],
    ['an actor type without a token', 'actorToken', { actorTokenType: 'access_token' }],
    [
      'an ID token as the actor that is undefined',
      'actorToken',
      { actorToken: undefined, actorTokenType: 'id_token' },
    ],
    ['an empty actor token', 'actor_token', { actorToken: '' }],
    ['a relative resource', 'resource', { resource: '/orders' }],
    ['a resource with a fragment', 'resource', { resource: 'https://orders.example/#a' }],
    ['an empty audience', 'audience', { audience: ['orders', ''] }],
  ]

  test.each(wrong)('refuses %s, by name', (_what, option, request) => {
    const build = () => buildExchangeForm(request)
    expect(build).toThrow(TypeError)
    expect(build).toThrow(`"${option}" must be`)
    expect(build).not.toThrow(secret)
  })
})

describe('the actors of a token', () => {
  const encode = (claims: unknown) => Buffer.from(JSON.stringify(claims)).toString('base64url')
  const jwt = (claims: unknown) => `${encode({ alg: 'ES256' })}.${encode(claims)}.c2ln`

  test('are listed from the current one back to the first', () => {
    const act = { sub: 'carol', iss: 'https://id.example', act: { sub: 'bob', act: { sub: 'günther' } } }
    expect(parseActors(jwt({ sub: 'alice', act }))).toEqual([
      { sub: 'carol', iss: 'https://id.example' },
      { sub: 'bob' },
      { sub: 'günther' },
    ])
  })

  test('are empty for a JWT without the claim', () => {
    expect(parseActors(jwt({ sub: 'alice' }))).toEqual([])
    expect(parseActors(jwt({ sub: 'alice', act: 'bob' }))).toEqual([])
  })

  test.each(['opaque', 'opaque.with.dots', '', '..', `a.${encode(null)}.b`, 'PHNhbWw-'])(
    'are unknown of %j, which is no JWT',
    (token) => expect(parseActors(token)).toBeUndefined(),
  )
})
