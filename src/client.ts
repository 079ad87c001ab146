import type { Client } from './api/client.js'
import type { ClientOptions } from './api/client-options.js'
import type { AuthEvent } from './api/events.js'
import type { TokenOptions } from './api/token-options.js'
import { unlessAborted } from './base/abort.js'
import type { AuthError } from './base/errors.js'
import { createEmitter } from './base/emitter.js'
import { checkSurroundings } from './browser/environment.js'
import { openChannel } from './browser/messages/channel.js'
import { onWake } from './browser/page-lifecycle.js'
import { createReliableStore } from './browser/storage/fallback-store.js'
import { indexedDBStore } from './browser/storage/indexed-db-store.js'
import { buildConfig, checkLoginOptions, requireOverlay } from './config.js'
import { authorizedFetch } from './fetch/authorized-fetch.js'
import { createEngineLoader, type EngineSource } from './load-engine.js'
import { ignoreEvent } from './login/ignore-event.js'
import { createLoginStart } from './login/login-start.js'
import { startSession } from './login/redirect-arrival.js'
import { registerRedirectUri } from './login/redirect-uri-registry.js'
import { createStepUp } from './login/step-up.js'
import { exposeHost, type AddOnHost } from './session/add-on.js'
import { createGetToken, findToken } from './session/get-token.js'
import { createLifetime } from './session/lifetime.js'
import { logout } from './session/logout.js'
import type { ServerLogout } from './session/server-logout.js'
import { createSession, type TabMessage } from './session/session.js'
import { openSessionRepository } from './vault/session-repository.js'

/** Wires the parts of a client: the start, which every page needs, and the engine, which talks to the authorization server. */
export function wireClient(options: ClientOptions, source: EngineSource): Client {
  const config = buildConfig(options)
  const { issuer, clientId } = config
  const lifetime = createLifetime(checkSurroundings)
  const { signal, ended, guard, finish } = lifetime
  const { emit, subscribe } = createEmitter<AuthEvent>()
  if (options.onEvent) subscribe(options.onEvent)

  const readAgain = () =>
    void session.ready().then(() => {
      if (!signal.aborted) return session.sync()
    })
  const store = createReliableStore(options.store ?? indexedDBStore(), readAgain)
  const dpop = config.dpop?.open(issuer, clientId, readAgain)
  const repository = openSessionRepository(config, store, dpop, (message) =>
    emit({ type: 'store_failed', message }),
  )
  ended.addEventListener('abort', () => {
    store.close?.()
    dpop?.close()
  })

  let announce: ((message: TabMessage) => void) | undefined
  const session = createSession({
    signal,
    ended,
    load: repository.load,
    announce: (message) => announce?.(message),
  })
  const windows = new Set<Window>()
  const engine = createEngineLoader(source, {
    config,
    lifetime,
    session,
    store,
    repository,
    dpop,
    windows,
    emit,
  })
  const { use } = engine

  const vault: AddOnHost['vault'] = {
    server: (attempt) => use(({ vault }) => vault.server(attempt)),
    grant: (parameters, request) => use(({ vault }) => vault.grant(parameters, request)),
    prove: (request) => dpop!.prove(request),
  }
  const getTokenSet = createGetToken(session, (...wanted) => use(({ renew }) => renew(...wanted)))
  const login = createLoginStart(config, session, engine)
  const stepUp = createStepUp(config, session, login, signal)
  const host: AddOnHost = {
    config,
    session,
    vault,
    guard,
    getTokenSet,
    withRefreshToken: (work) => use(({ withRefreshToken }) => withRefreshToken(work)),
    addOns: new Map(),
  }
  // Not on a server (SSR), where a channel would keep the process alive.
  if (typeof document !== 'undefined') {
    announce = openChannel(`latchkey ${issuer} ${clientId}`, session.hear, ended)
    registerRedirectUri(config, vault, signal)
    startSession({
      config,
      session,
      signal,
      finishRedirect: (arrival) =>
        use((engine) => engine.finishRedirect(arrival)).catch((error) => error as AuthError),
    })
    onWake(signal, readAgain)
    void session.ready().then(engine.loadWhenIdle)
  }

  // A closed client does not hear of a logout.
  const find = (options?: TokenOptions) =>
    signal.aborted ? undefined : findToken(session.getView(), options)
  const provide = async (options: TokenOptions = {}) =>
    find(options) ?? (await guard(() => getTokenSet(options), options.signal))

  const client: Client = {
    ready: () => unlessAborted(session.ready(), signal),
    // Not behind an `await`: the window opens while the gesture lasts.
    login: async (given = {}) => {
      const options = checkLoginOptions(ignoreEvent(given))
      if ((options.mode ?? config.mode) === 'overlay') requireOverlay(config.overlay)
      return guard((until) => login(options, until), options.signal)
    },
    getToken: async (options) => (await provide(options)).accessToken,
    async getTokenSet(options) {
      const { receivedAt: _, ...tokenSet } = await provide(options)
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
        const atServer = (left: ServerLogout) => use(({ logoutAtServer }) => logoutAtServer(left))
        return logout({ session, vault: repository, emit, logoutAtServer: atServer }, options)
      }),
    focusWindow() {
      for (const one of windows) one.focus()
      return windows.size > 0
    },
    prepare: async () => guard(() => use(({ prepare }) => prepare())),
    close: lifetime.close,
  }
  return exposeHost(client, host)
}
