import { describe, expect, test } from 'vitest'
import { AuthError, type AuthErrorCode } from '../../src/base/errors.js'
import { chooseStep, type RenewalProgress } from '../../src/session/renewal-step.js'

const error = (code: AuthErrorCode, status?: number) => new AuthError(code, 'for a test', { status })
const fresh: RenewalProgress = { refreshable: true, inDoubt: false, framePossible: true, stillValid: false }

describe('before anything was tried', () => {
  test('a refresh token is sent', () => expect(chooseStep(fresh)).toBe('refresh'))
  test('a refresh token in doubt waits for the frame', () =>
    expect(chooseStep({ ...fresh, inDoubt: true })).toBe('frame'))
  test('a refresh token in doubt is sent where no frame can help', () =>
    expect(chooseStep({ ...fresh, inDoubt: true, framePossible: false })).toBe('refresh'))
  test('without a refresh token the frame is asked', () =>
    expect(chooseStep({ ...fresh, refreshable: false })).toBe('frame'))
  test('without either there is nothing to do', () =>
    expect(chooseStep({ ...fresh, refreshable: false, framePossible: false })).toBe('failed'))
})

describe('after the refresh token was refused', () => {
  const refused = { ...fresh, refresh: error('invalid_grant', 400) }
  test('the frame is asked once', () => expect(chooseStep(refused)).toBe('frame'))
  test('the session is lost when the frame cannot help', () => {
    expect(chooseStep({ ...refused, framePossible: false })).toBe('lost')
    expect(chooseStep({ ...refused, frame: error('login_required') })).toBe('lost')
  })
})

describe('after an answer that says nothing', () => {
  for (const unknown of [
    error('network_error'),
    error('timeout'),
    error('server_error', 500),
    error('invalid_token_response'),
  ]) {
    test(`${unknown.code}: the frame is asked, the session is kept`, () => {
      expect(chooseStep({ ...fresh, refresh: unknown })).toBe('frame')
      expect(chooseStep({ ...fresh, refresh: unknown, frame: error('frame_silent') })).toBe('failed')
    })
    test(`${unknown.code}: a token that is still good is enough`, () =>
      expect(chooseStep({ ...fresh, refresh: unknown, stillValid: true })).toBe('failed'))
  }
})

describe('after the server said that it did not process the request', () => {
  for (const status of [429, 503])
    test(`${status}: no frame, the session is kept`, () =>
      expect(chooseStep({ ...fresh, refresh: error('temporarily_unavailable', status) })).toBe('failed'))
})

test('a refused scope ends the renewal, not the session', () => {
  expect(chooseStep({ ...fresh, refresh: error('invalid_scope', 400) })).toBe('failed')
})

test('after a frame that could not help, a refresh token in doubt is sent', () => {
  expect(chooseStep({ ...fresh, inDoubt: true, frame: error('login_required') })).toBe('refresh')
})

describe('with a refresh token in doubt, after a frame that failed', () => {
  const step = (frame: AuthError) => chooseStep({ ...fresh, inDoubt: true, frame })
  for (const passing of [
    error('clock_skew'),
    error('network_error'),
    error('temporarily_unavailable', 503),
    error('invalid_token_response', 429),
  ])
    test(`${passing.code}: it is not sent, the frame can help later`, () =>
      expect(step(passing)).toBe('failed'))
  for (const lasting of [error('frame_silent'), error('consent_required'), error('user_changed')])
    test(`${lasting.code}: it is sent`, () => expect(step(lasting)).toBe('refresh'))
  test('a refresh token that is in no doubt is sent', () =>
    expect(chooseStep({ ...fresh, frame: error('clock_skew') })).toBe('refresh'))
})
