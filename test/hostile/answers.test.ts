import fc from 'fast-check'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { parseActors } from '../../src/add-ons/exchange/actors.js'
import { readChallenge } from '../../src/fetch/challenge.js'
import { parseChallenges } from '../../src/protocol/challenge.js'
import { discover } from '../../src/protocol/metadata.js'
import { buildOAuthClient, type Caller } from '../../src/protocol/server-call.js'
import { redeemCode, redeemRefreshToken, type Grant } from '../../src/protocol/token-request.js'
import type { Transaction } from '../../src/protocol/transaction.js'
import { mutationsOf, textsLike } from './arbitraries.js'
import { expectAlways, expectFalsified, expectSilent, expectTyped, few } from './property.js'

const issuer = 'https://id.example'
const sent = 'c2VudC1yZWZyZXNoLXRva2VuLWFiY2RlZmdoaWprbG1ubw'
const received = 'bmV3LXJlZnJlc2gtdG9rZW4tMTIzNDU2Nzg5MGFiY2RlZg'
const accessToken = 'YWNjZXNzLXRva2VuLXF3ZXJ0eXVpb3BsaGdmZHNhenhjdg'
const codeVerifier = 'dmVyaWZpZXItb2YtYS1sb2dpbi1xcnN0dXZ3eHl6MDEy'
const nonce = 'bm9uY2Utb2YtYS1sb2dpbi1hYmNkZWZnaGlqa2xtbm9w'

const metadata = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
  revocation_endpoint: `${issuer}/revoke`,
  pushed_authorization_request_endpoint: `${issuer}/par`,
  end_session_endpoint: `${issuer}/logout`,
  response_types_supported: ['code'],
}
const endpoints = Object.keys(metadata).filter((name) =>
  /endpoint|uri/.test(name),
) as (keyof typeof metadata)[]

/** A client of a server that gives the same answer to every request. */
function buildCaller(body: string, status = 200, headers: Record<string, string> = {}): Caller {
  return {
    client: buildOAuthClient('spa', 30),
    clockTolerance: 30,
    origin: 'https://app.example',
    fetch: async () =>
      new Response(body, { status, headers: { 'content-type': 'application/json', ...headers } }),
    timeout: 60_000,
    signal: new AbortController().signal,
    secrets: [],
    dpop: undefined,
  }
}

/** A value as a server would send it. */
const toBody = (value: unknown) => JSON.stringify(value) ?? ''

const bodiesLike = (sample: object) => fc.oneof(mutationsOf(sample).map(toBody), textsLike(toBody(sample)))

describe('the metadata of a server', () => {
  const answers = fc.record({ body: bodiesLike(metadata), cacheControl: fc.constantFrom('', 'max-age=60', 'max-age=' + '9'.repeat(400), 'no-store') }) // prettier-ignore

  test('are accepted only if they name the issuer, and every endpoint is an https: URL', () =>
    expectAlways(
      answers,
      async ({ body, cacheControl }) => {
        let found: Record<string, unknown>
        try {
          const caller = buildCaller(body, 200, { 'cache-control': cacheControl })
          found = { ...(await discover(caller, issuer, 'oidc')).metadata }
        } catch (error) {
          expectTyped(error, [], ['discovery_failed'])
          return false
        }
        expect(typeof found['issuer']).toBe('string')
        expect(new URL(found['issuer'] as string).href).toBe(`${issuer}/`)
        for (const name of endpoints) {
          const url = found[name]
          if (url === undefined && name !== 'authorization_endpoint' && name !== 'token_endpoint') continue
          expect(typeof url).toBe('string')
          expect(new URL(url as string).protocol).toBe('https:')
        }
        return true
      },
      few,
    ))

  test('would be found to be accepted by a check that converts to text', () =>
    expectFalsified(answers, ({ body }) => {
      let found: any
      try {
        found = JSON.parse(body)
      } catch {
        return
      }
      if (URL.canParse(found?.issuer) && new URL(found.issuer).href === `${issuer}/`)
        expect(typeof found.issuer).toBe('string')
    }))
})

const tokenAnswer = {
  access_token: accessToken,
  token_type: 'Bearer',
  expires_in: 300,
  refresh_token: received,
  scope: 'orders',
}
const refusal = { error: 'invalid_grant', error_description: 'the token <sent> was already used' }
const answers = fc.record({
  body: fc.oneof(
    bodiesLike(tokenAnswer),
    bodiesLike(tokenAnswer),
    bodiesLike(refusal).map((body) => body.replace('<sent>', sent)),
  ),
  status: fc.constantFrom(200, 200, 200, 200, 201, 400, 401, 429, 500, 503),
  retryAfter: fc.oneof(
    fc.constantFrom('1', '-1', '1e999', 'Infinity', 'NaN', 'Thu, 01 Jan 2099 00:00:00 GMT', '0x10'),
  ),
})
const noKeys = () => Promise.reject(new Error('no keys are needed'))

