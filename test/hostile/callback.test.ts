import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { buildState, loginPrefix, readWay } from '../../src/base/state-name.js'
import { relayResponse } from '../../src/browser/messages/response-relay.js'
import { findRedirect } from '../../src/browser/storage/redirect-storage.js'
import { isInLoginWindow } from '../../src/browser/windows/window-name.js'
import { parseCallbackUrl, validateAuthorizationResponse } from '../../src/protocol/authorization-response.js'
import { buildOAuthClient } from '../../src/protocol/server-call.js'
import { mutationsOf, oddText, parameterListsOf, textsLike } from './arbitraries.js'
import { expectAlways, expectFalsified, expectSilent, expectTyped } from './property.js'

const issuer = 'https://id.example'
const state = 'p.Zm9yZ2VkLXN0YXRlLW9mLWEtbG9naW4tMTIzNDU2Nzg5'
const nonce = 'bm9uY2Utb2YtYS1sb2dpbi1hYmNkZWZnaGlqa2xtbm9w'
const codeVerifier = 'dmVyaWZpZXItb2YtYS1sb2dpbi1xcnN0dXZ3eHl6MDEy'
const code = 'Y29kZS1vZi1hLWxvZ2luLTM0NTY3ODkwYWJjZGVmZ2hp'
const secrets = [state, nonce, codeVerifier, code]
const redirectUri = 'https://app.example/callback.html?own=1'
const client = buildOAuthClient('spa', 30)

const valid: [string, string][] = [
  ['code', code],
  ['state', state],
  ['iss', issuer],
]
const failure: [string, string][] = [
  ['error', 'access_denied'],
  ['error_description', `no, not with <code> nor <verifier>`],
  ['code', code],
  ['state', state],
  ['iss', issuer],
]
const responses = fc.record({
  // Some servers repeat what they were sent.
  list: fc.oneof(parameterListsOf(valid), parameterListsOf(failure)).map((list) => {
    const sent = new URLSearchParams(list).get('code') ?? ''
    return list.map(([name, value]): [string, string] => [
      name,
      value.replace('<code>', () => sent).replace('<verifier>', codeVerifier),
    ])
  }),
  promisesIss: fc.boolean(),
})

/** Validates a response. Returns the code, or undefined if it was refused with the typed error. */
function validate(list: [string, string][], promisesIss: boolean): string | undefined {
  const as = { issuer, authorization_response_iss_parameter_supported: promisesIss }
  try {
    const params = new URLSearchParams(list)
    return validateAuthorizationResponse(as, client, params, { state, nonce, codeVerifier })
  } catch (error) {
    const sent = list.filter(([name]) => name === 'code').map(([, value]) => value)
    expectTyped(error, [state, nonce, codeVerifier, ...(sent.length === 1 ? sent : [])])
    return undefined
  }
}

/** What an accepted response has to be. */
function expectAcceptable(list: [string, string][], promisesIss: boolean, result: string): void {
  const params = new URLSearchParams(list)
  expect(params.getAll('code')).toEqual([result])
  expect(params.getAll('state')).toEqual([state])
  expect(params.getAll('iss')).toEqual(promisesIss || params.has('iss') ? [issuer] : [])
  expect(params.has('error')).toBe(false)
  expect(new Set(params.keys()).size).toBe(params.size)
}

describe('the parameters of a callback', () => {
  test('are accepted only with the state and issuer of the login, each parameter once, and no error', () =>
    expectAlways(responses, ({ list, promisesIss }) => {
      const result = validate(list, promisesIss)
      if (result !== undefined) expectAcceptable(list, promisesIss, result)
      return result !== undefined
    }))

  test('would be found to be accepted by a check that takes the first of several states', () =>
    expectFalsified(responses, ({ list, promisesIss }) => {
      const params = new URLSearchParams(list)
      if (params.get('state') === state && params.get('code'))
        expectAcceptable(list, promisesIss, params.get('code')!)
    }))

  test('would be found in an error that repeats them', () =>
    expectFalsified(responses, ({ list }) => {
      if (list.some(([name]) => name === 'error'))
        expectSilent([new URLSearchParams(list).toString()], secrets)
    }))

  test('are validated in linear time', () => {
    const many = Array.from({ length: 100_000 }, (_, index): [string, string] => [`p${index}`, ''])
    const start = performance.now()
    expect(validate([...valid, ...many], true)).toBe(code)
    expect(performance.now() - start).toBeLessThan(2000)
  })

  test('of a megabyte are refused with the typed error', () => {
    for (const long of ['x'.repeat(1_000_000), '&'.repeat(1_000_000), '\ud800'.repeat(500_000)]) {
      expect(
        validate([...failure.slice(0, 2), ['code', long], ['state', state], ['iss', issuer]], true),
      ).toBe(undefined)
      expect(
        validate(
          [
            ['error', long],
            ['state', state],
            ['iss', issuer],
          ],
          true,
        ),
      ).toBe(undefined)
    }
  })
})

