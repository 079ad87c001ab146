import { expect, test } from 'vitest'
import { AuthError, type AuthErrorDetails } from '../../src/base/errors.js'
import { isRefusal, isUnprocessed, toAuthError } from '../../src/protocol/to-auth-error.js'

/** Turns an error response into the error that the app gets. */
const read = (
  error: string,
  error_description: unknown = '',
  more: object = {},
  secrets: string[] = [],
  endpoint = 'the token endpoint',
) =>
  toAuthError(
    {
      name: 'ResponseBodyError',
      message: 'refused',
      code: 'X',
      error,
      error_description,
      status: 400,
      cause: { error, error_description, ...more },
      response: new Response('', { status: 400 }),
    },
    endpoint,
    'invalid_response',
    { secrets, status: 400 },
  )

const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLW9mLXRoYXQ'
const code = 'q7Zk_2mN-4pXw8RtYv1b'

test('masks repeated secrets in an error and its description', () => {
  const said = read(token, `not valid: ${token} and ${code}`, {}, [token, code])
  expect(said).toMatchObject({ error: '…', error_description: 'not valid: … and …' })
  expect(said.message).toBe('the token endpoint answered "…": not valid: … and …')
})

/** Codes in every format that servers issue. */
const shapes = {
  short: 'x7Zq',
  'in lower case': 'abcdefghijklmnopqrstuvwxyzabcdef',
  'of digits': '839201748291',
  'with the signs of base64': 'aB+/c~dE=9x/y+z==',
  'a JWT': token,
  'a URN': 'urn:example:code:5f!$()*',
}

/** Ways in which a server repeats what it received. */
const spellings: Record<string, (secret: string) => string> = {
  'as it is': (secret) => secret,
  'percent-encoded': encodeURIComponent,
  'percent-encoded in lower case': (secret) =>
    encodeURIComponent(secret).replace(/%../g, (hex) => hex.toLowerCase()),
  'percent-encoded twice': (secret) => encodeURIComponent(encodeURIComponent(secret)),
  'as a form': (secret) => `${new URLSearchParams({ code: secret })}`,
  'as a form that was decoded once too often': (secret) => secret.replace(/\+/g, ' '),
  'as HTML': (secret) => secret.replace(/[+/=]/g, (sign) => `&#x${sign.charCodeAt(0).toString(16)};`),
  'in base64': (secret) => Buffer.from(secret).toString('base64'),
  'in base64 for URLs': (secret) => Buffer.from(secret).toString('base64url'),
}

for (const [shape, secret] of Object.entries(shapes))
  for (const [spelling, spell] of Object.entries(spellings))
    test(`masks a code ${shape} that a server repeats ${spelling}`, () => {
      const repeated = spell(secret)
      const text = `"${repeated}" was not found`
      expect(read('invalid_grant', text, {}, [secret]).error_description).toMatch(
        /^"(code=)?…=*" was not found$/,
      )
      // The same text is left unchanged if it was not sent.
      expect(read('invalid_grant', text, {}, ['another']).error_description).toBe(text)
    })

test('keeps the identifiers of a request, which support teams ask for', () => {
  const text = 'Trace ID: 3f2504e0-4f89-11d3-9a0c-0305e82c3301 Timestamp: 2026-11-28 20:15:00Z'
  expect(read('invalid_grant', text, {}, [token]).error_description).toBe(text)
})

test('keeps words, even long ones', () => {
  const said = read(
    'unmet_authentication_requirements',
    'the acr urn_of_some_long_authentication_context is missing',
  )
  expect(said).toMatchObject({
    code: 'unmet_authentication_requirements',
    error_description: 'the acr urn_of_some_long_authentication_context is missing',
  })
})

test('masks secrets in a description of a million letters in linear time', () => {
  for (const endless of ['a'.repeat(1_000_000), 'a-'.repeat(500_000), 'a.'.repeat(500_000)]) {
    const start = performance.now()
    read('invalid_request', endless)
    // Linear time is 30 ms, quadratic time would be an hour.
    expect(performance.now() - start).toBeLessThan(3000)
  }
})

