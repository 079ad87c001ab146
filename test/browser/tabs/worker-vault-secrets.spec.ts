import type { Page } from '@playwright/test'
import { click, createAuth, openApp, outcome, state } from '../../rig/app-page.js'
import { test as base, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { expect, orders, test } from '../../rig/orders-api.js'
import { readPageText } from '../../rig/page-text.js'
import { readHeap, readMessages, recordMessages } from '../../rig/port-recorder.js'
import { collectRefreshTokens } from '../../rig/refresh-tokens.js'
import { isRefresh } from '../../rig/request-kinds.js'
import { logInByPopup } from '../../rig/sign-in.js'
import { getToken, renewToken, startSession } from '../../rig/token-calls.js'

const kinds = ['shared', 'worker'] as const

/** Lists the code verifiers that the server received. */
const listVerifiers = (as: TestAuthorizationServer) => [
  ...new Set(as.requests.flatMap(({ params }) => params['code_verifier'] ?? [])),
]

/** Reads everything that a script can find in the places of a page, and tells whether a key that can sign is among it. */
async function readStores(page: Page): Promise<{ text: string; databases: string[] }> {
  const text = JSON.stringify(await page.evaluate(readPageText))
  const databases = await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name!))
  return { text, databases }
}

for (const vault of kinds)
  for (const dpop of [false, true])
    test(`no refresh token, spent verifier or key of a ${vault} worker reaches the page${dpop ? ', with DPoP' : ''}`, async ({
      page,
      app,
      as,
      api,
      browserName,
    }) => {
      const refreshTokens = collectRefreshTokens(as)
      await recordMessages(page)
      await startSession(page, app, {
        vault,
        dpop,
        scope: `openid ${orders.scope}`,
        resource: orders.resource,
        apis: [{ url: api.url }],
      })
      const { value: first } = await getToken(page)
      const { value: second } = await renewToken(page)
      // What fails crosses, too; so does what an iframe brings.
      as.fault('token', { error: 'invalid_grant', when: isRefresh, times: 1 })
      const { value: third } = await renewToken(page)
      const call = (url: string) => window.auth.fetch(url).then(({ status }) => status)
      await click(page, call, `${api.url}/orders`)
      expect((await outcome(page)).value).toBe(200)
      expect(refreshTokens).toHaveLength(3)
      const verifiers = listVerifiers(as)
      expect(verifiers).toHaveLength(2)
      // The server asked for a nonce first: the code of the login was sent twice, and was not lost.
      if (dpop) expect(as.count('token', ({ params }) => params['code_verifier'] === verifiers[0])).toBe(2)

      const messages = await readMessages(page)
      const { text, databases } = await readStores(page)
      const heap = browserName === 'chromium' ? await readHeap(page) : undefined
      // The positive controls: the access tokens are found, and a verifier on its way to the worker.
      for (const token of [first!, second!, third!]) expect(messages.in).toContain(token)
      if (heap) expect(heap.includes(third!)).toBe(true)
      for (const verifier of verifiers) expect(messages.out).toContain(verifier)
      for (const refreshToken of refreshTokens)
        for (const place of [messages.in, messages.out, text, heap ?? ''])
          expect(place.includes(refreshToken)).toBe(false)
      for (const verifier of verifiers)
        for (const place of [messages.in, text]) expect(place.includes(verifier)).toBe(false)
      expect(messages.hasKey).toBe(false)
      // Neither tokens nor a key that signs is in a database, because there is none.
      expect(databases).toEqual([])

      await page.evaluate(() => window.auth.logout({ local: true }))
      expect(as.count('revocation')).toBe(1)
      const after = await readMessages(page)
      for (const refreshToken of refreshTokens) expect(after.in.includes(refreshToken)).toBe(false)
    })

test('the control: a vault in the page has the refresh token in its memory and its store', async ({
  page,
  app,
  as,
  browserName,
}) => {
  const refreshTokens = collectRefreshTokens(as)
  await startSession(page, app, { store: 'session', dpop: true })
  const { text, databases } = await readStores(page)
  expect(text.includes(refreshTokens[0]!)).toBe(true)
  if (browserName === 'chromium') expect((await readHeap(page)).includes(refreshTokens[0]!)).toBe(true)
  // The key of dpop().
  expect(databases).toEqual(['latchkey'])
})

/** Opens the vault of the app's worker by hand, as a script in the page could, and calls it. */
const attack = (page: Page, options: object, method: string, ...parameters: unknown[]) =>
  page.evaluate(
    async ([change, name, values]) => {
      const captured = JSON.parse(JSON.stringify(window.crossed.out[0])) as { options: object }
      const { port1, port2 } = new MessageChannel()
      const next = () => new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)))
      const ready = next()
      new SharedWorker('/worker.js').port.postMessage(
        { ...captured, options: { ...captured.options, ...change } },
        [port2],
      )
      if ((await ready) !== 'ready') throw new Error('the worker refused')
      const answer = next()
      port1.postMessage({ id: 1, method: name, parameters: values })
      return (await answer) as { value?: any; failure?: { message: string; code?: string } }
    },
    [options, method, parameters] as const,
  )

test('a script in the page cannot have the refresh token sent elsewhere, or get it by another grant', async ({
  page,
  app,
  as,
  startApp,
}) => {
  const refreshTokens = collectRefreshTokens(as)
  const evil = await startApp()
  evil.route('/token', () => ({ body: {} }))
  await recordMessages(page)
  await startSession(page, app, { vault: 'shared' })
  const { value: accessToken } = await getToken(page)
  // The positive control: with the same options, it gets what the page has.
  const view = await attack(page, {}, 'load')
  expect(JSON.stringify(view)).toContain(accessToken)
  expect(JSON.stringify(view)).not.toContain(refreshTokens[0])

  const metadata = {
    issuer: as.issuer,
    authorization_endpoint: `${as.issuer}/auth`,
    token_endpoint: `${evil.origin}/token`,
    revocation_endpoint: `${evil.origin}/token`,
    jwks_uri: `${evil.origin}/jwks`,
  }
  const { generation } = view.value
  expect((await attack(page, { metadata }, 'load')).value.session).toBe(null)
  const stolen = await attack(page, { metadata }, 'token', { key: '', ifGeneration: generation })
  expect(stolen.failure?.code).toBe('busy')
  expect(evil.requests.filter(({ body }) => body.includes(refreshTokens[0]!))).toEqual([])

  const grants = [
    [['grant_type', 'refresh_token']],
    [
      ['grant_type', 'refresh_token'],
      ['grant_type', 'urn:ietf:params:oauth:grant-type:token-exchange'],
    ],
  ]
  for (const grant of grants)
    expect((await attack(page, {}, 'grant', grant)).failure?.code).toBe('unsupported_grant_type')
  for (const method of ['constructor', '__proto__', 'toString', 'hasOwnProperty'])
    expect((await attack(page, {}, method)).failure?.message).toContain('unknown method')
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
  expect((await renewToken(page)).value).toBeTruthy()
})

base('a store and a vault exclude each other', async ({ page, as }) => {
  void as
  await openApp(page)
  const create = createAuth(page, { vault: 'shared', store: 'memory' })
  await expect(create).rejects.toThrow(/"store" must be left out with "vault"/)
  await createAuth(page, { vault: 'shared' })
  expect((await logInByPopup(page)).status).toBe('logged-in')
})
