import { expect, test } from 'vitest'
import { describeFetch, judgeToken, type Outcome } from '../../demo/app/revocation-words.js'

const accepted: Outcome = { status: 200, error: '' }
const refused: Outcome = { status: 401, error: 'invalid_token' }
const badProof: Outcome = { status: 401, error: 'invalid_dpop_proof' }
const unavailable: Outcome = { status: 503, error: 'temporarily_unavailable' }
const expiresAt = 1_800_000_000
const time = new Date(expiresAt * 1000).toLocaleTimeString()

test.for<[deliveries: Outcome, tracking: Outcome, state: string, text: string]>([
  [accepted, accepted, 'valid', 'is valid. Both APIs accept it.'],
  [
    refused,
    accepted,
    'revoked',
    `is revoked. The deliveries API refuses it. The tracking API accepts it until it expires at ${time}.`,
  ],
  [refused, refused, 'invalid', 'is no longer valid. Both APIs refuse it.'],
  [
    unavailable,
    accepted,
    'unclear',
    'got no clear answer. The deliveries API answered 503, the tracking API 200.',
  ],
  [
    unavailable,
    unavailable,
    'unclear',
    'got no clear answer. The deliveries API answered 503, the tracking API 503.',
  ],
  [
    accepted,
    refused,
    'unclear',
    'got no clear answer. The deliveries API answered 200, the tracking API 401.',
  ],
  [
    badProof,
    accepted,
    'unclear',
    'got no clear answer. The deliveries API answered 401, the tracking API 200.',
  ],
  [
    refused,
    unavailable,
    'unclear',
    'got no clear answer. The deliveries API answered 401, the tracking API 503.',
  ],
])('judges a token by the answers $0.status and $1.status: $2', ([deliveries, tracking, state, text]) => {
  const verdict = judgeToken({ deliveries, tracking }, expiresAt)
  expect(verdict.state).toBe(state)
  expect(`${verdict.words} ${verdict.note}`).toBe(text)
})

test('names no time for a token that does not say when it expires', () => {
  const { note } = judgeToken({ deliveries: refused, tracking: accepted }, undefined)
  expect(note).toBe('The deliveries API refuses it. The tracking API accepts it.')
})

test.for<[after: string, status: number, text: string]>([
  [
    'Token b',
    200,
    'auth.fetch() got a 401 for Token a, renewed it, and sent the request again with this one.',
  ],
  ['Token b', 503, 'auth.fetch() renewed Token a, and got a 503 for this one.'],
  ['Token a', 200, 'auth.fetch() sent it. There was nothing to renew.'],
  [
    'Token a',
    401,
    'auth.fetch() got a 401, but does not renew a token that is less than ten seconds old. Click again in a moment.',
  ],
  ['Token a', 503, 'auth.fetch() got a 503, which a new token would not change.'],
])('describes a fetch that ended with %s and the status %i', ([after, status, text]) => {
  expect(describeFetch({ before: 'Token a', after, status })).toBe(text)
})
