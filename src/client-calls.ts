import type { Client } from './api/client.js'
import type { AuthEvent } from './api/events.js'
import type { TokenOptions } from './api/token-options.js'
import { unlessAborted } from './base/abort.js'
import { checkSurroundings } from './browser/environment.js'
import { checkLoginOptions, requireOverlay } from './config.js'
import { asksForLogin, authorizedFetch, type StepUp } from './fetch/authorized-fetch.js'
import type { EngineLoader } from './load-engine.js'
import { ignoreEvent } from './login/ignore-event.js'
import { createLoginStart } from './login/login-start.js'
import type { AddOnHost } from './session/add-on.js'
import { findToken } from './session/get-token.js'
import type { Lifetime } from './session/lifetime.js'
import { logout } from './session/logout.js'
import type { ServerLogout } from './session/server-logout.js'
import type { Session } from './session/session.js'
import type { SessionRepository } from './vault/session-repository.js'

/** What the calls of a client are made of. */
export interface CallParts {
  host: AddOnHost
  session: Session
  lifetime: Lifetime
  repository: SessionRepository
  engine: EngineLoader
  /** The windows of the logins under way. */
  windows: Set<Window>
  emit(event: AuthEvent): void
}

/** Builds the calls of a client: each checks its options, minds the client's life and hands on to the part that does it. */
export function buildCalls({
  host,
  session,
  lifetime,
  repository,
  engine,
  windows,
  emit,
}: CallParts): Client {
  const { config } = host
  const { signal, guard, finish } = lifetime
  const login = createLoginStart({ config, session, windows, engine })
  const stepUp: StepUp = async (response, owner, until) =>
    config.stepUp && asksForLogin(response)
      ? engine.use((loaded) => loaded.stepUp(response, owner, until))
      : undefined
  const logoutAtServer = (rest: ServerLogout) => engine.use((loaded) => loaded.logoutAtServer(rest))

  const getTokenSet = async (options: TokenOptions = {}) => {
    // A closed client does not hear of a logout.
    const cached = signal.aborted ? undefined : findToken(session.getView(), options)
    return cached ?? (await guard(() => host.getTokenSet(options), options.signal))
  }

  return {
    ready: () => unlessAborted(session.ready(), signal),
    // Not behind an `await`: the window opens while the gesture lasts.
    login: async (given = {}) => {
      const options = checkLoginOptions(ignoreEvent(given))
      if ((options.mode ?? config.mode) === 'overlay') requireOverlay(config.overlay)
      return guard((until) => login(options, until), options.signal)
    },
    getToken: async (options) => (await getTokenSet(options)).accessToken,
    async getTokenSet(options) {
      const { receivedAt: _, ...tokenSet } = await getTokenSet(options)
      return tokenSet
    },
    getUser() {
      const state = session.getState()
      return state.status === 'logged-in' ? state.user : null
    },
    getState: session.getState,
    subscribe: session.subscribe,
    fetch: async (input, init) => guard(() => authorizedFetch(host, stepUp, input, init)),
    logout: (options = {}) =>
      finish(() => {
        checkSurroundings()
        return logout({ session, vault: repository, emit, logoutAtServer }, options)
      }),
    focusWindow() {
      for (const one of windows) one.focus()
      return windows.size > 0
    },
    prepare: async () => guard(() => engine.use((loaded) => loaded.prepare())),
    close: lifetime.close,
  }
}
