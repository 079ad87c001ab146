import type { LoginTransport, Reply } from '../../src/api/login-transport.js'
import type { AuthEvent } from '../../src/api/events.js'
import type { LoginStage } from '../../src/api/state.js'
import { AuthError } from '../../src/base/errors.js'
import { login } from '../../src/login/login.js'
import { createSession, type Session } from '../../src/session/session.js'
import { openNodeClient, type NodeClient } from '../rig/node-client.js'
import { expect, test } from './fixtures.js'

/** A transport of its own: a fake window, whose user signs in at the real server, and whose responses `change` can spoil. */
function createFakeTransport(
  { agent }: NodeClient,
  change: (reply: Reply) => Reply = (reply) => reply,
): LoginTransport & { calls: string[] } {
  const calls: string[] = []
  return {
    calls,
    way: 'popup',
    interactive: true,
    canHearServer: false,
    open() {
      calls.push('open')
      let response: Promise<Reply>
      return {
        navigate({ url }) {
          calls.push('navigate')
          response = agent.authorize(url, {})
        },
        async reply() {
          calls.push('reply')
          return change(await response)
        },
        close: () => void calls.push('close'),
      }
    },
  }
}

/** What a login needs of its client, and what it has shown and told. */
function createParts(client: NodeClient) {
  const { signal } = new AbortController()
  const events: AuthEvent[] = []
  const stages: (LoginStage | undefined)[] = []
  const session: Session = createSession({
    signal,
    ended: signal,
    load: client.vault.load,
    announce() {},
    initialState: { status: 'logged-out' },
  })
  session.subscribe((state) => stages.push(state.status === 'loading' ? undefined : state.login))
  const parts = {
    config: client.config,
    vault: client.vault,
    session,
    emit: (event: AuthEvent) => events.push(event),
  }
  return { parts, events, stages, signal }
}

test('logs in through the pipeline with a transport in a single file', async ({ as }) => {
  const client = await openNodeClient(as)
  const transport = createFakeTransport(client)
  const { parts, events, stages, signal } = createParts(client)
  const running = login(parts, transport, { resources: [], appState: 7 }, { signal })
  // The window opens in the gesture, before anything is awaited.
  expect(transport.calls).toEqual(['open'])
  expect(await running).toMatchObject({ status: 'logged-in', user: { sub: 'alice' }, appState: 7 })
  expect(transport.calls).toEqual(['open', 'navigate', 'reply', 'close'])
  expect([...new Set(stages)]).toEqual(['opening', 'waiting', 'redeeming', undefined])
  expect(events).toEqual([])
  expect(await client.getToken()).toBeTruthy()
})

test('rejects the response of another login, and reports it in an event', async ({ as }) => {
  const client = await openNodeClient(as)
  const foreign = (reply: Reply): Reply =>
    'href' in reply ? { href: reply.href.replace(/state=[^&]+/, `state=p.${'s'.repeat(43)}`) } : reply
  const { parts, events, signal } = createParts(client)
  const refused = login(parts, createFakeTransport(client, foreign), { resources: [] }, { signal })
  await expect(refused).rejects.toMatchObject({ code: 'invalid_response' })
  expect(events).toMatchObject([{ type: 'login_failed', error: { code: 'invalid_response' } }])
  expect(as.count('token')).toBe(0)
  // The control: the same transport with the response as it came.
  const state = await login(parts, createFakeTransport(client), { resources: [] }, { signal })
  expect(state).toMatchObject({ status: 'logged-in' })
})

test('rejects with the error of the transport, closes its window, and no longer shows a login', async ({
  as,
}) => {
  const client = await openNodeClient(as)
  const gone = new AuthError('popup_closed', 'the window was closed before the login was done')
  const transport = createFakeTransport(client, () => {
    throw gone
  })
  const { parts, events, signal } = createParts(client)
  await expect(login(parts, transport, { resources: [] }, { signal })).rejects.toBe(gone)
  expect(transport.calls.at(-1)).toBe('close')
  expect(parts.session.getState()).toEqual({ status: 'logged-out' })
  // No response came: there is nothing that failed after it.
  expect(events).toEqual([])
})
