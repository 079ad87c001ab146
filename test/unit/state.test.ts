import { expect, test } from 'vitest'
import { AuthError } from '../../src/base/errors.js'
import type { State } from '../../src/api/state.js'
import { reduce } from '../../src/session/reducer.js'
import type { SessionView } from '../../src/vault/vault.js'

const alice = { sub: 'alice', iss: 'https://id.example' }
const view = (user: typeof alice | null): SessionView => ({
  generation: 1,
  session: { user, scope: 'openid', resources: [], tokens: {}, loggedInAt: 0, refreshable: false },
})
const nobody: SessionView = { generation: 1, session: null }
const loading: State = { status: 'loading' }
const loggedIn = reduce(loading, { type: 'session', view: view(alice) })

test('shows the user of the session', () => expect(loggedIn).toEqual({ status: 'logged-in', user: alice }))

test('stays the same object while the user is the same', () => {
  expect(reduce(loggedIn, { type: 'session', view: view({ ...alice }) })).toBe(loggedIn)
})

test('is a new object for another user', () => {
  expect(reduce(loggedIn, { type: 'session', view: view({ ...alice, sub: 'bob' }) })).toMatchObject({
    user: { sub: 'bob' },
  })
})

test('has the app state of its login', () => {
  expect(reduce(loggedIn, { type: 'session', view: view(alice), appState: 0 })).toMatchObject({ appState: 0 })
})

test('keeps the app state through a renewal, but not for another user', () => {
  const kept = reduce(loggedIn, { type: 'session', view: view(alice), appState: 'cart' })
  const renewed = { ...alice, iat: 2 }
  expect(reduce(kept, { type: 'session', view: view(renewed) })).toEqual({ ...kept, user: renewed })
  expect(reduce(kept, { type: 'session', view: view({ ...alice }) })).toBe(kept)
  expect(reduce(kept, { type: 'session', view: view({ ...alice, sub: 'bob' }) })).not.toHaveProperty(
    'appState',
  )
  expect(
    reduce(reduce(kept, { type: 'session', view: nobody }), { type: 'session', view: view(alice) }),
  ).toEqual(loggedIn)
})

test('shows the error until the next login starts', () => {
  const error = new AuthError('access_denied', 'for a test')
  for (const before of [loggedIn, reduce(loading, { type: 'session', view: nobody })]) {
    const failed = reduce(before, {
      type: 'session',
      view: before === loggedIn ? view(alice) : nobody,
      error,
    })
    expect(failed).toMatchObject({ status: before.status, error })
    const opening = reduce(failed, { type: 'login', stage: 'opening' })
    expect(opening).toEqual({ ...before, login: 'opening' })
    expect(reduce(opening, { type: 'login', stage: undefined })).toEqual(before)
  }
})

test('shows why nobody is logged in, and the error', () => {
  const error = new AuthError('access_denied', 'for a test')
  const state = reduce(loggedIn, { type: 'session', view: { ...nobody, reason: 'logout' }, error })
  expect(state).toEqual({ status: 'logged-out', reason: 'logout', error })
  expect(reduce(state, { type: 'session', view: { ...nobody, reason: 'logout' } })).toBe(state)
})

test('shows the stages of a login, and none after it', () => {
  const waiting = reduce(loggedIn, { type: 'login', stage: 'waiting' })
  expect(waiting).toEqual({ ...loggedIn, login: 'waiting' })
  expect(reduce(waiting, { type: 'login', stage: 'waiting' })).toBe(waiting)
  expect(reduce(waiting, { type: 'session', view: nobody })).toEqual({
    status: 'logged-out',
    login: 'waiting',
  })
  expect(reduce(waiting, { type: 'login', stage: undefined })).toEqual(loggedIn)
})

test('stays loading until the session is known', () => {
  expect(reduce(loading, { type: 'login', stage: 'opening' })).toBe(loading)
})

test('shows the announced end of the session, and is a new object when that changes', () => {
  const ending = (ends: unknown): SessionView => {
    const { session } = view(alice)
    return { generation: 1, session: { ...session!, ends: ends as Record<string, number> } }
  }
  const show = (ends: unknown, before = loggedIn) => reduce(before, { type: 'session', view: ending(ends) })
  const shown = show({ refresh_expires_in: 2000, authorization_expires_in: 1000 })
  expect(shown).toEqual({ ...loggedIn, endsAt: 1000 })
  expect(show({ authorization_expires_in: 1000 }, shown)).toBe(shown)
  expect(show({ refresh_expires_in: 3000 }, shown)).toEqual({ ...loggedIn, endsAt: 3000 })
  // Anything can have changed a store that is not encrypted.
  for (const wrong of [undefined, null, 7, 'text', [], { a: 'x', b: NaN, c: 1e300, d: {}, e: null }])
    expect(show(wrong)).toBe(loggedIn)
  expect(reduce(shown, { type: 'session', view: nobody })).not.toHaveProperty('endsAt')
})
