import type { AuthError } from '../../src/base/errors.js'
import type { FaultOptions } from '../rig/faults.js'
import { openNodeClient } from '../rig/node-client.js'
import { publishMetadata } from '../rig/published-metadata.js'
import { expect, test, type NodeClient, type TestAuthorizationServer } from './fixtures.js'
import { expectLogin, expectRefusal, getRejection } from './refusals.js'

/** Refusals that do not name an error, as servers and the proxies in front of them send them. */
const nameless: Record<string, FaultOptions> = {
  'a 401 without a body': { status: 401, body: '' },
  'a 403 page': { status: 403, body: '<h1>Forbidden</h1>' },
  'a 404 page': { status: 404, body: '<h1>Not found</h1>' },
  'a 400 with nonstandard JSON': { status: 400, body: { message: 'no' } },
}

interface Endpoint {
  endpoint: 'token' | 'pushed_authorization_request' | 'revocation'
  /** The subject of the message. */
  subject: string
  /** Sends a request that the endpoint refuses. */
  ask: (as: TestAuthorizationServer, client: NodeClient) => Promise<AuthError>
}

const endpoints: Endpoint[] = [
  { endpoint: 'token', subject: 'the token endpoint', ask: expectRefusal },
  {
    endpoint: 'pushed_authorization_request',
    subject: 'the pushed authorization request endpoint',
    ask: (as, client) => getRejection(as, client.authorize()),
  },
  {
    endpoint: 'revocation',
    subject: 'the revocation endpoint',
    async ask(as, client) {
      await expectLogin(client)
      await client.vault.clear('logout', { revoke: true })
      return getRejection(as, client.vault.revoke())
    },
  },
]

for (const { endpoint, subject, ask } of endpoints)
  for (const [name, fault] of Object.entries(nameless))
    test(`says that ${subject} answered with ${name}`, async ({ as }) => {
      const client = await openNodeClient(as, { par: endpoint === 'pushed_authorization_request' })
      const refused = as.fault(endpoint, fault)
      const error = await ask(as, client)
      expect(error).toMatchObject({ status: fault.status, retryable: false })
      expect(error.message).toMatch(new RegExp(`^${subject} answered with HTTP ${fault.status} `))
      expect(refused.hits).toBe(1)
      // The control: a correct answer is accepted.
      refused.end()
      await expectLogin(client)
    })

interface BrokenToken {
  title: string
  spoil: (as: TestAuthorizationServer) => unknown
  message: RegExp
}

const brokenTokens: BrokenToken[] = [
  {
    title: 'without a signature',
    spoil: (as) => as.tamperIdToken(() => ({ signWith: 'none' })),
    message: /"alg" none, but its metadata only allows .*ES256/,
  },
  {
    title: 'with a forged signature',
    spoil: (as) => as.tamperIdToken(() => ({ signWith: 'foreign' })),
    message: /signature of the JWT could not be verified: JWT signature verification failed/,
  },
  {
    title: 'that either of two keys may have signed',
    async spoil(as) {
      const { keys } = (await (await fetch(`${as.issuer}/jwks`)).json()) as { keys: object[] }
      as.fault('jwks', { body: { keys: [...keys, ...keys].map((key) => ({ ...key, kid: undefined })) } })
      as.tamperIdToken((_, { kid: __, ...header }) => ({ header }))
    },
    message: /signature of the JWT could not be verified: .*multiple applicable keys/,
  },
  {
    title: 'under a key that the server does not publish',
    spoil: (as) => as.tamperIdToken((_, header) => ({ header: { ...header, kid: 'unknown' } })),
    message: /signature of the JWT could not be verified: .*no applicable keys/,
  },
  {
    title: 'with an algorithm that is not supported',
    async spoil(as) {
      await publishMetadata(as, { id_token_signing_alg_values_supported: ['ES256K'] })
      // No hash can match: the algorithm does not say which one to use.
      as.tamperIdToken((claims, header) => ({
        header: { ...header, alg: 'ES256K' },
        claims: { ...claims, at_hash: 'A'.repeat(22) },
      }))
    },
    message: /unsupported "alg" ES256K/,
  },
]

for (const { title, spoil, message } of brokenTokens)
  test(`says what is wrong with an ID token ${title}`, async ({ as, client }) => {
    await spoil(as)
    const error = await expectRefusal(as, client)
    expect(error).toMatchObject({ code: 'invalid_id_token', retryable: false })
    expect(error.message).toMatch(message)
  })

test('says that an endpoint is missing, and not that it is unexpected', async ({ as, client }) => {
  await publishMetadata(as, { token_endpoint: undefined })
  const error = await getRejection(as, client.authorize())
  expect(error).toMatchObject({ code: 'discovery_failed', cause: { claim: 'token_endpoint' } })
  expect(error.message).toBe(
    '"token_endpoint" is missing in the server\'s metadata: fix it there, or set the option "metadata"',
  )
})