test('ignores a description that is not a string', () => {
  for (const odd of [['no'], { en: 'no' }, 7, true, null])
    expect(read('invalid_grant', odd)).toMatchObject({
      code: 'invalid_grant',
      error_description: undefined,
      message: 'the token endpoint answered "invalid_grant"',
    })
})

test('does not mistake the words of a server for those of the library', () => {
  const said = read('invalid_grant', 'no', {
    claim: token,
    claims: { iat: 0 },
    header: {},
    now: 1e10,
    tolerance: 0,
    status: 503,
    headers: new Headers({ 'retry-after': '5' }),
  })
  expect(said).toMatchObject({
    code: 'invalid_grant',
    status: 400,
    retryAfter: undefined,
    cause: { claim: undefined },
  })
})

const inAMinute = () => new Date(Date.now() + 60_000).toUTCString()

const pauses: [header: string, seconds: number | undefined][] = [
  ['5', 5],
  ['0.5', 0.5],
  ['0', undefined],
  ['-5', undefined],
  ['soon', undefined],
  ['Thu, 01 Jan 1970 00:00:00 GMT', undefined],
  ['31536000', 86_400],
  ['Infinity', 86_400],
  ['1e999', 86_400],
  ['Fri, 31 Dec 9999 23:59:59 GMT', 86_400],
]

for (const [header, seconds] of pauses)
  test(`reads "Retry-After: ${header}" as ${seconds ?? 'nothing'}`, () => {
    expect(readPause(header)).toBe(seconds)
  })

test('reads a date in "Retry-After", and ignores an invalid one', () => {
  expect(readPause(inAMinute())).toBeGreaterThan(55)
  expect(readPause(inAMinute())).toBeLessThanOrEqual(60)
  expect(readPause()).toBe(undefined)
})

function readPause(header?: string): number | undefined {
  const thrown = { name: 'OperationProcessingError', message: 'refused', code: 'X' }
  const exchange = { secrets: [], status: 503, pause: header ?? null }
  return toAuthError(thrown, 'the token endpoint', 'invalid_response', exchange).retryAfter
}

const answers: [answer: AuthErrorDetails, meaning: 'later' | 'refused' | 'unknown'][] = [
  [{ status: 400, error: 'temporarily_unavailable' }, 'later'],
  [{ status: 400, error: 'slow_down' }, 'later'],
  [{ status: 500, error: 'temporarily_unavailable' }, 'later'],
  [{ status: 429, error: 'slow_down' }, 'later'],
  [{ status: 503, error: 'server_error' }, 'later'],
  [{ status: 429, retryAfter: 1 }, 'later'],
  [{ status: 503, retryAfter: 1 }, 'later'],
  [{ status: 400, error: 'invalid_grant' }, 'refused'],
  [{ status: 400, error: 'invalid_request' }, 'refused'],
  [{ status: 401, error: 'invalid_client' }, 'refused'],
  [{ status: 400 }, 'refused'],
  [{ status: 403 }, 'refused'],
  [{ status: 408 }, 'unknown'],
  [{ status: 429 }, 'unknown'],
  [{ status: 503 }, 'unknown'],
  [{ status: 503, error: 'Service Unavailable' }, 'unknown'],
  [{ status: 500, error: 'server_error' }, 'unknown'],
  [{ status: 502, retryAfter: 1 }, 'unknown'],
  [{ status: 200 }, 'unknown'],
  [{}, 'unknown'],
]

for (const [answer, meaning] of answers)
  test(`interprets ${JSON.stringify(answer)} from a token endpoint as "${meaning}"`, () => {
    const error = new AuthError('authorization_failed', 'for a test', answer)
    expect([isUnprocessed(error), !isUnprocessed(error) && isRefusal(error)]).toEqual([
      meaning === 'later',
      meaning === 'refused',
    ])
  })

test('does not treat a rejected proof as a rejection of its token', () => {
  for (const code of ['use_dpop_nonce', 'invalid_dpop_proof'] as const)
    expect(isRefusal(new AuthError(code, 'for a test', { status: 400, error: code }))).toBe(false)
})
