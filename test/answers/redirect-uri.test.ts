import { sendOn } from '../rig/mix-up.js'
import { appOrigin, openNodeClient, type NodeClientOptions } from '../rig/node-client.js'
import { expect, test } from './fixtures.js'
import { expectLogin, expectRefusal } from './refusals.js'

// Neither server says who it is in its response (RFC 9207): only the redirect URI tells their answers apart
// (RFC 9700 section 4.4.2.2).
const nameless = { sendIss: false, webMessage: false }
test.override({ asOptions: nameless })

const modes = ['fragment', 'query'] as const
const callback = `${appOrigin}/callback.html`
const ownUri: NodeClientOptions = { redirectUri: `${callback}?as=a` }

test.for(modes)(
  "refuses by %s a response at another server's redirect URI",
  async (responseMode, { as: honest, startAs }) => {
    const evil = await startAs(nameless)
    const client = await openNodeClient(evil, { ...ownUri, responseMode })
    const attack = sendOn(evil, honest, callback)
    expect(await expectRefusal(honest, client)).toMatchObject({
      code: 'invalid_response',
      cause: { claim: 'redirect_uri' },
    })
    expect(honest.countEvents('authorization.success')).toBe(1)
    expect([evil.count('token'), honest.count('token')]).toEqual([0, 0])

    // The positive control: its own answer, at its own redirect URI.
    attack.end()
    await expectLogin(client)
    expect(evil.count('token')).toBe(1)
  },
)

test.for([
  ['the value for another server', '?as=b'],
  ['the value twice', '?as=a&as=a'],
  ['no value', ''],
  ['an additional parameter besides a response in the fragment', '?as=a&more=1'],
] as const)('rejects a response at its redirect URI with %s', async ([, query], { as }) => {
  const client = await openNodeClient(as, ownUri)
  // As a server would answer that was told another redirect URI.
  const headers: Record<string, string> = {}
  const fault = as.fault('resume', { afterProcessing: true, status: 303, headers })
  const stop = as.tamperAuthorizationResponse((params) => {
    headers['location'] = `${callback}${query}#${new URLSearchParams(params)}`
    return params
  })
  expect(await expectRefusal(as, client)).toMatchObject({
    code: 'invalid_response',
    cause: { claim: 'redirect_uri' },
  })
  expect(fault.hits).toBe(1)
  expect(as.count('token')).toBe(0)
  fault.end()
  stop()
  await expectLogin(client)
})

test('sends the code to the wrong server if two servers share one redirect URI', async ({
  as: honest,
  startAs,
}) => {
  // The attack itself, as it succeeds where an app does not follow the advice: without this the refusals prove nothing.
  const evil = await startAs(nameless)
  const client = await openNodeClient(evil)
  sendOn(evil, honest, callback)
  await expectRefusal(evil, client)
  expect(evil.count('token')).toBe(1)
  const [request] = evil.requests.filter(({ endpoint }) => endpoint === 'token')
  expect(honest.secrets).toContain(request?.params['code'])
})
