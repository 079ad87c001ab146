import { describe, expect, test } from 'vitest'
import { AuthError, type AuthErrorCode } from '../../src/base/errors.js'
import { chooseStep, type RenewalProgress } from '../../src/session/renewal-step.js'

const error = (code: AuthErrorCode, status?: number) => new AuthError(code, 'for a test', { status })
const fresh: RenewalProgress = { refreshable: true, inDoubt: false, framePossible: true, stillValid: false }

describe('before any attempt', () => {
  test('a refresh token is sent', () => expect(chooseStep(fresh)).toBe('refresh'))
  test('a refresh token in doubt waits for the frame', () =>
    expect(chooseStep({ ...fresh, inDoubt: true })).toBe('frame'))
  test('a refresh token in doubt is sent if no frame can help', () =>
    expect(chooseStep({ ...fresh, inDoubt: true, framePossible: false })).toBe('refresh'))
  test('without a refresh token, the frame is tried', () =>
    expect(chooseStep({ ...fresh, refreshable: false })).toBe('frame'))
  test('without either, there is nothing to try', () =>
    expect(chooseStep({ ...fresh, refreshable: false, framePossible: false })).toBe('failed'))
})

describe('after the refresh token was rejected', () => {
  const refused = { ...fresh, refreshable: false, refused: true, refresh: error('invalid_grant', 400) }
  test('the frame is tried once', () => expect(chooseStep(refused)).toBe('frame'))
  test('the session is lost when the frame cannot help', () => {
    expect(chooseStep({ ...refused, framePossible: false })).toBe('lost')
    for (const code of ['login_required', 'interaction_required', 'frame_silent', 'user_changed'] as const)
      expect(chooseStep({ ...refused, frame: error(code) })).toBe('lost')
  })
  test('the session is kept when the frame can help later', () => {
    for (const frame of [error('network_error'), error('clock_skew'), error('server_error', 500)])
      expect(chooseStep({ ...refused, frame })).toBe('failed')
  })
  test('a frame that had little time gets its full time', () => {
    const hurried = { ...refused, frame: error('frame_silent'), hurried: true }
    expect(chooseStep(hurried)).toBe('frame')
    expect(chooseStep({ ...hurried, hurried: false })).toBe('lost')
  })
  test('the session is kept if the frame only rejects a request for less than the login', () => {
    for (const code of ['invalid_scope', 'invalid_target', 'consent_required'] as const) {
      expect(chooseStep({ ...refused, narrowed: true, frame: error(code) })).toBe('failed')
      expect(chooseStep({ ...refused, frame: error(code) })).toBe('lost')
    }
    expect(chooseStep({ ...refused, narrowed: true, frame: error('login_required') })).toBe('lost')
  })
  test('the next renewal has the same result, without a request', () => {
    const { refresh: _, ...next } = refused
    expect(chooseStep(next)).toBe('frame')
    expect(chooseStep({ ...next, framePossible: false })).toBe('lost')
    expect(chooseStep({ ...next, frame: error('login_required') })).toBe('lost')
  })
})

describe('after an inconclusive response', () => {
  for (const unknown of [
    error('network_error'),
    error('timeout'),
    error('server_error', 500),
    error('invalid_token_response'),
  ]) {
    const marked = { ...fresh, inDoubt: true, refresh: unknown }
    test(`${unknown.code}: the frame is tried, the session is kept`, () => {
      expect(chooseStep(marked)).toBe('frame')
      expect(chooseStep({ ...marked, frame: error('frame_silent') })).toBe('failed')
    })
    test(`${unknown.code}: a token that is still valid is enough`, () =>
      expect(chooseStep({ ...marked, stillValid: true })).toBe('failed'))
    test(`${unknown.code}: nothing is tried if nothing was sent`, () =>
      expect(chooseStep({ ...marked, inDoubt: false })).toBe('failed'))
  }
})

describe('after the server said that it did not process the request', () => {
  for (const status of [429, 503])
    test(`${status}: no frame, the session is kept`, () =>
      expect(chooseStep({ ...fresh, refresh: error('temporarily_unavailable', status) })).toBe('failed'))
})

describe('after the server rejected a request for less than the login', () => {
  const narrowed = { ...fresh, inDoubt: true, narrowed: true }
  const refuse = (name?: AuthErrorCode) =>
    new AuthError(name ?? 'invalid_token_response', 'for a test', { status: 400, error: name })
  test('a rejected scope ends the renewal, not the session', () => {
    for (const name of ['invalid_scope', 'invalid_target', 'login_required'] as const)
      expect(chooseStep({ ...narrowed, refresh: refuse(name) })).toBe('failed')
  })
  test('if the rejection may be about the refresh token, the frame is tried, and then the full scope of the login', () => {
    for (const refresh of [refuse('invalid_request'), refuse()]) {
      expect(chooseStep({ ...narrowed, refresh })).toBe('frame')
      expect(chooseStep({ ...narrowed, refresh, frame: error('login_required') })).toBe('refresh')
      expect(chooseStep({ ...narrowed, refresh, frame: error('network_error') })).toBe('failed')
      const asked = { ...narrowed, refresh, frame: error('login_required'), requestedAll: true }
      expect(chooseStep({ ...asked, inDoubt: false })).toBe('failed')
    }
  })
  test('a token in doubt is not sent if the frame gets the same rejection', () => {
    expect(chooseStep({ ...narrowed, frame: error('invalid_scope') })).toBe('failed')
    expect(chooseStep({ ...narrowed, narrowed: false, frame: error('invalid_scope') })).toBe('refresh')
  })
})

test('a refresh token in doubt is sent if the frame could not help', () => {
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
    test(`${passing.code}: it is not sent, because the frame may help later`, () =>
      expect(step(passing)).toBe('failed'))
  for (const lasting of [error('frame_silent'), error('consent_required'), error('user_changed')])
    test(`${lasting.code}: it is sent`, () => expect(step(lasting)).toBe('refresh'))
  test('a refresh token that is not in doubt is sent', () =>
    expect(chooseStep({ ...fresh, frame: error('clock_skew') })).toBe('refresh'))
})
