import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findApi } from '../../src/fetch/authorized-fetch.js'
import { buildAuthorizationUrl } from '../../src/protocol/authorization-url.js'
import { createRandomness } from '../../src/protocol/transaction.js'
import type { ResolvedApi } from '../../src/session/config.js'
import { oddText, textsLike } from './arbitraries.js'
import { expectAlways, expectFalsified } from './property.js'

const endpoint = 'https://id.example/authorize?tenant=1'

describe('an authorization request', () => {
  const ours = {
    clientId: 'spa',
    redirectUri: 'https://app.example/callback.html',
    responseType: 'code',
    state: 'p.x',
  }
  const sent = { client_id: 'spa', redirect_uri: ours.redirectUri, response_type: 'code', state: 'p.x' }
  const raw = fc.array(fc.tuple(fc.oneof(oddText, fc.constantFrom(...Object.keys(sent))), oddText), {
    maxLength: 4,
  })

  test('has each of its own parameters once, whatever the values of others are', () =>
    expectAlways(fc.record({ raw, hint: oddText }), ({ raw: others, hint }) => {
      const url = new URL(
        buildAuthorizationUrl(
          { issuer: 'x', authorization_endpoint: endpoint },
          others,
          { ...ours, loginHint: hint },
          [],
        ),
      )
      expect(`${url.origin}${url.pathname}${url.hash}`).toBe('https://id.example/authorize')
      for (const [name, value] of Object.entries(sent)) expect(url.searchParams.getAll(name)).toEqual([value])
      expect(url.href).toMatch(/^[!-~]+$/)
      return others.length > 0
    }))

  test('would be found to have others if values were not encoded', () =>
    expectFalsified(raw, (others) => {
      const url = new URL(
        `${endpoint}&client_id=spa${others.map(([name, value]) => `&${name}=${value}`).join('')}`,
      )
      expect(url.searchParams.getAll('client_id')).toEqual(['spa'])
    }))

  test('has a state, a nonce and a code verifier of its own each time', async () => {
    const all = await Promise.all(Array.from({ length: 10_000 }, createRandomness))
    const values = all.flatMap(({ state, nonce, codeVerifier, codeChallenge }) => [
      state,
      nonce,
      codeVerifier,
      codeChallenge,
    ])
    expect(new Set(values).size).toBe(40_000)
    // 32 bytes each, in base64url.
    for (const value of values) expect(value).toMatch(/^[\w-]{43}$/)
  })
})

describe('the URL of a request with a token', () => {
  const api = 'https://api.example/v1'
  const apis: ResolvedApi[] = [{ url: api }]
  const urls = fc
    .tuple(
      fc.oneof(
        textsLike('https://api.example'),
        fc.constantFrom(
          'https://api.example',
          'https://api.example',
          'https://api.example.',
          'http://api.example',
          'https://api.example:444',
        ),
        fc.constantFrom(
          'https://evil@api.example',
          'https://api.example@evil.example',
          'https://api.example\\@evil.example',
          'https://api。example',
        ),
      ),
      fc.constantFrom(
        '/v1',
        '/v1',
        '/v1/',
        '/V1',
        '/v1x',
        '//v1',
        '/v1/..',
        '/v1/%2e%2e',
        '/x/../v1',
        '/v1;',
        '/v1%2f',
        '/v1\\..',
      ),
      fc.oneof(
        fc.constantFrom(
          '',
          '/orders',
          '?q=1',
          '#x',
          '/../v2',
          '/%2e%2e/v2',
          '/..%2fv2',
          '/%252e%252e%252fv2',
          '/..;/v2',
          '/..\\v2',
        ),
        oddText,
      ),
    )
    .map((parts) => parts.join(''))
    .filter((url) => URL.canParse(url))

  test('is accepted only at the origin of the API, and below its path in every reading', () =>
    expectAlways(urls, (url) => {
      const found = findApi(apis, new URL(url).href)
      if (!found) return false
      const { origin, pathname } = new URL(url)
      expect(origin).toBe('https://api.example')
      // As a server may read it: decoded twice, with backslashes as slashes, without path parameters.
      let path = pathname
      for (let turn = 0; turn < 3; turn++)
        path = path.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
      const resolved = new URL('https://api.example')
      resolved.pathname = path.replaceAll('\\', '/').replace(/;[^/]*/g, '')
      expect(`${resolved.pathname}/`).toMatch(/^\/v1(;.*)?\//)
      return true
    }))

  test('would be found to be accepted elsewhere by a check of the beginning', () =>
    expectFalsified(urls, (url) => {
      if (url.startsWith('https://api.example')) expect(new URL(url).origin).toBe('https://api.example')
    }))
})