const urls = fc.oneof(
  fc
    .record({
      base: fc.constantFrom(
        redirectUri,
        redirectUri,
        redirectUri,
        ...[
          'https://app.example/callback.html',
          'https://app.example/callback',
          'https://app.example/callback.html/',
          'https://app.example//callback.html?own=1',
          'https://app.example/x/../callback.html?own=1',
          'https://app.example/callback%2ehtml?own=1',
          'https://app.example:444/callback.html?own=1',
          'https://app.example.evil.example/callback.html?own=1',
          'https://evil@app.example/callback.html?own=1',
          'http://app.example/callback.html?own=1',
          'https://app.example/callback.html?own=1&own=2',
        ],
      ),
      before: fc.constantFrom('#', '&', '&', '?', ''),
      list: parameterListsOf(valid),
      after: fc.oneof(fc.constant(''), oddText),
    })
    .map(({ base, before, list, after }) => `${base}${before}${new URLSearchParams(list)}${after}`),
  textsLike(`${redirectUri}&code=${code}&state=${state}`),
)

/** Parses a URL. Returns undefined if it was refused with the typed error. */
function parse(url: string): URLSearchParams | undefined {
  try {
    return parseCallbackUrl(url, redirectUri)
  } catch (error) {
    // The path is shown, so it must not be one that contains a secret.
    const shown = URL.canParse(url) ? new URL(url).pathname : ''
    expectTyped(error, secrets.filter((secret) => !shown.includes(secret.slice(0, 20)) && !shown.includes(secret.slice(-20))), ['invalid_response']) // prettier-ignore
    return undefined
  }
}

describe('the URL of a callback', () => {
  test('is accepted only at the redirect URI, with its own parameters, and a response in one place', () =>
    expectAlways(urls, (url) => {
      const params = parse(url)
      if (!params) return false
      const { origin, pathname, searchParams, hash } = new URL(url)
      expect(origin + pathname).toBe('https://app.example/callback.html')
      expect(searchParams.getAll('own')).toEqual(['1'])
      const fragment = new URLSearchParams(hash.slice(1))
      if (fragment.has('state') || fragment.has('error')) expect([...searchParams.keys()]).toEqual(['own'])
      return true
    }))

  test('would be found to be accepted by a check of the beginning', () =>
    expectFalsified(urls, (url) => {
      if (url.startsWith(redirectUri) && !parse(url)) throw new Error('accepted')
    }))
})

/** The globals of a page, as far as the relay uses them. */
function openPage(href: string, stored: Record<string, string>, hasOpener: boolean) {
  const url = new URL(href)
  const posted: { message: unknown; target: string }[] = []
  const channels: string[] = []
  const shown: string[] = []
  const visited: string[] = []
  const store = new Map(Object.entries(stored))
  const opener = { postMessage: (message: unknown, target: string) => void posted.push({ message, target }) }
  vi.stubGlobal('location', {
    href,
    hash: url.hash,
    search: url.search,
    origin: url.origin,
    pathname: url.pathname,
    replace: (to: URL) => void visited.push(String(to)),
  })
  vi.stubGlobal('history', {
    replaceState: (_: unknown, __: string, to: URL | string) => void shown.push(String(to)),
  })
  vi.stubGlobal('window', globalThis)
  vi.stubGlobal('parent', globalThis)
  vi.stubGlobal('opener', hasOpener ? opener : null)
  vi.stubGlobal('close', () => {})
  vi.stubGlobal('setTimeout', () => 0)
  vi.stubGlobal(
    'BroadcastChannel',
    class {
      constructor(name: string) {
        channels.push(name)
      }
      postMessage() {}
    },
  )
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => store.get(key) ?? null,
    setItem: (key: string, value: string) => void store.set(key, value),
    removeItem: (key: string) => void store.delete(key),
    ...Object.fromEntries(store),
  })
  return { posted, channels, shown, visited, store }
}

afterEach(() => void vi.unstubAllGlobals())

const redirectState = buildState('redirect', state.slice(2))
const transaction = {
  state: redirectState,
  returnTo: 'https://app.example/page?x=1',
  issuer,
  clientId: 'spa',
  expiresAt: 9e15,
}

/** The text of a stored login: mutated as a value, and as text. */
const storedTexts = fc.oneof(
  mutationsOf(transaction).map((value) => JSON.stringify(value) ?? 'undefined'),
  textsLike(JSON.stringify(transaction)),
  fc.constantFrom('null', '5', '""', '[]', '{', '{"state":{"a":1}}'),
)

