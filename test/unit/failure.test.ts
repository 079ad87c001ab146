import { expect, test } from 'vitest'
import { toAuthError } from '../../src/protocol/failure.js'

/** Turns an error response into what the app gets. */
const read = (error: string, error_description = '') =>
  toAuthError(
    { name: 'ResponseBodyError', message: 'refused', code: 'X', error, error_description, status: 400 },
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
