import { createClient } from '../../src/index.js'
import { openNodeClient, type NodeClientOptions } from '../rig/node-client.js'
import { decodePart, type JsonObject, type TamperIdToken } from '../rig/id-token-tampering.js'
import { publishMetadata, readMetadata } from '../rig/published-metadata.js'
import { expect, test, type NodeClient, type TestAuthorizationServer } from './fixtures.js'
import { expectLogin, expectRefusal, getRejection } from './refusals.js'

const [own, other] = ['3f2504e0-4f89-41d3-9a0c-0305e82c3301', '72f988bf-86f1-41af-91ab-2d7cd011db47']
const personal = '9188040d-6c67-4c5b-b112-36a304b66dad'

// Entra ID sends no `iss` in its responses.
const resource = 'https://orders.example.com'
test.override({ asOptions: { sendIss: false, resources: { [resource]: { scope: 'orders:read' } } } })

const templateOf = (as: TestAuthorizationServer) => `${as.issuer}/{tenantid}/v2.0`
const issuerOf = (as: TestAuthorizationServer, tenant: unknown) => `${as.issuer}/${tenant}/v2.0`

/** Opens a client of a server whose metadata names a template, as those of Entra ID's authority `common` do. */
async function openTenants(
  as: TestAuthorizationServer,
  tenants: NodeClientOptions['tenants'],
  options: NodeClientOptions = {},
): Promise<NodeClient> {
  const issuer = templateOf(as)
  await publishMetadata(as, { issuer })
  return openNodeClient(as, { issuer, tenants, ...options })
}

/** Issues ID tokens as a tenant does. `undefined` takes a claim away. */
function asTenant(as: TestAuthorizationServer, tenant: unknown, change: JsonObject = {}): TamperIdToken {
  return (claims) => ({ claims: { ...claims, iss: issuerOf(as, tenant), tid: tenant, ...change } })
}

for (const tenants of ['any', [own], [other, own]] as const)
  test(`accepts a tenant that ${JSON.stringify(tenants)} allows, and finds the metadata of all tenants`, async ({
    as,
  }) => {
    const client = await openTenants(as, tenants as never)
    as.tamperIdToken(asTenant(as, own))
    const { session } = await expectLogin(client)
    expect(session?.user).toMatchObject({ iss: issuerOf(as, own), tid: own })
    const [first] = as.requests
    expect(first).toMatchObject({
      endpoint: 'metadata',
      path: '/common/v2.0/.well-known/openid-configuration',
    })
    await client.refresh()
    await client.renewByFrame()
  })

const refusals: { title: string; claims: (as: TestAuthorizationServer) => JsonObject; claim?: string }[] = [
  { title: 'a tenant that is not listed', claims: (as) => ({ tid: other, iss: issuerOf(as, other) }) },
  { title: 'no tenant', claims: () => ({ tid: undefined }) },
  { title: 'the issuer of another tenant', claims: (as) => ({ iss: issuerOf(as, other) }), claim: 'iss' },
  { title: 'the tenant of another token', claims: () => ({ tid: other }) },
  { title: 'the tenant in upper case', claims: () => ({ tid: own.toUpperCase() }) },
  {
    title: 'tenant and issuer in upper case',
    claims: (as) => ({ tid: own.toUpperCase(), iss: issuerOf(as, own.toUpperCase()) }),
  },
  {
    title: 'the issuer in upper case',
    claims: (as) => ({ iss: issuerOf(as, own.toUpperCase()) }),
    claim: 'iss',
  },
  { title: 'the template as its issuer', claims: (as) => ({ iss: templateOf(as) }), claim: 'iss' },
  {
    title: 'the template as its issuer, and its mark as the tenant',
    claims: (as) => ({ iss: templateOf(as), tid: '{tenantid}' }),
  },
  {
    title: 'the template as its issuer, and no tenant',
    claims: (as) => ({ iss: templateOf(as), tid: undefined }),
  },
  {
    title: 'a tenant with a slash',
    claims: (as) => ({ tid: `${own}/x`, iss: issuerOf(as, `${own}/x`) }),
  },
  {
    title: 'a tenant that climbs out of its path',
    claims: (as) => ({ tid: `../${own}`, iss: issuerOf(as, `../${own}`) }),
  },
  {
    title: 'a tenant with a line break',
    claims: (as) => ({ tid: `${own}\n`, iss: issuerOf(as, `${own}\n`) }),
  },
  { title: 'a list of tenants', claims: (as) => ({ tid: [own], iss: issuerOf(as, own) }) },
  {
    title: 'a domain as its tenant',
    claims: (as) => ({ tid: 'contoso.com', iss: issuerOf(as, 'contoso.com') }),
  },
  { title: 'an alias as its tenant', claims: (as) => ({ tid: 'common', iss: issuerOf(as, 'common') }) },
  { title: 'an empty tenant', claims: (as) => ({ tid: '', iss: issuerOf(as, '') }) },
  { title: 'a number as its tenant', claims: () => ({ tid: 1 }) },
  {
    title: 'another issuer with its tenant',
    claims: () => ({ iss: `https://evil.example/${own}/v2.0` }),
    claim: 'iss',
  },
  { title: 'a longer issuer', claims: (as) => ({ iss: `${issuerOf(as, own)}/` }), claim: 'iss' },
  { title: 'the issuer of version 1', claims: (as) => ({ iss: `${as.issuer}/${own}/` }), claim: 'iss' },
]

