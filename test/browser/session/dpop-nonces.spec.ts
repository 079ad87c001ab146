import type { Page } from '@playwright/test'
import { decodeJwt } from 'jose'
import { expect, orders, test } from '../../rig/orders-api.js'
import { startStreamApi } from '../../rig/stream-api.js'
import { renewToken, startSession } from '../../rig/token-calls.js'

/** Options of a client whose tokens are bound to a key, and may be sent to the API. */
const boundTo = (url: string) => ({
  dpop: true,
  scope: `openid ${orders.scope}`,
  resource: orders.resource,
  apis: [{ url }],
})

/** Calls an API by `auth.fetch`. */
const call = (page: Page, url: string, init: RequestInit = {}) =>
  page.evaluate(
    async ([target, options]) => {
      const response = await window.auth.fetch(target, options)
      return { status: response.status, body: await response.text() }
    },
    [url, init] as const,
  )

/** Collects the proofs of requests for a URL as the page sends them, preflights left out. */
function collectProofs(page: Page, url: string): string[] {
  const proofs: string[] = []
  page.on('request', (request) => {
    const { dpop } = request.headers()
    if (request.url() === url && dpop) proofs.push(dpop)
  })
  return proofs
}

const readNonce = (proof: string | undefined) => proof && decodeJwt(proof)['nonce']

test('remembers the nonce of each server, and then needs one request', async ({ page, app, as, api }) => {
  await startSession(page, app, boundTo(api.url))
  const atApi = collectProofs(page, `${api.url}/orders`)
  const callApi = () => call(page, `${api.url}/orders`)
  const added = async <T>(count: () => number, work: () => Promise<T>) => {
    const before = count()
    await work()
    return count() - before
  }
  const tokens = () => as.count('token')
  const calls = () => atApi.length
  // The login has learned the one of the server, and nobody that of the API.
  expect(await added(tokens, () => renewToken(page))).toBe(1)
  expect(await added(calls, callApi)).toBe(2)
  // Each has its own, whichever was asked last.
  expect(await added(tokens, () => renewToken(page))).toBe(1)
  expect(await added(calls, callApi)).toBe(1)
  const atServer = as.requests.findLast(({ endpoint, preflight }) => endpoint === 'token' && !preflight)!
  expect(typeof readNonce(atServer.proof)).toBe('string')
  expect(typeof readNonce(atApi.at(-1))).toBe('string')
  expect(readNonce(atServer.proof)).not.toBe(readNonce(atApi.at(-1)))
  // The control: what is remembered is no longer good.
  api.renewNonce()
  expect(await added(calls, callApi)).toBe(2)
  expect(await added(calls, callApi)).toBe(1)
})

test.describe('at an API of the test', () => {
  test('sends the body again when the API requires a nonce', async ({ page, app, as, startApp }) => {
    void as
    const api = await startApp({ host: 'api.localhost' })
    const bodies: string[] = []
    api.route('/api/*', ({ body, headers }) => {
      bodies.push(body)
      const good = readNonce(`${headers['dpop']}`) === 'wanted'
      const challenge = { 'www-authenticate': 'DPoP error="use_dpop_nonce"', 'dpop-nonce': 'wanted' }
      return { status: good ? 200 : 401, headers: good ? {} : challenge }
    })
    await startSession(page, app, boundTo(`${api.origin}/api`))
    const order = { method: 'POST', body: 'one order' }
    expect(await call(page, `${api.origin}/api/orders`, order)).toMatchObject({ status: 200 })
    expect(bodies).toEqual(['one order', 'one order'])
  })

  for (const [error, count] of Object.entries({ use_dpop_nonce: 2, invalid_dpop_proof: 1 }))
    test(`returns the response of one that always answers ${error}, after at most ${count}`, async ({
      page,
      app,
      as,
      startApp,
    }) => {
      const api = await startApp({ host: 'api.localhost' })
      api.route('/api', () => ({
        status: 401,
        headers: { 'www-authenticate': `DPoP error="${error}"`, 'dpop-nonce': 'another' },
        body: 'as it is',
      }))
      await startSession(page, app, boundTo(`${api.origin}/api`))
      const tokens = as.count('token')
      expect(await call(page, `${api.origin}/api`)).toEqual({ status: 401, body: 'as it is' })
      expect(api.requests.filter(({ method }) => method === 'GET')).toHaveLength(count)
      expect(as.count('token')).toBe(tokens)
    })
})

test.describe('with a body that is a stream', () => {
  test.use({ ignoreHTTPSErrors: true })

  test('rejects because it cannot be sent again, and has the nonce the next time', async ({
    page,
    app,
    as,
    browserName,
  }) => {
    test.skip(browserName === 'firefox', 'has no streams as the body of a request')
    void as
    const api = await startStreamApi()
    await startSession(page, app, boundTo(api.url))
    const sendStream = () =>
      page.evaluate(async (url) => {
        const body = new Blob(['one order']).stream()
        const init = { method: 'POST', body, duplex: 'half' } as RequestInit
        return window.auth.fetch(url, init).then(
          ({ status }) => ({ status }),
          (error: unknown) => window.describe(error),
        )
      }, `${api.url}/orders`)
    expect(await sendStream()).toMatchObject({ code: 'body_not_replayable', retryable: false })
    expect(api.bodies).toEqual(['one order'])
    // The control, and what the message advises.
    expect(await sendStream()).toEqual({ status: 200 })
    expect(api.bodies).toEqual(['one order', 'one order'])
    await api.close()
  })
})
