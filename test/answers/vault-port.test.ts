import { isAuthError } from '../../src/base/is-auth-error.js'
import { cloneVault, type ClonedVault } from '../rig/cloned-vault.js'
import { appOrigin, openNodeClient, type NodeClient, type NodeClientOptions } from '../rig/node-client.js'
import { isAlive } from '../rig/refresh-tokens.js'
import { isRefresh } from '../rig/request-kinds.js'
import { expect, test, type TestAuthorizationServer } from './fixtures.js'
import { getRejection } from './refusals.js'

const bills = 'https://bills.example.com/'

test.override({
  asOptions: {
    resources: { [bills]: { scope: 'read', audience: 'bills' } },
    tokenExchange: true,
    par: 'offered',
  },
})

/** Opens a client whose vault is behind a port that clones. */
async function openCloned(
  as: TestAuthorizationServer,
  options: NodeClientOptions = {},
): Promise<{ client: NodeClient; port: ClonedVault }> {
  let port: ClonedVault | undefined
  const client = await openNodeClient(as, {
    ...options,
    wrapVault: (vault) => (port = cloneVault(vault)).vault,
  })
  return { client, port: port! }
}

const readFields = (error: Error) => ({ ...error, message: error.message, cause: error.cause })

for (const dpop of [false, true])
  test(`every value of the vault's port can be cloned, ${dpop ? 'with' : 'without'} DPoP`, async ({ as }) => {
    const { client, port } = await openCloned(as, { dpop, par: true })
    const { vault } = client
    await vault.warm()
    await vault.updateHints({ silentFrames: 1 })
    const { session } = await client.logIn()
    expect(session).toMatchObject({ user: { sub: 'alice' }, refreshable: true })
    const { refreshToken: first } = (await client.readSession())!

    const { session: renewed } = await client.refresh()
    expect(renewed!.tokens['']!.accessToken).not.toBe(session!.tokens['']!.accessToken)
    await client.renewByFrame()
    const { idToken } = (await client.readSession())!
    expect(await vault.idToken()).toMatchObject({ idToken, user: { sub: 'alice' } })
    expect((await client.exchange({ audience: 'bills' })).token).toBeTruthy()
    expect(await client.getUserInfo()).toMatchObject({ sub: 'alice' })
    const request = { method: 'GET', url: `${appOrigin}/api`, accessToken: await client.getToken() }
    if (dpop) expect(await vault.prove(request)).toMatch(/^ey/)

    const { refreshToken: last } = (await client.readSession())!
    const cleared = await vault.clear('logout', { revoke: true })
    expect(cleared).toMatchObject({ view: { session: null, reason: 'logout' }, stillStored: false })
    await vault.revoke()
    expect(as.count('revocation')).toBe(1)
    expect(await isAlive(as, last!)).toBe(false)

    const methods = Object.keys(vault).filter((name) => dpop || name !== 'prove')
    expect([...port.called].sort()).toEqual(methods.sort())
    expect(port.errors).toEqual([])
    // The positive control is that the refresh tokens are known here.
    const text = JSON.stringify(port.crossed)
    for (const refreshToken of [first!, last!]) expect(text.includes(refreshToken)).toBe(false)
  })

test('every error of the port is restored with its code and fields', async ({ as }) => {
  const { client, port } = await openCloned(as)
  await getRejection(as, client.refresh())
  await client.logIn()
  const { generation } = await client.vault.load()
  await getRejection(as, client.vault.token({ key: '', ifGeneration: generation - 1 }))
  as.fault('token', { status: 503, retryAfter: 7, times: 1 })
  await getRejection(as, client.refresh())
  await getRejection(as, client.exchange({ subjectToken: 'nonsense' }))
  const { reply, transaction } = await client.authorize()
  const foreign = { ...transaction, state: 'p.another' }
  await getRejection(as, client.vault.redeem({ reply, transaction: foreign, key: '' }))
  as.fault('revocation', { status: 500 })
  await client.vault.clear('logout', { revoke: true })
  await getRejection(as, client.vault.revoke())

  const codes = port.errors.map(({ thrown }) => isAuthError(thrown) && thrown.code)
  expect(codes).toEqual([
    'login_required',
    'busy',
    'temporarily_unavailable',
    'invalid_request',
    'invalid_response',
    'server_error',
  ])
  for (const { thrown, received } of port.errors) {
    expect(received).not.toBe(thrown)
    expect(readFields(received)).toEqual(readFields(thrown))
  }
})

test('a session that ended without a revocation is not revoked later', async ({ as }) => {
  const { client } = await openCloned(as)
  await client.logIn()
  const { refreshToken } = (await client.readSession())!
  await client.vault.clear('logout', { revoke: false })
  await client.vault.revoke()
  expect(await isAlive(as, refreshToken!)).toBe(true)
  expect(as.count('revocation')).toBe(0)
})

test('a refresh token is revoked once, even if more is cleared afterwards', async ({ as }) => {
  const { client } = await openCloned(as)
  await client.logIn()
  await client.vault.clear('logout', { revoke: true })
  // Another logout, which finds nothing.
  await client.vault.clear('logout', { revoke: true })
  await client.vault.revoke()
  await client.vault.revoke()
  expect(as.count('revocation')).toBe(1)
  expect(as.count('token', isRefresh)).toBe(0)
})