function expectGrant({ tokenSet, refreshToken }: Grant): void {
  expect(tokenSet.accessToken).toMatch(/^[!-~]+$/)
  expect(tokenSet.tokenType).toBe('bearer')
  expect(Number.isFinite(tokenSet.expiresAt)).toBe(true)
  expect(typeof tokenSet.scope).toBe('string')
  if (refreshToken !== undefined) expect(typeof refreshToken).toBe('string')
  expect(refreshToken).not.toBe('')
}

/** Refreshes with the answer. */
const refresh = (body: string, status: number, retryAfter: string) => {
  const caller = buildCaller(body, status, { 'retry-after': retryAfter })
  return redeemRefreshToken(caller, metadata, sent, { scope: 'orders' }, { sub: 'alice', user: null }, noKeys)
}

describe('the answer of the token endpoint', () => {
  test('is accepted only with a usable token, and no error repeats a token that was sent', () =>
    expectAlways(
      answers,
      async ({ body, status, retryAfter }) => {
        let grant: Grant
        try {
          grant = await refresh(body, status, retryAfter)
        } catch (error) {
          expectTyped(error, [sent])
          const pause = (error as { retryAfter?: number }).retryAfter
          if (pause !== undefined) expect(pause > 0 && pause <= 86_400).toBe(true)
          return false
        }
        expectGrant(grant)
        expect(status).toBe(200)
        return true
      },
      few,
    ))

  test('is never repeated in an error, as long as the server does not put a token in "error"', () =>
    expectAlways(
      fc.record({ answer: mutationsOf(tokenAnswer), at: fc.constantFrom(200, 201, 400, 500) }),
      async ({ answer, at }) => {
        const names = Object.keys(Object(answer))
        try {
          expectGrant(await refresh(toBody(answer), at, '1'))
          return true
        } catch (error) {
          if (!names.includes('error')) expectTyped(error, [sent, received, accessToken])
          return false
        }
      },
      few,
    ))

  test('would be found in an error that quotes the answer', () =>
    expectFalsified(answers, ({ body }) => expectSilent([`unexpected answer: ${body}`], [received])))

  test('with text of a megabyte, or deeper than can be copied, is refused with the typed error', async () => {
    const long = 'x'.repeat(400_000)
    const deep = (levels: number) => `{"access_token":${'['.repeat(levels)}${']'.repeat(levels)}}`
    for (const body of [
      toBody({ error: long, error_description: `${long} ${sent}` }),
      toBody({ token_type: long }),
      deep(200),
      deep(400_000),
    ])
      // prettier-ignore
      for (const status of [200, 400, 500])
        expectTyped(await refresh(body, status, '1').catch((error: unknown) => error), [sent])
  })
})

