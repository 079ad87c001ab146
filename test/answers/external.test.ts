import type { OpenExternal } from '../../src/api/external.js'
import type { AuthEvent } from '../../src/api/events.js'
import { AuthError } from '../../src/base/errors.js'
import { external } from '../../src/external.js'
import { login } from '../../src/login/login.js'
import { createSession } from '../../src/session/session.js'
import { openNodeClient, type NodeClient } from '../rig/node-client.js'
import { createUserAgent } from '../rig/user-agent.js'
import { expect, test, type TestAuthorizationServer } from './fixtures.js'

// A universal link or the domain of an extension (RFC 8252 section 7.2), and a private-use scheme (section 7.1).
const places = {
  'https:': { origin: 'https://native.example.com', path: '/callback' },
  'com.example.app:': { origin: 'com.example.app:', path: '/callback' },
}
const uris = Object.values(places).map(({ origin, path }) => origin + path)
test.override({ asOptions: { nativeRedirectUris: [...uris, 'com.example.app:/callback?as=a'] } })

/** What the host app needs to open a page, and what came of it. */
interface Run {
  client: NodeClient
  events: AuthEvent[]
  /** Logs in through the pipeline, with the function of a host app. */
  logIn(open: OpenExternal, signal?: AbortSignal, timeout?: number): ReturnType<typeof login>
  /** The host app: a user agent that goes to the server, and reports the URL that it is sent to. */
  openPage(url: string): Promise<string>
}

async function startRun(
  as: TestAuthorizationServer,
  scheme: keyof typeof places,
  options: { responseMode?: 'fragment' | 'query'; query?: string } = {},
): Promise<Run> {
  const { origin, path } = places[scheme]
  const agent = createUserAgent(origin)
  const { query = '', ...more } = options
  const client = await openNodeClient(as, { redirectUri: origin + path + query, ...more })
  const events: AuthEvent[] = []
  const session = createSession({
    signal: new AbortController().signal,
    ended: new AbortController().signal,
    load: client.vault.load,
    announce() {},
    initialState: { status: 'logged-out' },
  })
  const parts = { ...client, session, emit: (event: AuthEvent) => void events.push(event) }
  return {
    client,
    events,
    logIn(open, signal = new AbortController().signal, popup = 30_000) {
      const { redirectUri } = client.config
      const transport = external(open).createTransport({ redirectUri, timeouts: { popup } })
      return login(parts, transport, { resources: [] }, { signal })
    },
    async openPage(url) {
      const reply = await agent.authorize(url)
      if (!('href' in reply)) throw new Error('expected a redirect')
      return reply.href
    },
  }
}

