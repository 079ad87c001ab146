import { createHash } from 'node:crypto'
import { getSigningKey } from '../../demo/authorization-server/signing-key.js'
import { tamperWithIdToken, type JsonObject, type TamperIdToken } from '../rig/id-token-tampering.js'
import { expect, test } from './fixtures.js'
import { expectLogin, expectRefusal } from './refusals.js'

const now = () => Math.floor(Date.now() / 1000)

/** Changes some claims; `undefined` takes one away. */
function withClaims(change: JsonObject | ((claims: JsonObject) => JsonObject)): TamperIdToken {
  return (claims) => ({ claims: { ...claims, ...(typeof change === 'function' ? change(claims) : change) } })
}

interface Refusal {
  title: string
  tamper: TamperIdToken
  /** @default 'invalid_id_token' */
  code?: string
  claim?: string
}

const refusals: Refusal[] = [
  {
    title: 'an ID token from another issuer',
    tamper: withClaims({ iss: 'https://evil.example' }),
    claim: 'iss',
  },
  {
    title: 'an issuer that differs in a trailing slash',
    tamper: withClaims(({ iss }) => ({ iss: `${iss}/` })),
    claim: 'iss',
  },
  { title: 'an ID token for another audience', tamper: withClaims({ aud: 'somebody-else' }), claim: 'aud' },
  {
    title: 'audiences that do not include this app',
    tamper: withClaims({ aud: ['one', 'two'], azp: 'demo-app' }),
    claim: 'aud',
  },
  {
    title: 'two audiences and no authorized party',
    tamper: withClaims({ aud: ['demo-app', 'other'] }),
    claim: 'aud',
  },
  {
    title: 'two audiences and a foreign authorized party',
    tamper: withClaims({ aud: ['demo-app', 'other'], azp: 'other' }),
    claim: 'azp',
  },
  {
    title: 'one audience and a foreign authorized party',
    tamper: withClaims({ azp: 'other' }),
    claim: 'azp',
  },
  { title: 'the nonce of another login', tamper: withClaims({ nonce: 'n'.repeat(43) }), claim: 'nonce' },
  { title: 'an ID token without a nonce', tamper: withClaims({ nonce: undefined }), claim: 'nonce' },
  { title: 'an expired ID token', tamper: withClaims(() => ({ exp: now() - 60 })), claim: 'exp' },
  {
    title: 'an ID token that was issued in the future',
    tamper: withClaims(() => ({ iat: now() + 120 })),
    code: 'clock_skew',
  },
  {
    title: 'the hash of another access token',
    tamper: withClaims({ at_hash: 'A'.repeat(22) }),
    claim: 'at_hash',
  },
  {
    title: 'a forged signature',
    tamper: (claims) => ({ claims: { ...claims, sub: 'mallory' }, signWith: 'foreign' }),
    claim: 'signature',
  },
  { title: 'an ID token with "alg": "none"', tamper: () => ({ signWith: 'none' }) },
  {
    title: 'an algorithm that the metadata does not list',
    tamper: (_, header) => ({ header: { ...header, alg: 'HS256' } }),
  },
  {
    title: 'an ID token that is not a JWT',
    tamper: () => ({ raw: 'not.a.token' }),
    code: 'invalid_token_response',
  },
]

for (const { title, tamper, code = 'invalid_id_token', claim } of refusals)
  test(`rejects ${title}`, async ({ as, client }) => {
    const stop = as.tamperIdToken(tamper)
    const error = await expectRefusal(as, client)
    expect(error.code).toBe(code)
    if (claim) expect(error.cause?.claim).toBe(claim)
    expect(as.count('token')).toBe(1)
    stop()
    await expectLogin(client)
  })

test('rejects a token response without an ID token', async ({ as, client }) => {
  const stop = as.tamperTokenResponse(({ id_token: _, ...rest }) => rest)
  expect((await expectRefusal(as, client)).code).toBe('invalid_token_response')
  stop()
  await expectLogin(client)
})

test('rejects a payload that was changed after it was signed', async ({ as, client }) => {
  const stop = as.tamperTokenResponse((json) => {
    const [header, payload, signature] = String(json['id_token']).split('.')
    const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString()) as JsonObject
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'mallory' })).toString('base64url')
    return { ...json, id_token: `${header}.${forged}.${signature}` }
  })
  const error = await expectRefusal(as, client)
  expect(error).toMatchObject({ code: 'invalid_id_token', cause: { claim: 'signature' } })
  stop()
  await expectLogin(client)
})

const accepted: { title: string; tamper: TamperIdToken }[] = [
  { title: 'an audience list with one entry', tamper: withClaims({ aud: ['demo-app'] }) },
  {
    title: 'two audiences with this app as the authorized party',
    tamper: withClaims({ aud: ['demo-app', 'other'], azp: 'demo-app' }),
  },
  { title: 'one audience with this app as the authorized party', tamper: withClaims({ azp: 'demo-app' }) },
  { title: 'an ID token from a clock that is 20 s ahead', tamper: withClaims(() => ({ iat: now() + 20 })) },
  { title: 'an ID token that expired 20 s ago', tamper: withClaims(() => ({ exp: now() - 20 })) },
]

for (const { title, tamper } of accepted)
  test(`accepts ${title}`, async ({ as, client }) => {
    as.tamperIdToken(tamper)
    await expectLogin(client)
  })

test('accepts an ID token with the hash of its access token', async ({ as, client }) => {
  as.tamperTokenResponse((json) => {
    const digest = createHash('sha256').update(String(json['access_token'])).digest()
    const at_hash = digest.subarray(0, 16).toString('base64url')
    const idToken = tamperWithIdToken(String(json['id_token']), withClaims({ at_hash }), '', getSigningKey())
    return { ...json, id_token: idToken }
  })
  await expectLogin(client)
  expect(as.count('token')).toBe(1)
})