const now = Math.floor(Date.now() / 1000)
const claims = {
  iss: issuer,
  sub: 'alice',
  aud: 'spa',
  exp: now + 300,
  iat: now,
  nonce,
  acr: 'high',
  auth_time: now - 5,
}
const transaction: Transaction = {
  state: 'p.x',
  nonce,
  codeVerifier,
  issuer,
  clientId: 'spa',
  redirectUri: 'https://app.example/callback.html',
  scope: 'openid',
  resources: [],
  acrValues: 'high higher',
  maxAge: 60,
  expiresAt: 9e15,
}
const { publicKey, privateKey } = await generateKeyPair('ES256')
const keys = { keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256', use: 'sig' }] }
const supported = { ...metadata, id_token_signing_alg_values_supported: ['ES256'] }

async function logIn(idToken: unknown): Promise<Grant | undefined> {
  const caller = buildCaller(toBody({ access_token: accessToken, token_type: 'Bearer', expires_in: 300, id_token: idToken })) // prettier-ignore
  try {
    return await redeemCode(caller, supported, transaction, sent, {}, async () => keys as never)
  } catch (error) {
    expectTyped(error, [
      sent,
      accessToken,
      codeVerifier,
      nonce,
      ...(typeof idToken === 'string' ? [idToken] : []),
    ])
    return undefined
  }
}
const sign = (payload: object) =>
  new SignJWT(payload as never).setProtectedHeader({ alg: 'ES256' }).sign(privateKey)

describe('an ID token', () => {
  const payloads = mutationsOf(claims).filter((value) => Object(value) === value && !Array.isArray(value))

  test('is accepted only with the issuer, audience, nonce, times, "acr" and "auth_time" of the login', () =>
    expectAlways(
      payloads,
      async (payload) => {
        const grant = await logIn(await sign(payload))
        if (!grant) return false
        const accepted = grant.claims!
        expect(accepted).toMatchObject({ iss: issuer, nonce })
        expect([accepted.aud].flat()).toContain('spa')
        expect(typeof accepted.sub === 'string' && accepted.sub !== '').toBe(true)
        expect(['high', 'higher']).toContain(accepted['acr'])
        for (const time of [accepted.exp, accepted.iat, accepted.auth_time!])
          expect(Number.isFinite(time)).toBe(true)
        return true
      },
      few,
    ))

  test('is accepted only unchanged', async () => {
    const right = await sign(claims)
    await expectAlways(
      fc.oneof(textsLike(right), fc.constant(right)),
      async (text) => {
        const grant = await logIn(text)
        // The last character of a signature of 64 bytes has bits that mean nothing.
        if (grant) expect(Buffer.from(text.split('.')[2]!, 'base64url')).toEqual(Buffer.from(right.split('.')[2]!, 'base64url')) // prettier-ignore
        if (grant) expect(text.split('.').slice(0, 2)).toEqual(right.split('.').slice(0, 2))
        return !!grant
      },
      few,
    )
  })

  test('would be found to be accepted with changes by a check that reads the claims alone', async () => {
    const right = await sign(claims)
    await expectFalsified(textsLike(right), (text) => {
      let read: { nonce?: unknown } = {}
      try {
        read = JSON.parse(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString()) ?? {}
      } catch {
        return
      }
      if (read.nonce === nonce) expect(text).toBe(right)
    })
  })

  test('would be found to be accepted by a check of "acr" that converts to text', () =>
    expectFalsified(payloads, ({ acr }) => {
      if (Array.isArray(acr) && ['high', 'higher'].includes(acr.join())) throw new Error('accepted')
    }))
})

describe('a JWT that nobody has verified', () => {
  const encode = (value: unknown) => Buffer.from(toBody(value)).toString('base64url')
  const actors = { sub: 'alice', act: { sub: 'orders', act: { sub: 'gateway' } } }
  const tokens = fc.oneof(
    mutationsOf(actors).map((value) => `${encode({ alg: 'none' })}.${encode(value)}.`),
    textsLike(`${encode({ alg: 'none' })}.${encode(actors)}.`),
  )
  test('gives a list of actors or nothing', () =>
    expectAlways(tokens, (token) => {
      const found = parseActors(token)
      for (const actor of found ?? [])
        expect(Object(actor) === actor && !Object.hasOwn(actor, 'act')).toBe(true)
      return !!found?.length
    }))

  test('would be found to give what is no actor by a parser that takes "act" as it is', () =>
    expectFalsified(mutationsOf(actors), (payload) => {
      const act: unknown = Object(payload).act
      if (act !== undefined) expect(Object(act) === act && !Object.hasOwn(act as object, 'act')).toBe(true)
    }))
})

describe('a challenge of an API', () => {
  const challenge =
    'DPoP error="insufficient_user_authentication", acr_values="high", max_age="60", algs="ES256"'
  const headers = fc
    .array(fc.oneof(textsLike(challenge), fc.constantFrom(challenge, 'Bearer', ', ', '"', '\\"', '=', ' ')), {
      maxLength: 5,
    })
    .map((parts) => parts.join(', '))

  test('is read as texts by both parsers, whatever the header is', () =>
    expectAlways(headers, async (header) => {
      let response: Response
      try {
        response = new Response('', { status: 401, headers: { 'www-authenticate': header } })
      } catch {
        // No server can send this header.
        return false
      }
      for (const name of ['error', 'scope', 'acr_values', 'max_age']) {
        const value = readChallenge(response, name)
        expect(typeof value).toBe('string')
        expect(header).toContain(value)
      }
      const found = await parseChallenges(response)
      expect(Array.isArray(found)).toBe(true)
      for (const { scheme, parameters } of found) {
        expect(scheme).toBe(scheme.toLowerCase())
        expect(Object.getPrototypeOf(parameters)).toBe(Object.prototype)
        for (const value of Object.values(parameters)) expect(typeof value).toBe('string')
      }
      return found.length > 0
    }))

  test('would be found to be read wrongly by a parser that takes a scheme as it is written', () =>
    expectFalsified(headers, (header) => {
      const [scheme = ''] = header.split(' ')
      expect(scheme).toBe(scheme.toLowerCase())
    }))

  test('is read in linear time', async () => {
    for (const part of [
      '"',
      ',',
      ' ',
      '=',
      'a=',
      'a="',
      'Bearer ',
      'Bearer a="\\',
      'a ,',
      '\\"',
      'error',
      'x=y ',
    ]) {
      const header = `Bearer ${part.repeat(60_000 / part.length)}`
      const response = new Response('', { status: 401, headers: { 'www-authenticate': header } })
      const start = performance.now()
      readChallenge(response, 'error')
      await parseChallenges(response)
      expect(performance.now() - start, part).toBeLessThan(2000)
    }
  })
})
