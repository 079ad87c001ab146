import { afterEach, expect, test, vi } from 'vitest'
import { memoryStore } from '../../src/browser/storage/memory-store.js'
import { buildOAuthClient, type Caller } from '../../src/protocol/server-call.js'
import { openServerCache } from '../../src/vault/server-cache.js'

const issuer = 'https://id.example'
const metadata = { issuer, jwks_uri: `${issuer}/jwks` }

afterEach(() => vi.useRealTimers())

/** Opens the cache of a server whose responses the test releases. */
function openHeld() {
  const requests: { answer(kid: string): void; fail(): void }[] = []
  const caller: Caller = {
    client: buildOAuthClient('spa', 30),
    clockTolerance: 30,
    origin: 'https://app.example',
    fetch: () =>
      new Promise((resolve, reject) =>
        requests.push({
          answer: (kid) => resolve(Response.json({ keys: [{ kid }] })),
          fail: () => reject(new TypeError('cut')),
        }),
      ),
    timeout: 60_000,
    signal: new AbortController().signal,
    secrets: [],
    dpop: undefined,
  }
  const options = { issuer, discovery: 'oidc' as const, metadata }
  const { getKeys } = openServerCache(memoryStore(), 'server', caller, options)
  return { getKeys, requests, caller }
}

test('keeps the keys of a later request when an earlier one fails after it', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const { getKeys, requests } = openHeld()
  const first = getKeys(true)
  await vi.waitFor(() => expect(requests).toHaveLength(1))
  vi.setSystemTime(Date.now() + 20_000)
  const second = getKeys(true)
  await vi.waitFor(() => expect(requests).toHaveLength(2))
  requests[1]!.answer('new')
  expect((await second).keys).toEqual([{ kid: 'new' }])
  requests[0]!.fail()
  await expect(first).rejects.toMatchObject({ code: 'network_error' })
  // The keys are still there, and so is the pause after a forced request.
  expect((await getKeys(true)).keys).toEqual([{ kid: 'new' }])
  expect(requests).toHaveLength(2)
})

test('tries again after a failed request with no later one', async () => {
  const { getKeys, requests } = openHeld()
  const first = getKeys(true)
  await vi.waitFor(() => expect(requests).toHaveLength(1))
  requests[0]!.fail()
  await expect(first).rejects.toMatchObject({ code: 'network_error' })
  const second = getKeys(true)
  await vi.waitFor(() => expect(requests).toHaveLength(2))
  requests[1]!.answer('new')
  expect((await second).keys).toEqual([{ kid: 'new' }])
})

test('reads metadata and keys of any content type, and rejects anything but a JSON object', async () => {
  const answers: Record<string, string> = {
    [`${issuer}/.well-known/openid-configuration`]: JSON.stringify({
      ...metadata,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
    }),
    [`${issuer}/jwks`]: '{"keys":[{"kid":"new"}]}',
  }
  const { caller } = openHeld()
  const open = () =>
    openServerCache(
      memoryStore(),
      'server',
      {
        ...caller,
        fetch: async (url) => new Response(answers[url], { headers: { 'content-type': 'text/plain' } }),
      },
      { issuer, discovery: 'oidc', metadata: undefined },
    )
  expect((await open().getKeys(false)).keys).toEqual([{ kid: 'new' }])
  for (const url of Object.keys(answers))
    for (const body of ['<!doctype html>', '[]', 'null', '']) {
      const right = answers[url]!
      answers[url] = body
      await expect(open().getKeys(false)).rejects.toMatchObject({ code: 'discovery_failed' })
      answers[url] = right
    }
})
