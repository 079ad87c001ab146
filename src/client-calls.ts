import type { Client } from './api/client.js'
import type { AuthEvent } from './api/events.js'
import type { TokenOptions } from './api/token-options.js'
import { unlessAborted } from './base/abort.js'
import { checkSurroundings } from './browser/environment.js'
import { checkLoginOptions, checkMode } from './config.js'
import type { ClientEngine } from './engine.js'
import { authorizedFetch } from './fetch/authorized-fetch.js'
import { ignoreEvent } from './login/ignore-event.js'
import type { AddOnHost } from './session/add-on.js'
import type { Config } from './session/config.js'
import { findToken } from './session/get-token.js'
import type { Lifetime } from './session/lifetime.js'
import { logout } from './session/logout.js'
import type { Session } from './session/session.js'
import type { SessionAccess } from './vault/session-repository.js'
import { withoutPrototype } from './base/without-prototype.js'

/** What the calls of a client need. */
export interface CallParts {
  config: Config
  host: AddOnHost
  session: Session
  lifetime: Lifetime
  repository: SessionAccess
  engine: ClientEngine
  /** The windows of pending logins. */
  windows: Set<Window>
  emit(event: AuthEvent): void
}

/** Builds the calls of a client. Each checks its options and the lifetime of the client, then calls the part that does the work. */
export function buildCalls(parts: CallParts): Client {
  const { config, host, session, lifetime, engine, windows } = parts
  const { signal, guard, finish } = lifetime

  /** Finds a token in memory. A closed client does not notice a logout, so it finds none. */
  const find = (options?: TokenOptions) =>
    signal.aborted ? undefined : findToken(session.getView(), options && withoutPrototype(options))
  const request = (options: TokenOptions = {}) => guard(() => host.getTokenSet(options), options.signal)

  return {
    ready: () => unlessAborted(session.ready(), signal),
    // Nothing is awaited before the window opens, inside the gesture.
    login: async (input = {}) => {
      const options = checkLoginOptions(ignoreEvent(input))
      checkMode(options.mode ?? config.mode, config)
      return guard((until) => engine.login(options, until), options.signal)
    },
    // The token is nearly always in memory. Then nothing is awaited, and this is the only async function that runs.
    getToken: async (options) => (find(options) ?? (await request(options))).accessToken,
    async getTokenSet(options) {
      const { receivedAt: _, ...tokenSet } = find(options) ?? (await request(options))
      return tokenSet
    },
    getUser() {
      const state = session.getState()
      return state.status === 'logged-in' ? state.user : null
    },
    getState: session.getState,
    subscribe: session.subscribe,
    fetch: async (input, init) => guard(() => authorizedFetch(host, engine.stepUp, input, init)),
    logout: (options = {}) =>
      finish(() => {
        checkSurroundings(config.external)
        return logout(parts, withoutPrototype(options))
      }),
    focusWindow() {
      for (const popup of windows) popup.focus()
      return windows.size > 0
    },
    prepare: async () => guard(engine.prepare),
    close: lifetime.close,
  }
}
