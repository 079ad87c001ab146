import type { Client } from './api/client.js'
import type { ClientOptions } from './api/client-options.js'
import type { AuthEvent } from './api/events.js'
import type { TokenOptions } from './api/token-options.js'
import { createEmitter } from './base/emitter.js'
import { unlessAborted } from './base/abort.js'
import { openChannel } from './browser/messages/channel.js'
import { checkSurroundings } from './browser/environment.js'
import { onWake } from './browser/page-lifecycle.js'
import { createFallbackStore } from './browser/storage/fallback-store.js'
import { indexedDBStore } from './browser/storage/indexed-db-store.js'
import { buildConfig, checkLoginOptions, requireOverlay } from './config.js'
import { authorizedFetch } from './fetch/authorized-fetch.js'
import { ignoreEvent } from './login/ignore-event.js'
import { createLogins } from './login/login-modes.js'
import { finishRedirect, handOn } from './login/redirect.js'
import { registerRedirectUri } from './login/redirect-uri-registry.js'
import { createStepUp } from './login/step-up.js'
import { buildOAuthClient, type Caller } from './protocol/server-call.js'
import { exposeContext } from './session/add-on.js'
import type { Context } from './session/context.js'
import { createGetToken, findToken } from './session/get-token.js'
import { createLifetime } from './session/lifetime.js'
import { logout } from './session/logout.js'
import { createRenewal } from './session/renewal.js'
import { createSession, type TabMessage } from './session/session.js'
import { createLocalVault } from './vault/local-vault.js'
import type { Vault } from './vault/vault.js'

/**
 * Creates the client of one app at one authorization server. Synchronous, makes no request; without a `window` (SSR)
 * its state stays `loading`. Throws a `TypeError` for a wrong option.
 *
 * @example
 * import { createClient } from 'latchkey'
 * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa' })
 * @see RFC 10017 section 6.3
 */
export function createClient(options: ClientOptions): Client {
  const config = buildConfig(options)
  const { issuer, clientId, clockTolerance, timeouts } = config
  const lifetime = createLifetime(checkSurroundings)
  const { signal, ended, guard, finish } = lifetime
  const { emit, subscribe } = createEmitter<AuthEvent>()
  if (options.onEvent) subscribe(options.onEvent)

  const readAgain = () =>
    void session.ready().then(() => {
      if (!signal.aborted) return session.sync()
    })
  const store = createFallbackStore(options.store ?? indexedDBStore(), readAgain)
  const dpop = config.dpop?.open(issuer, clientId, readAgain)
  const caller: Caller = {
    client: buildOAuthClient(clientId, clockTolerance),
    clockTolerance,
    origin: globalThis.location?.origin,
    fetch: fetch.bind(globalThis),
    timeout: timeouts.request,
    signal: ended,
    sent: [],
    dpop,
  }
  const local = createLocalVault(config, store, caller, (message) => emit({ type: 'store_failed', message }))
  ended.addEventListener('abort', () => {
    store.close?.()
    dpop?.close()
  })
  // An answer that nobody waits for any more can hold the only refresh token that still works.
  const vault: Vault = { ...local, token: (request) => finish(() => local.token(request)) }

  let announce: ((message: TabMessage) => void) | undefined
  const session = createSession({
    signal,
    ended,
    load: vault.load,
    announce: (message) => announce?.(message),
  })
  const logins = createLogins({ config, vault, session, emit })
  const ctx: Context = {
    config,
    vault,
    signal,
    guard,
    emit,
    addOns: new Map(),
    ...session,
    getTokenSet: createGetToken(session, (...renewal) => renew(...renewal)),
  }
  const renew = createRenewal(ctx, logins.askInFrame)
  const stepUp = createStepUp(config, session, logins.login, signal)

  const start = (orphaned: boolean) =>
    session.start(async () => {
      checkSurroundings()
      if (!orphaned && handOn(config, () => void start(true))) return new Promise(() => {})
      // React's StrictMode closes the first client at once: the answer is for the second.
      await null
      return signal.aborted
        ? new Promise(() => {})
        : finishRedirect({ config, vault, session, emit }, orphaned)
    })
  // Not on a server (SSR), where a channel would keep the process alive.
  if (typeof document !== 'undefined') {
    announce = openChannel(`latchkey ${issuer} ${clientId}`, session.hear, ended)
    registerRedirectUri(ctx)
    void start(false)
    onWake(signal, readAgain)
  }

  // A closed client does not hear of a logout.
  const find = (options?: TokenOptions) =>
    signal.aborted ? undefined : findToken(session.getView(), options)
  const getTokenSet = async (options: TokenOptions = {}) =>
    find(options) ?? (await guard(() => ctx.getTokenSet(options), options.signal))

  const client: Client = {
    ready: () => unlessAborted(session.ready(), signal),
    // Not behind an `await`: the window opens while the gesture lasts.
    login: async (given = {}) => {
      const options = checkLoginOptions(ignoreEvent(given))
      if ((options.mode ?? config.mode) === 'overlay') requireOverlay(config.overlay)
      return guard((until) => logins.login(options, until), options.signal)
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
    fetch: async (input, init) => guard(() => authorizedFetch(ctx, stepUp, input, init)),
    logout: (asked = {}) =>
      finish(() => {
        checkSurroundings()
        return logout(ctx, asked)
      }),
    focusWindow: logins.focusWindow,
    prepare: async () => guard(logins.prepare),
    close: lifetime.close,
  }
  return exposeContext(client, ctx)
}