for (const { title, claims, claim = 'tid' } of refusals)
  test(`rejects an ID token with ${title}`, async ({ as }) => {
    for (const tenants of [[own], 'any'] as const) {
      // Any tenant may log in there, so only the first list refuses this one.
      if (tenants === 'any' && title === 'a tenant that is not listed') continue
      const client = await openTenants(as, tenants as never)
      const stop = as.tamperIdToken(asTenant(as, own, claims(as)))
      const error = await expectRefusal(as, client)
      expect(error.code).toBe('invalid_id_token')
      // With `any`, the tenant of another token is one that may log in, but its issuer is not this one.
      const isOther = tenants === 'any' && title === 'the tenant of another token'
      expect(error.cause?.claim).toBe(isOther ? 'iss' : claim)
      stop()
      as.tamperIdToken(asTenant(as, own))
      await expectLogin(client)
    }
  })

test('rejects a token response without an ID token, even if the login did not request "openid"', async ({
  as,
}) => {
  const client = await openTenants(as, [own])
  const error = await expectRefusal(as, client, { scope: 'orders:read', resources: [resource] })
  expect(error).toMatchObject({ code: 'invalid_token_response', cause: { claim: 'id_token' } })
  as.tamperIdToken(asTenant(as, own))
  await expectLogin(client)
})

test('rejects a forged signature', async ({ as }) => {
  const client = await openTenants(as, 'any')
  as.tamperIdToken((claims, header, grant) => ({
    ...asTenant(as, own)(claims, header, grant),
    signWith: 'foreign',
  }))
  expect(await expectRefusal(as, client)).toMatchObject({ cause: { claim: 'signature' } })
})

test('accepts only keys that are for the issuer of the tenant', async ({ as }) => {
  const client = await openTenants(as, 'any')
  as.tamperIdToken(asTenant(as, own))
  const { keys } = (await (await fetch(`${as.issuer}/jwks`)).json()) as { keys: JsonObject[] }
  const publishFor = (issuer: string) =>
    as.fault('jwks', { body: { keys: keys.map((key) => ({ ...key, issuer })) } })
  // The key for personal accounts must not sign for an organization.
  const forPersonal = publishFor(issuerOf(as, personal))
  expect(await expectRefusal(as, client)).toMatchObject({ cause: { claim: 'signature' } })
  forPersonal.end()
  for (const issuer of [templateOf(as), issuerOf(as, own)]) {
    const published = publishFor(issuer)
    await expectLogin(await openTenants(as, 'any'))
    published.end()
  }
})

