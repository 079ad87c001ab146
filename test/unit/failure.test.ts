import { expect, test } from 'vitest'
import { toAuthError } from '../../src/protocol/to-auth-error.js'

/** Turns an error response into what the app gets. */
const read = (error: string, error_description: unknown = '', more: object = {}) =>
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
    'token',
    'invalid_response',
  )

const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLW9mLXRoYXQ'

test('takes out of an error and its description what a server repeats of what it was sent', () => {
  const { message, error, error_description } = read(token, `no good: ${token} and q7Zk_2mN-4pXw8RtYv1b`)
  expect({ error, error_description }).toEqual({ error: '…', error_description: 'no good: … and …' })
  expect(message).toBe('token: "…" no good: … and …')
})

test('leaves words alone, long ones too', () => {
  const said = read(
    'unmet_authentication_requirements',
    'the acr urn_of_some_long_authentication_context is missing',
  )
  expect(said).toMatchObject({
    code: 'unmet_authentication_requirements',
    error_description: 'the acr urn_of_some_long_authentication_context is missing',
  })
})

test('reads a description of a million letters in no time', () => {
  for (const endless of ['a'.repeat(1_000_000), 'a-'.repeat(500_000), 'a.'.repeat(500_000)]) {
    const start = performance.now()
    read('invalid_request', endless)
    // Linear it is 30 ms; quadratic it would be an hour.
    expect(performance.now() - start).toBeLessThan(3000)
  }
})

test('takes no description that is no text', () => {
  for (const odd of [['no'], { en: 'no' }, 7, true, null])
    expect(read('invalid_grant', odd)).toMatchObject({
      code: 'invalid_grant',
      error_description: undefined,
      message: 'token: "invalid_grant" ',
    })
})

test('takes nothing that a server says for what the library found', () => {
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

test('reads a date in "Retry-After", and takes none for nothing', () => {
  expect(readPause(inAMinute())).toBeGreaterThan(55)
  expect(readPause(inAMinute())).toBeLessThanOrEqual(60)
  expect(readPause()).toBe(undefined)
})

function readPause(header?: string): number | undefined {
  const response = new Response('', { status: 503, ...(header && { headers: { 'retry-after': header } }) })
  const thrown = { name: 'OperationProcessingError', message: 'refused', code: 'X', cause: response }
  return toAuthError(thrown, 'token', 'invalid_response').retryAfter
}
