import { expect, test } from 'vitest'
import { decodeFailure, encodeFailure } from '../../src/add-ons/worker/failure.js'
import { findRequest } from '../../src/add-ons/worker/find-request.js'
import { requestExchange } from '../../src/add-ons/exchange/token-exchange.js'
import { requestUserInfo } from '../../src/add-ons/userinfo/userinfo-request.js'
import { AuthError, createClient, memoryStore } from '../../src/index.js'
import { workerVault } from '../../src/worker.js'

const options = { issuer: 'https://id.example.com', clientId: 'spa' }
const noWorker = () => {
  throw new Error('no worker should be created')
}

test('creates no worker before it is needed, nor without a page', () => {
  const client = createClient({ ...options, vault: workerVault(noWorker) })
  expect(client.getState()).toEqual({ status: 'loading' })
  client.close()
})

test('names what is wrong with the options', () => {
  expect(() => workerVault('/worker.js' as never)).toThrow(/"createWorker" must be a function/)
  const vault = workerVault(noWorker)
  expect(() => createClient({ ...options, vault, store: memoryStore() })).toThrow(
    '"store" must be left out with "vault"',
  )
  expect(() => createClient({ ...options, vault, store: undefined }).close()).not.toThrow()
})

test('makes no requests for a page but those of the add-ons', () => {
  const exchange: [string, string] = ['grant_type', 'urn:ietf:params:oauth:grant-type:token-exchange']
  expect(findRequest([exchange, ['audience', 'bills']])).toBe(requestExchange)
  expect(findRequest([['access_token', 'x']])).toBe(requestUserInfo)
  const others: [string, string][][] = [
    [['grant_type', 'refresh_token']],
    [['grant_type', '']],
    [['grant_type', 'refresh_token'], exchange],
    [exchange, exchange],
  ]
  for (const parameters of others)
    expect(() => findRequest(parameters)).toThrow(
      expect.objectContaining({ code: 'unsupported_grant_type' }) as unknown as Error,
    )
})

test('restores every field of an error, and hides what is not one of ours', () => {
  const error = new AuthError('temporarily_unavailable', 'the token endpoint answered with HTTP 503', {
    error: 'slow_down',
    error_description: 'later',
    status: 503,
    retryAfter: 7,
    cause: { code: 'OAUTH_RESPONSE_BODY_ERROR', claim: 'sub' },
  })
  const restored = decodeFailure(structuredClone(encodeFailure(error)))
  expect(restored).toBeInstanceOf(AuthError)
  const readFields = (one: Error) => ({ ...one, message: one.message, cause: one.cause })
  expect(readFields(restored)).toEqual(readFields(error))
  const other = decodeFailure(structuredClone(encodeFailure(new TypeError('a bug'))))
  expect(other).not.toBeInstanceOf(AuthError)
  expect(other.message).toBe('TypeError: a bug')
})
