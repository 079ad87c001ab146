import { describe } from 'vitest'
import { isExchange, reissue } from '../rig/exchange-calls.js'
import { decodePart } from '../rig/id-token-tampering.js'
import { expect, test, type NodeClient } from './fixtures.js'
import { expectLogin, getRejection } from './refusals.js'

const [orders, bills] = ['https://orders.example.com/', 'https://bills.example.com/']
const resources = { [orders]: { scope: 'read write' }, [bills]: { scope: 'read write', audience: 'bills' } }
const clientOptions = { resource: orders, scope: 'openid read write' }

test.override({ asOptions: { resources, tokenExchange: true }, clientOptions })

/** Logs alice in and gets her ID token. */
async function startWithIdToken(client: NodeClient): Promise<string> {
  await expectLogin(client)
  return (await client.readSession())!.idToken!
}

test("uses the session's ID token as the subject or the actor, without handing it out", async ({
  as,
  client,
}) => {
  const idToken = await startWithIdToken(client)
  const asSubject = await client.exchange({ subjectTokenType: 'id_token', resource: bills })
  expect(decodePart(asSubject.token, 1)).toMatchObject({ sub: 'alice', aud: 'bills' })
  expect(as.requests.findLast(isExchange)?.params).toMatchObject({ subject_token: idToken })

  const bob = reissue(await client.getToken(), { sub: 'bob' })
  const asActor = await client.exchange({ subjectToken: bob, actorTokenType: 'id_token', resource: bills })
  expect(asActor.actors).toEqual([{ sub: 'alice' }])
  expect(as.requests.findLast(isExchange)?.params).toMatchObject({ actor_token: idToken })
})

test('says so as well for a 401 without an OAuth error', async ({ as, client }) => {
  await expectLogin(client)
  as.fault('token', { status: 401, body: '' })
  const error = await getRejection(as, client.exchange())
  expect(error).toMatchObject({ code: 'invalid_token_response', status: 401, retryable: false })
  expect(error.message).toMatch(/HTTP 401 .*service of yours .*docs\/beyond-the-login\.md#token-exchange/)
})

describe('of a session without an ID token', () => {
  test.override({ clientOptions: { resource: orders, scope: 'read' } })

  test('asks for a login with "openid", and sends nothing', async ({ as, client }) => {
    await expectLogin(client)
    const error = await getRejection(as, client.exchange({ subjectTokenType: 'id_token' }))
    expect(error).toMatchObject({ code: 'login_required', message: expect.stringContaining('"openid"') })
    expect(as.count('token', isExchange)).toBe(0)
    // The control.
    await client.exchange({ resource: orders })
  })
})

test.for<[string, number, string, boolean]>([
  ['invalid_client', 400, 'Public client is not allowed to exchange token', true],
  ['unauthorized_client', 400, 'no', true],
  ['unsupported_grant_type', 400, 'no', true],
  ['invalid_request', 400, 'Standard token exchange is not enabled for the requested client', true],
  ['invalid_request', 400, 'Invalid token', false],
  ['invalid_scope', 400, 'no', false],
])(
  'says for "%s" (%i, %s) whether a service must exchange',
  async ([code, status, text, isForApps], { as, client }) => {
    await expectLogin(client)
    as.fault('token', { status, body: JSON.stringify({ error: code, error_description: text }) })
    const error = await getRejection(as, client.exchange())
    expect(error).toMatchObject({ code, error: code, error_description: text, status, retryable: false })
    expect(/service of yours .*docs\/beyond-the-login\.md#token-exchange/.test(error.message)).toBe(isForApps)
  },
)