const landings = fc.record({
  list: fc.oneof(
    parameterListsOf([
      ['code', code],
      ['state', state],
    ]),
    parameterListsOf([
      ['code', code],
      ['state', redirectState],
    ]),
  ),
  before: fc.constantFrom('?', '#'),
  after: fc.oneof(fc.constant(''), oddText),
  stored: storedTexts,
  hasOpener: fc.boolean(),
})

describe('the callback page', () => {
  test('relays a response to its own origin only, hides it first, and returns to its own origin only', () =>
    expectAlways(landings, ({ list, before, after, stored, hasOpener }) => {
      const href = new URL(`https://app.example/callback.html${before}${new URLSearchParams(list)}${after}`)
        .href
      const page = openPage(href, { [loginPrefix + redirectState]: stored }, hasOpener)
      relayResponse(() => {})
      // What is in the query of another page, under other names, is not a response.
      if (before === '#' || /(code|error|state|token|response)=/.test(href))
        expectSilent([page.shown[0]], [code])
      for (const { message, target } of page.posted) {
        expect(message).toEqual({ latchkey: href })
        expect(target).toBe('https://app.example')
      }
      for (const name of page.channels) expect(name.startsWith(loginPrefix)).toBe(true)
      for (const to of [...page.visited, ...page.shown])
        expect(new URL(to).origin).toBe('https://app.example')
      for (const key of page.store.keys()) expect(key.startsWith(loginPrefix)).toBe(true)
      return page.visited.length > 0
    }))

  test('would be found to leave for another origin without its check', () =>
    expectFalsified(storedTexts, (stored) => {
      let to: unknown
      try {
        to = JSON.parse(stored).returnTo
      } catch {
        return
      }
      if (typeof to === 'string' && URL.canParse(to, 'https://app.example'))
        expect(new URL(to, 'https://app.example').origin).toBe('https://app.example')
    }))

  test('finds a stored login only if it is its own and has returned, and removes damaged ones', () =>
    expectAlways(
      fc.oneof(
        storedTexts,
        mutationsOf({ ...transaction, reply: `${redirectUri}&code=${code}` }).map(
          (value) => JSON.stringify(value) ?? '',
        ),
      ),
      (stored) => {
        openPage('https://app.example/', { [loginPrefix + redirectState]: stored }, false)
        const isOwn = (login: Partial<typeof transaction>) =>
          login.issuer === issuer && login.clientId === 'spa'
        const found = findRedirect<Partial<typeof transaction> & { reply?: string }>(isOwn, true)
        // An empty one says that this tab does not know the login.
        if (found?.state) {
          expect(isOwn(found)).toBe(true)
          expect(found.reply).toBeTruthy()
        }
        return !!found?.state
      },
    ))

  test('would be found to take the login of another client by a check of its reply alone', () =>
    expectFalsified(
      mutationsOf<Partial<typeof transaction> & { reply?: string }>({ ...transaction, reply: redirectUri }),
      (login) => {
        if (Object(login).reply) expect([login.issuer, login.clientId]).toEqual([issuer, 'spa'])
      },
    ))
})

describe('the names of a login', () => {
  test('are read from the first two characters only, and from nothing else', () =>
    expectAlways(fc.oneof(oddText, textsLike(state)), (text) => {
      const way = readWay(text)
      expect(way).toBe({ 'p.': 'popup', 'i.': 'iframe', 'r.': 'redirect' }[text.slice(0, 2)])
      return way !== undefined
    }))

  test('would be found in other texts by a check that ignores space and case', () =>
    expectFalsified(fc.oneof(oddText, textsLike(state)), (text) => {
      if (text.trim().toLowerCase().startsWith('p.')) expect(readWay(text)).toBe('popup')
    }))

  test('mark a window as ours only once, and only while the page that opened it exists', () =>
    expectAlways(
      fc.record({ name: textsLike('latchkey 4f1c'), hasOpener: fc.boolean() }),
      ({ name, hasOpener }) => {
        const page = { name, parent: undefined as unknown, opener: hasOpener ? {} : null }
        page.parent = page
        vi.stubGlobal('window', page)
        vi.stubGlobal('parent', page)
        vi.stubGlobal('opener', page.opener)
        const isOurs = isInLoginWindow()
        expect(isOurs).toBe(hasOpener && name.startsWith('latchkey '))
        expect(isInLoginWindow()).toBe(false)
        return isOurs
      },
    ))
  test('would be found to mark a window that only has a similar name, or no opener', () =>
    expectFalsified(
      fc.record({ name: textsLike('latchkey 4f1c'), hasOpener: fc.boolean() }),
      ({ name, hasOpener }) => {
        if (name.includes('latchkey')) expect(hasOpener && name.startsWith('latchkey ')).toBe(true)
      },
    ))
})
