import { describe } from 'vitest'
import type { FaultOptions } from '../rig/faults.js'
import { openNodeClient } from '../rig/node-client.js'
import { expect, test } from './fixtures.js'
import { expectLogin, getRejection } from './refusals.js'

/** What the server answers to a request that is sent ahead, and what is said of it. */
const faults: { title: string; fault: FaultOptions; error: object }[] = [
  {
    title: "the server's own error",
    fault: { error: 'invalid_scope', error_description: 'no such scope' },
    error: { code: 'invalid_scope', error_description: 'no such scope', retryable: false },
  },
  { title: 'a 500', fault: { status: 500 }, error: { code: 'server_error', status: 500, retryable: true } },
  {
    title: 'a 503',
    fault: { status: 503 },
    error: { code: 'temporarily_unavailable', status: 503, retryable: true },
  },
  { title: 'a cut connection', fault: { cut: true }, error: { code: 'network_error', retryable: true } },
  {
    title: 'a body without a reference',
    fault: { status: 201, body: { expires_in: 60 } },
    error: { code: 'invalid_token_response', cause: { claim: 'request_uri' } },
  },
]

describe('at a server that requires PAR', () => {
  test.override({ asOptions: { par: 'required' } })

  test('pushes the request, and sends only a reference to the authorization endpoint', async ({
    as,
    client,
  }) => {
    await expectLogin(client, { params: { theme: 'dark' } })
    const of = (endpoint: string) => as.requests.filter((request) => request.endpoint === endpoint)
    expect(of('authorize').map(({ params }) => Object.keys(params).sort())).toEqual([
      ['client_id', 'request_uri'],
    ])
    expect(of('pushed_authorization_request').map(({ params }) => params)).toMatchObject([
      { client_id: 'demo-app', response_type: 'code', code_challenge_method: 'S256', theme: 'dark' },
    ])
  })

  for (const { title, fault, error } of faults)
    test(`rejects if the server responds with ${title}`, async ({ as, client }) => {
      const broken = as.fault('pushed_authorization_request', fault)
      expect(await getRejection(as, client.authorize())).toMatchObject(error)
      expect(broken.hits).toBe(1)
      expect([as.count('authorize'), as.count('token')]).toEqual([0, 0])
      expect(await client.readSession()).toBeNull()
      broken.end()
      await expectLogin(client)
    })
})

describe('at a server without PAR', () => {
  test.override({ asOptions: { par: 'off' } })

  test('rejects with discovery_failed if the app requires it', async ({ as }) => {
    const client = await openNodeClient(as, { par: true })
    expect(await getRejection(as, client.authorize())).toMatchObject({
      code: 'discovery_failed',
      cause: { claim: 'pushed_authorization_request_endpoint' },
    })
    expect(as.count('authorize')).toBe(0)
    await expectLogin(await client.reload({}))
  })
})