test('rejects a renewal that brings the same user of another tenant', async ({ as }) => {
  const client = await openTenants(as, 'any')
  as.tamperIdToken(asTenant(as, own))
  await expectLogin(client)
  const before = await client.readSession()
  const stop = as.tamperIdToken(asTenant(as, other))
  expect(await getRejection(as, client.renewByFrame())).toMatchObject({
    code: 'invalid_id_token',
    cause: { claim: 'iss' },
  })
  expect(await getRejection(as, client.refresh())).toMatchObject({
    code: 'invalid_id_token',
    cause: { claim: 'iss' },
  })
  expect((await client.readSession())?.user).toEqual(before?.user)
  stop()
  // A new login may be of another tenant.
  as.tamperIdToken(asTenant(as, other))
  expect((await expectLogin(client)).session?.user).toMatchObject({ tid: other })
})

const responses: { title: string; iss: (as: TestAuthorizationServer) => string }[] = [
  { title: 'the template', iss: templateOf },
  { title: 'a tenant in upper case', iss: (as) => issuerOf(as, own.toUpperCase()) },
  { title: 'another server', iss: () => `https://evil.example/${own}/v2.0` },
  { title: 'a longer issuer', iss: (as) => `${issuerOf(as, own)}/x` },
  { title: 'the authority', iss: (as) => issuerOf(as, 'common') },
]

for (const { title, iss } of responses)
  test(`rejects an authorization response whose "iss" names ${title}`, async ({ as }) => {
    const client = await openTenants(as, [own], { responseMode: 'query' })
    as.tamperIdToken(asTenant(as, own))
    const stop = as.tamperAuthorizationResponse((params) => {
      params.set('iss', iss(as))
      return params
    })
    expect(await expectRefusal(as, client)).toMatchObject({
      code: 'invalid_response',
      cause: { claim: 'iss' },
    })
    expect(as.count('token')).toBe(0)
    stop()
    as.tamperAuthorizationResponse((params) => {
      params.set('iss', issuerOf(as, own))
      return params
    })
    await expectLogin(client)
  })

test('rejects metadata without the template, and a template without tenants', async ({ as }) => {
  const issuer = templateOf(as)
  const published = await publishMetadata(as, { issuer: issuerOf(as, own) })
  const client = await openNodeClient(as, { issuer, tenants: 'any' })
  expect(await getRejection(as, client.vault.server())).toMatchObject({ code: 'discovery_failed' })
  published.end()
  await publishMetadata(as, { issuer })
  const single = await openNodeClient(as, { issuer: issuerOf(as, own) })
  expect(await getRejection(as, single.vault.server())).toMatchObject({ code: 'discovery_failed' })
})

test('changes nothing for a server with one issuer', async ({ as, client }) => {
  as.tamperIdToken((claims) => ({ claims: { ...claims, tid: 'not a tenant' } }))
  const { session } = await expectLogin(client)
  expect(session?.user).toMatchObject({ iss: as.issuer, tid: 'not a tenant' })
  expect(decodePart((await client.readSession())!.idToken!, 1)['tid']).toBe('not a tenant')
  expect((await readMetadata(as))['issuer']).toBe(as.issuer)
})

test('says which of the two options is missing, and what a tenant ID is', () => {
  const base = { clientId: 'spa' }
  const issuer = 'https://login.microsoftonline.com/{tenantid}/v2.0'
  const withTenants = (tenants: unknown) => () => createClient({ ...base, issuer, tenants } as never)
  expect(withTenants(undefined)).toThrow(
    /^"tenants" must be 'any' or a list of GUIDs in lower case if "issuer" has {tenantid}, else left out/,
  )
  expect(() => createClient({ ...base, issuer: 'https://id.example.com', tenants: 'any' })).toThrow(
    /^"tenants" must be 'any' or a list of GUIDs in lower case if "issuer" has {tenantid}, else left out/,
  )
  for (const wrong of [
    'all',
    [],
    own,
    [own.toUpperCase()],
    ['contoso.com'],
    [[own]],
    [`${own}/`],
    [undefined],
  ])
    expect(withTenants(wrong), JSON.stringify(wrong)).toThrow(
      /^"tenants" must be 'any' or a list of GUIDs in lower case/,
    )
  for (const right of ['any', [own], [own, other]]) expect(withTenants(right)).not.toThrow()
})
