import { collectRefreshTokens } from '../rig/refresh-tokens.js'
import { rememberDetails } from '../rig/remembered-details.js'
import { isRefresh, isSilent } from '../rig/request-kinds.js'
import { expect, test, type NodeClient } from './fixtures.js'
import { expectLogin, expectRefusal, getRejection } from './refusals.js'

const resource = 'https://bank.example.com/'

test.override({
  asOptions: {
    authorizationDetailsTypes: ['payment', 'account'],
    resources: { [resource]: { scope: 'bank' } },
  },
  clientOptions: { resource, scope: 'openid bank' },
})

const payment = { type: 'payment', actions: ['initiate'], amount: '10.00' }
const account = { type: 'account', actions: ['read'] }
const both = [payment, account]

/** What a refresh asks for, and the key that its token is kept under. */
const forAccount = [{ resource, authorization_details: JSON.stringify([account]) }, 'account'] as const

const detailsOf = async (client: NodeClient, key: string) =>
  (await client.readSession())?.tokens[key]?.authorizationDetails

test('requests authorization details at login, and stores the granted ones', async ({ as, client }) => {
  const { session } = await expectLogin(client, { authorizationDetails: both })
  const request = as.requests.find(({ endpoint }) => endpoint === 'authorize')!
  expect(JSON.parse(request.params['authorization_details']!)).toEqual(both)
  // The user has seen and allowed them.
  expect(client.agent.pages.at(-1)).toContain('amount: 10.00')
  expect(session?.tokens['']?.authorizationDetails).toEqual(both)
})

test('gets a token for some of them, and stores it separately', async ({ as, client }) => {
  await expectLogin(client, { authorizationDetails: both })
  const whole = await client.getToken()
  await client.refresh(...forAccount)
  const { tokens } = (await client.readSession())!
  expect(tokens['account']).toMatchObject({ authorizationDetails: [account] })
  expect(tokens['account']?.accessToken).not.toBe(whole)
  expect(tokens['']).toMatchObject({ accessToken: whole, authorizationDetails: both })
  const [refresh] = as.requests.filter(isRefresh)
  expect(JSON.parse(refresh!.params['authorization_details']!)).toEqual([account])
})

test('keeps the refresh token for all of them when a hidden iframe returns a token for some', async ({
  as,
  client,
}) => {
  const given = collectRefreshTokens(as)
  await expectLogin(client, { authorizationDetails: both })
  rememberDetails(as)
  await client.renewByFrame({ authorizationDetails: [account] }, 'account')
  expect(as.count('authorize', isSilent)).toBe(1)
  expect(await detailsOf(client, 'account')).toEqual([account])
  expect((await client.readSession())?.refreshToken).toBe(given[0])
  await client.refresh()
  expect(await detailsOf(client, '')).toEqual(both)
  expect(as.count('token', isRefresh)).toBe(1)
})

test('replaces the refresh token when a hidden iframe returns all of them', async ({ as, client }) => {
  const given = collectRefreshTokens(as)
  await expectLogin(client, { authorizationDetails: both })
  const before = await client.getToken()
  rememberDetails(as)
  await client.renewByFrame()
  expect(await client.getToken()).not.toBe(before)
  expect(await detailsOf(client, '')).toEqual(both)
  expect(given).toHaveLength(2)
  expect((await client.readSession())?.refreshToken).toBe(given[1])
  await client.refresh()
  expect(await detailsOf(client, '')).toEqual(both)
  expect(as.requests.filter(isRefresh).map(({ params }) => params['refresh_token'])).toEqual([given[1]])
})

test('keeps the session and its tokens when the server rejects the details', async ({ as, client }) => {
  await expectLogin(client, { authorizationDetails: both })
  const before = await client.readSession()
  const more = JSON.stringify([{ ...payment, amount: '1000.00' }])
  const error = await getRejection(as, client.refresh({ resource, authorization_details: more }, 'more'))
  expect(error.code).toBe('invalid_authorization_details')
  // It may have used up the refresh token for the attempt, as oidc-provider does: another grant is asked for.
  expect(await client.readSession()).toEqual({ ...before, inDoubt: true })
  rememberDetails(as)
  await client.renewByFrame({ authorizationDetails: [account] }, 'account')
  expect(await detailsOf(client, 'account')).toEqual([account])
})

test('rejects a login with details of an unknown type', async ({ as, client }) => {
  const error = await expectRefusal(as, client, { authorizationDetails: [{ type: 'unheard-of' }] })
  expect(error).toMatchObject({ code: 'invalid_authorization_details', retryable: false })
  expect(as.count('token')).toBe(0)
  await expectLogin(client, { authorizationDetails: both })
})
