import { AuthError, isAuthError } from './base/errors.js'
import { unlessAborted } from './base/clock.js'
import { withoutUndefined } from './base/defined.js'
import { createEmitter } from './base/emitter.js'
import type {
  AuthEvent,
  Client,
  ClientOptions,
  LoginOptions,
  State,
  TokenOptions,
  TokenSet,
} from './base/types.js'
import { indexedDBStore } from './browser/indexed-db-store.js'
import { createReliableStore } from './browser/reliable-store.js'
import { openTabs } from './browser/tabs.js'
import { onWake } from './browser/wake.js'
import { buildConfig } from './config.js'
import { toResources } from './protocol/resources.js'
import { buildOAuthClient } from './protocol/server-call.js'
import { createRandomness } from './protocol/transaction.js'
import { exposeContext } from './session/add-on.js'
import { checkSurroundings, type AttemptOptions } from './session/attempt.js'
import { authorizedFetch } from './session/authorized-fetch.js'
import { warmKeys } from './session/complete-login.js'
import type { Context } from './session/context.js'
import { loginSilently } from './session/frame-login.js'
import { logout } from './session/logout.js'
import { loginByPopup, type Prepared } from './session/popup-login.js'
import { finishArrival, handOn, loginByRedirect, takeArrival } from './session/redirect-login.js'
import { createRenewal } from './session/renewal.js'
import { reduce } from './session/state.js'
import { buildTokenKey, checkRequest, checkScope, defaultValidity, isFresh } from './session/tokens.js'
import { createLocalVault } from './vault/local.js'
import type { SessionView } from './vault/vault.js'

/**
 * Creates the client of one app at one authorization server. Synchronous, makes no request; without a `window` (SSR)
 * its state stays `loading`. Throws a `TypeError` for a wrong option.
 *
 * @example
 * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa' })
 */
export function createClient(options: ClientOptions): Client {
  const config = buildConfig(options)
  const closing = new AbortController()
  const { signal } = closing
  const states = createEmitter<State>()
  const events = createEmitter<AuthEvent>()
  const { emit } = events
  if (options.onEvent) events.subscribe(options.onEvent)
  let state: State = { status: 'loading' }
  let view: SessionView = { generation: -1, session: null }
  let prepared: Prepared | undefined

  const store = createReliableStore(options.store ?? indexedDBStore(), (message) =>
    emit({ type: 'store_failed', message }),
  )
  const { clientId, clockTolerance, timeouts } = config
  const vault = createLocalVault(config, store, {
    client: buildOAuthClient(clientId, clockTolerance),
    clockTolerance,
    origin: globalThis.location?.origin,
    fetch: fetch.bind(globalThis),
    timeout: timeouts.request,
    signal,
  })
  const show = (next: SessionView, more: { appState?: unknown; error?: AuthError | undefined } = {}) => {
    view = next
    dispatch({ type: 'session', view, ...more })
  }
  const dispatch: Context['dispatch'] = (action) => {
    const next = reduce(state, action)
    if (next === state || signal.aborted) return
    state = next
    states.emit(state)
  }
  const ctx: Context = {
    config,
    vault,
    signal,
    addOns: new Map(),
    guard(work, own) {
      signal.throwIfAborted()
      checkSurroundings()
      return unlessAborted(unlessAborted(work(), signal), own)
    },
    dispatch,
    emit,
    getState: () => state,
    getView: () => view,
    tabs: openTabs(`latchkey ${config.issuer} ${config.clientId}`, signal, (message) => {
      void vault.load(message === 'logout').then((loaded) => ctx.apply(loaded))
    }),
    apply(next, change, appState) {
      if (change) ctx.tabs.post(change)
      // What was read before the session moved on comes too late; that nothing is stored at all is news, though.
      if (next.generation > view.generation || next.generation === 0) show(next, { appState })
    },
    end: () => show({ ...view, session: null, reason: 'logout' }),
    async sync() {
      const loaded = await vault.load()
      ctx.apply(loaded)
      return loaded
    },
  }
  const { guard } = ctx
  const renew = createRenewal(ctx)

  const start = async (orphaned?: true) => {
    try {
      checkSurroundings()
      if (!orphaned && handOn(config, () => void start(true))) return
      // React's StrictMode closes the first client at once: the answer is for the second.
      await null
      if (signal.aborted) return
      const arrival = orphaned ? {} : takeArrival(config)
      const error = arrival && (await finishArrival(ctx, arrival))
      const loaded = await vault.load()
      if (error) show(loaded, { error })
      else ctx.apply(loaded)
    } catch (error) {
      // Whatever it is: `ready()` settles.
      show({ ...view, generation: 0 }, isAuthError(error) ? { error } : {})
      if (!isAuthError(error)) throw error
    }
  }

  const ready = () =>
    new Promise<State>((resolve) => {
      if (state.status !== 'loading') return resolve(state)
      const stop = states.subscribe((next) => {
        stop()
        resolve(next)
      })
    })

  const login = (options: LoginOptions): Promise<State> => {
    const { mode = config.mode, signal: own, resource, ...rest } = withoutUndefined(options)
    const asked: AttemptOptions = {
      ...rest,
      resources: resource === undefined ? config.resources : toResources(resource),
    }
    if (mode === 'redirect') return loginByRedirect(ctx, asked, own)
    if (mode === 'silent') return loginSilently(ctx, asked, own)
    const ahead = prepared
    prepared = undefined
    return loginByPopup(ctx, asked, ahead, own)
  }

  /** Finds a token in memory that is good for long enough. */
  const find = (asked: TokenOptions | undefined): TokenSet | undefined => {
    // A closed client does not hear of a logout.
    const session = signal.aborted ? null : view.session
    const token = session?.tokens[asked ? buildTokenKey(asked, session.resources) : '']
    return token && isFresh(token, asked?.minValidity ?? defaultValidity)
      ? checkScope(token, asked?.scope)
      : undefined
  }
  const getTokenSet = async (asked: TokenOptions = {}, refused?: string): Promise<TokenSet> => {
    if (state.status === 'loading') await ready()
    const known = find(asked)
    if (known && known.accessToken !== refused) return known
    checkRequest(view, asked)
    return checkScope(await renew(buildTokenKey(asked, view.session!.resources), asked, refused), asked.scope)
  }

  if (typeof document !== 'undefined') {
    void start()
    onWake(signal, () => void ctx.sync())
  }

  const client: Client = {
    ready: () => unlessAborted(ready(), signal),
    // Not behind an `await`: the window opens while the gesture lasts.
    login: async (asked = {}) => guard(() => login(asked), asked.signal),
    async getToken(asked) {
      return (find(asked) ?? (await guard(() => getTokenSet(asked), asked?.signal))).accessToken
    },
    getTokenSet: async (asked) => ({ ...(await guard(() => getTokenSet(asked), asked?.signal)) }),
    getUser: () => (state.status === 'logged-in' ? state.user : null),
    getState: () => state,
    subscribe: states.subscribe,
    fetch: async (input, init) => guard(() => authorizedFetch(config.apis, getTokenSet, input, init)),
    logout: async (asked = {}) => guard(() => logout(ctx, asked)),
    async prepare() {
      if (prepared) return
      const [server, random] = await guard(() => Promise.all([vault.server(), createRandomness()]))
      prepared = { server, random }
      warmKeys(ctx, config)
    },
    close() {
      closing.abort(new AuthError('client_closed', 'this client was closed'))
      store.close()
    },
  }
  return exposeContext(client, ctx)
}
