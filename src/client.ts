import type { Client } from './api/client.js'
import type { ClientOptions } from './api/client-options.js'
import type { AuthEvent } from './api/events.js'
import { createEmitter } from './base/emitter.js'
import { withoutPrototype } from './base/without-prototype.js'
import { canRun, checkSurroundings } from './browser/environment.js'
import { openChannel } from './browser/messages/channel.js'
import { onWake } from './browser/page-lifecycle.js'
import { createFallbackStore } from './browser/storage/fallback-store.js'
import { indexedDBStore } from './browser/storage/indexed-db-store.js'
import { buildCalls } from './client-calls.js'
import { buildConfig } from './config.js'
import type { ClientEngine, EngineParts } from './engine.js'
import { startSession } from './login/redirect-arrival.js'
import { registerRedirectUri } from './login/redirect-uri-registry.js'
import { exposeHost, type AddOnHost } from './session/add-on.js'
import { createGetToken } from './session/get-token.js'
import { createLifetime } from './session/lifetime.js'
import { createSession, type TabMessage } from './session/session.js'
import { openSessionRepository, type RemoteVault } from './vault/session-repository.js'

/** Connects the parts of a client: the start, which every page needs, and the engine, which talks to the authorization server. */
export function wireClient(input: ClientOptions, openEngine: (parts: EngineParts) => ClientEngine): Client {
  const options = withoutPrototype(input)
  const config = buildConfig(options)
  const { issuer, clientId } = config
  const lifetime = createLifetime(() => checkSurroundings(config.external))
  const { signal, ended, guard } = lifetime
  const { emit, subscribe } = createEmitter<AuthEvent>()
  if (options.onEvent) subscribe(options.onEvent)

  const readAgain = () =>
    void session.ready().then(() => {
      if (!signal.aborted) return session.sync().catch(() => {})
    })
  const store = createFallbackStore(options.store ?? indexedDBStore(), readAgain)
  const getView = () => session.getView()
  const remote = config.vault?.open(config, { ended, getView, onNews: readAgain }) as RemoteVault | undefined
  const dpop = remote ? undefined : config.dpop?.open(issuer, clientId, readAgain)
  const reportFailure = (message: string) => emit({ type: 'store_failed', message })
  const repository = openSessionRepository(config, store, dpop, reportFailure)
  const access = remote ?? repository
  ended.addEventListener('abort', () => {
    store.close?.()
    dpop?.close()
  })

  let post: ((message: TabMessage) => void) | undefined
  const announce = (message: TabMessage) => post?.(message)
  const session = createSession({ signal, ended, load: access.load, announce })
  const windows = new Set<Window>()
  const parts = { config, lifetime, session, store, repository, remote, dpop, windows, emit }
  const engine = openEngine(parts)
  const { server, idToken, grant, prove } = engine.vault
  // Add-ons may use only this part of the vault.
  const vault = { server, idToken, grant, prove }
  const host: AddOnHost = {
    config,
    session,
    vault,
    guard,
    getTokenSet: createGetToken(session, engine.renew),
    withRefreshToken: engine.withRefreshToken,
    login: engine.login,
    clear: access.clear,
    addOns: new Map(),
  }
  const all = { ...parts, repository: access, engine, host }

  // Not on a server (SSR), where a channel would keep the process alive.
  if (canRun(config.external)) {
    post = openChannel(`latchkey ${issuer} ${clientId}`, session.hear, ended)
    registerRedirectUri(config, vault, signal)
    startSession({ ...all, signal })
    onWake(signal, readAgain)
  }
  return exposeHost(buildCalls(all), host)
}