/** Changes a URL that came back, written so that it works for a response in the query and in the fragment. */
const changes: Record<string, (href: string) => string> = {
  'another path': (href) => href.replace('/callback', '/callback2'),
  'a slash at the end': (href) => href.replace('/callback', '/callback/'),
  'another host': (href) => href.replace(/^https:\/\/|^com\.example\.app:\//, '$&evil.example/'),
  'a parameter of its own': (href) => addToQuery(href, 'extra=1'),
  'another scheme': (href) => href.replace(/^[^:]+/, 'http'),
  'a scheme in which that URL is the path': (href) => `com.evil.app:${href}`,
  'another state': (href) => href.replace(/state=[^&]+/, `state=p.${'s'.repeat(43)}`),
  'no state': (href) => href.replace(/&?state=[^&]+/, ''),
  'the state twice': (href) => href.replace(/state=[^&]+/, '$&&$&'),
  'the code twice': (href) => href.replace(/code=[^&]+/, '$&&$&'),
  'two different codes': (href) => href.replace(/code=[^&]+/, '$&&code=other'),
  'another issuer': (href) => href.replace(/iss=[^&]+/, 'iss=https%3A%2F%2Fevil.example'),
  'no issuer': (href) => href.replace(/&iss=[^&]+/, ''),
  'the issuer twice': (href) => href.replace(/iss=[^&]+/, '$&&$&'),
  'no parameters': (href) => href.replace(/[?#].*/, ''),
  'only white space': () => ' ',
  'only a path': (href) => href.replace(/^.*\/callback/, '/callback'),
}

function addToQuery(href: string, parameter: string): string {
  const [, base = '', rest = ''] = /^([^?#]+)(.*)$/.exec(href) ?? []
  return rest.startsWith('?') ? `${base}?${parameter}&${rest.slice(1)}` : `${base}?${parameter}${rest}`
}

const modes = ['fragment', 'query'] as const
const schemes = Object.keys(places) as (keyof typeof places)[]
const ways = schemes.flatMap((scheme) => modes.map((mode) => ({ scheme, mode })))

test.for(ways)('logs in at a redirect URI with $scheme by $mode', async ({ scheme, mode }, { as }) => {
  const { client, events, logIn, openPage } = await startRun(as, scheme, { responseMode: mode })
  const state = await logIn(async (url) => {
    const href = await openPage(url)
    expect(href).toMatch(mode === 'query' ? /^[^?#]+\?[^#]+$/ : /^[^?#]+#[^?]+$/)
    return href
  })
  expect(state).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  expect(await client.getToken()).toBeTruthy()
  expect(events).toEqual([])
  const { redirectUri } = client.config
  const sent = (endpoint: string) => as.requests.filter((one) => one.endpoint === endpoint)[0]?.params
  expect(sent('authorize')).toMatchObject({ redirect_uri: redirectUri })
  expect(sent('token')).toMatchObject({ redirect_uri: redirectUri })
})

for (const [name, change] of Object.entries(changes))
  test.for(ways)(`refuses a URL with ${name}: $scheme by $mode`, async ({ scheme, mode }, { as }) => {
    // In the query, a parameter that the library does not know belongs to the response, and is ignored (RFC 6749 section 4.1.2).
    const isAllowed = mode === 'query' && name === 'a parameter of its own'
    const { client, events, logIn, openPage } = await startRun(as, scheme, { responseMode: mode })
    let returned = ''
    const running = logIn(async (url) => {
      const href = await openPage(url)
      returned = change(href)
      expect(returned).not.toBe(href)
      return returned
    })
    if (isAllowed) return void expect(await running).toMatchObject({ status: 'logged-in' })
    await expect(running).rejects.toMatchObject({ code: 'invalid_response' })
    expect(events).toMatchObject([{ type: 'login_failed', error: { code: 'invalid_response' } }])
    expect(as.count('token')).toBe(0)
    expect(await client.readSession()).toBe(null)
    // The positive control: the same host app with the URL as it came.
    expect(await logIn(openPage)).toMatchObject({ status: 'logged-in' })
  })

test.for(schemes)('refuses a response both in the query and in the fragment: %s', async (scheme, { as }) => {
  const { logIn, openPage } = await startRun(as, scheme, { responseMode: 'fragment' })
  const twice = logIn(async (url) => (await openPage(url)).replace(/#(.*)/, '?$1#$1'))
  await expect(twice).rejects.toMatchObject({ code: 'invalid_response' })
  expect(as.count('token')).toBe(0)
  expect(await logIn(openPage)).toMatchObject({ status: 'logged-in' })
})

test('refuses a response at a redirect URI for another server, and accepts its own', async ({ as }) => {
  const { logIn, openPage } = await startRun(as, 'com.example.app:', { query: '?as=a' })
  for (const query of ['?as=b', '?as=a&as=a', '']) {
    const running = logIn(async (url) => (await openPage(url)).replace('?as=a', query))
    await expect(running, query).rejects.toMatchObject({ code: 'invalid_response' })
  }
  expect(as.count('token')).toBe(0)
  expect(await logIn(openPage)).toMatchObject({ status: 'logged-in' })
})

test('accepts a URL object, and passes on an error of the server', async ({ as }) => {
  const { logIn, openPage } = await startRun(as, 'com.example.app:')
  expect(await logIn(async (url) => new URL(await openPage(url)))).toMatchObject({ status: 'logged-in' })
  const fault = as.fault('authorize', { error: 'access_denied', error_description: 'no' })
  await expect(logIn(openPage)).rejects.toMatchObject({ code: 'access_denied' })
  fault.end()
})

// What a host app may do wrong, or report: `code`, and a text that must be in the message.
const hosts: [name: string, open: OpenExternal, code: string, says: RegExp][] = [
  ['resolves with undefined', async () => undefined, 'popup_closed', /closed/],
  ['resolves with null', async () => null, 'popup_closed', /closed/],
  ['resolves with a number', async () => 7 as never, 'invalid_response', /URL/],
  ['resolves with an object', async () => ({ url: 'com.example.app:/callback' }) as never, 'invalid_response', /URL/], // prettier-ignore
  ['resolves with an object that cannot be converted', async () => Object.create(null) as never, 'invalid_response', /URL/], // prettier-ignore
  ['resolves with a text', async () => 'done', 'invalid_response', /valid URL/],
  ['resolves with an empty text', async () => '', 'invalid_response', /valid URL/],
  ['returns no promise', (() => undefined) as never, 'popup_closed', /closed/],
  ['rejects', async () => { throw new Error('com.example.app:/callback?code=secret') }, 'external_failed', /external\(\)/], // prettier-ignore
  ['rejects with nothing', () => Promise.reject(), 'external_failed', /external\(\)/],
  ['throws', () => { throw new TypeError('secret') }, 'external_failed', /external\(\)/], // prettier-ignore
  ['rejects with an AuthError', async () => { throw new AuthError('popup_closed', 'the user left') }, 'popup_closed', /^the user left$/], // prettier-ignore
]

test.for(hosts)('reports a host app that %s', async ([, open, code, says], { as }) => {
  const { client, logIn } = await startRun(as, 'com.example.app:')
  const seen: AbortSignal[] = []
  const error = await logIn((url, options) => {
    seen.push(options.signal)
    return open(url, options)
  }).catch((reason: unknown) => reason as AuthError)
  expect(error).toMatchObject({ name: 'AuthError', code, message: expect.stringMatching(says) })
  expect(JSON.stringify(error) + String((error as AuthError).stack)).not.toContain('secret')
  // The window is no longer needed.
  expect(seen.map(({ aborted }) => aborted)).toEqual([true])
  expect(await client.readSession()).toBe(null)
})

test('ends a login whose host app never answers, and tells it to close the window', async ({ as }) => {
  const { logIn } = await startRun(as, 'com.example.app:')
  const signals: AbortSignal[] = []
  const never: OpenExternal = (_, { signal }) => {
    signals.push(signal)
    return new Promise(() => {})
  }
  await expect(logIn(never, undefined, 50)).rejects.toMatchObject({
    code: 'timeout',
    retryable: true,
    message: expect.stringContaining('com.example.app:/callback'),
  })
  expect(signals[0]!.aborted).toBe(true)
})

test('ends a login when it is aborted, closes the window, and drops what comes later', async ({ as }) => {
  const { client, logIn, openPage } = await startRun(as, 'com.example.app:')
  const cancel = new AbortController()
  let running: ReturnType<typeof logIn>
  let late: Promise<string> = Promise.reject(new Error('not opened'))
  late.catch(() => {})
  const signal = await new Promise<AbortSignal>((opened) => {
    running = logIn((url, options) => {
      late = openPage(url).then(async (href) => {
        opened(options.signal)
        await new Promise((resolve) => options.signal.addEventListener('abort', resolve))
        return href
      })
      return late
    }, cancel.signal)
    running.catch(() => {})
  })
  expect(signal.aborted).toBe(false)
  const reason = new Error('the user left')
  cancel.abort(reason)
  await expect(running!).rejects.toBe(reason)
  expect(signal.aborted).toBe(true)
  expect(await late).toContain('code=')
  expect(as.count('token')).toBe(0)
  expect(await client.readSession()).toBe(null)
})

test('calls no host app for a login that was aborted before', async ({ as }) => {
  const { logIn, openPage } = await startRun(as, 'com.example.app:')
  let calls = 0
  const open: OpenExternal = async (url) => {
    calls++
    return openPage(url)
  }
  await expect(logIn(open, AbortSignal.abort(new Error('early')))).rejects.toThrow('early')
  expect(calls).toBe(0)
  await logIn(open)
  expect(calls).toBe(1)
})
