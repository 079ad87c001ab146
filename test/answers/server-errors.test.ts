import { describe } from 'vitest'
import { openNodeClient, type NodeLogin } from '../rig/node-client.js'
import { expect, test } from './fixtures.js'
import { expectLogin, expectRefusal } from './refusals.js'

/** What a server answers, and whether the same call can succeed later. */
const errors = [
  { error: 'access_denied', retryable: false },
  { error: 'login_required', retryable: false },
  { error: 'consent_required', retryable: false },
  { error: 'invalid_scope', retryable: false },
  { error: 'temporarily_unavailable', retryable: true },
]

/** How it comes back. */
const ways: { name: string; login: NodeLogin; webMessage: boolean }[] = [
  { name: 'web message', login: { way: 'popup' }, webMessage: true },
  { name: 'callback page', login: { way: 'popup' }, webMessage: false },
  { name: 'redirect', login: { way: 'redirect' }, webMessage: true },
  { name: 'hidden frame', login: { way: 'iframe' }, webMessage: true },
]

for (const { name, login, webMessage } of ways)
  describe(`by ${name}`, () => {
    test.override({ asOptions: { webMessage } })

    for (const { error, retryable } of errors)
      test(`rejects with ${error} when the server answers with it`, async ({ as, client }) => {
        as.fault('authorize', { error, error_description: 'so it is', times: 1 })
        expect(await expectRefusal(as, client, login)).toMatchObject({
          name: 'AuthError',
          code: error,
          error,
          error_description: 'so it is',
          retryable,
        })
        expect(as.count('token')).toBe(0)
        await expectLogin(client, login)
      })

    // Nobody presses anything in a hidden frame.
    if (login.way === 'iframe') return

    test('rejects with access_denied when the user presses Cancel', async ({ as, client }) => {
      expect(await expectRefusal(as, client, { ...login, press: 'Cancel' })).toMatchObject({
        code: 'access_denied',
        error: 'access_denied',
        error_description: 'the user declined the request',
        retryable: false,
      })
      expect(as.count('token')).toBe(0)
      await expectLogin(client, login)
    })
  })

test('reports an error that is in no specification', async ({ as, client }) => {
  as.fault('authorize', { error: 'moon_in_wrong_phase', times: 1 })
  expect(await expectRefusal(as, client)).toMatchObject({
    code: 'authorization_failed',
    error: 'moon_in_wrong_phase',
  })
  await expectLogin(client)
})

describe('a server that requires consent', () => {
  test.override({ asOptions: { consent: 'ask' } })

  test('rejects a silent login with consent_required', async ({ as, client }) => {
    await expectLogin(client)
    // The same browser, in an app that the user has not allowed anything yet.
    const other = await openNodeClient(as, { clientId: 'second-app' }, undefined, client.agent)
    const tokens = as.count('token')
    expect(await expectRefusal(as, other, { way: 'iframe', prompt: 'none' })).toMatchObject({
      code: 'consent_required',
      error: 'consent_required',
    })
    expect(as.count('token')).toBe(tokens)
    await expectLogin(other)
    await expectLogin(other, { way: 'iframe', prompt: 'none' })
  })

  test('rejects with access_denied when the user denies it', async ({ as, client }) => {
    expect((await expectRefusal(as, client, { press: 'Deny' })).code).toBe('access_denied')
    expect(as.count('token')).toBe(0)
    await expectLogin(client)
  })
})
