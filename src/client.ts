import { AuthError, isAuthError } from './base/errors.js'
import { unlessAborted } from './base/abort.js'
import { withoutUndefined } from './base/without-undefined.js'
import { createEmitter } from './base/emitter.js'
import type { AuthEvent, Client, ClientOptions, State, TokenOptions, TokenSet } from './api/types.js'
import { indexedDBStore } from './browser/storage/indexed-db-store.js'
import { createReliableStore } from './browser/storage/fallback-store.js'
import { openChannel } from './browser/messages/channel.js'
import { onWake } from './browser/page-lifecycle.js'
import { buildConfig, requireOverlay } from './config.js'
import { toResources } from './protocol/resources.js'
import { buildOAuthClient } from './protocol/server-call.js'
import { exposeContext } from './session/add-on.js'
import {
  checkSurroundings,
  ignoreEvent,
  prepareAttempt,
  type AttemptOptions,
  type Prepared,
} from './login/authorization-request.js'
import { authorizedFetch } from './fetch/authorized-fetch.js'
import { warmKeys } from './login/login.js'
import type { Context, TabMessage } from './session/context.js'
import { loginSilently } from './login/frame.js'
import { logout } from './session/logout.js'
import { loginByPopup } from './login/popup.js'
import { finishArrival, handOn, loginByRedirect } from './login/redirect.js'
import { createRenewal } from './session/renewal.js'
import { reduce, type Action } from './session/reducer.js'
import { createStepUp, type StepUpLogin } from './login/step-up.js'
import { buildTokenKey, checkScope, isFresh, requireSession } from './session/tokens.js'
import { createLocalVault } from './vault/local-vault.js'
import type { SessionView, Vault } from './vault/vault.js'

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
  const closing = new AbortController()
  const { signal } = closing
  // What has begun at the server is finished, and needs the store, the server and the other tabs for that.
  const leaving = new AbortController()
  let unfinished = 0
  const states = createEmitter<State>()
  const events = createEmitter<AuthEvent>()
  const { emit } = events
  if (options.onEvent) events.subscribe(options.onEvent)
  let state: State = { status: 'loading' }
  let view: SessionView = { generation: -1, session: null }
  let prepared: Prepared | undefined
  let tell: ((message: TabMessage) => void) | undefined

  const store = createReliableStore(options.store ?? indexedDBStore(), (message) =>
    emit({ type: 'store_failed', message }),
  )
  const { issuer, clientId, clockTolerance, timeouts } = config
  const dpop = config.dpop?.open(issuer, clientId)
  const local = createLocalVault(config, store, {
    client: buildOAuthClient(clientId, clockTolerance),
    clockTolerance,
    origin: globalThis.location?.origin,
    fetch: fetch.bind(globalThis),
    timeout: timeouts.request,
    signal: leaving.signal,
    dpop,
  })
  /** Lets go of all that outlives the calls, once the client is closed and nothing is unfinished. */
  const leave = () => {
    if (!signal.aborted || unfinished) return
    leaving.abort(signal.reason)
    store.close()
    dpop?.close()
  }
  const finish = async <T>(work: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted()
    unfinished++
    try {
      return await work()
    } finally {
      unfinished--
      leave()
    }
  }
  // An answer that nobody waits for any more can have the only refresh token that is still good.
  const vault: Vault = { ...local, token: (request) => finish(() => local.token(request)) }
  const show = (next: SessionView, more: { appState?: unknown; error?: AuthError | undefined } = {}) => {
    view = next
    dispatch({ type: 'session', view, ...more })
  }
  const dispatch = (action: Action) => {
    const next = reduce(state, action)
    if (next === state || signal.aborted) return
    state = next
    states.emit(state)
  }
  const ctx: Context = {
    config,
    vault,
    signal,
    showStage: (stage) => dispatch({ type: 'login', stage }),
    windows: new Set(),
    addOns: new Map(),
    guard(work, own = signal) {
      const until = AbortSignal.any([signal, own])
      until.throwIfAborted()
      checkSurroundings()
      return unlessAborted(work(until), until)
    },
    emit,
    getState: () => state,
    getView: () => view,
    apply(next, change, appState) {
      if (change) tell?.(change)
      // What was read before the session moved on comes too late; that nothing is stored at all is news, though.
      if (next.generation > view.generation || next.generation === 0) show(next, { appState })
    },
    end: () => show({ ...view, session: null, reason: 'logout' }),
    async sync() {
      const loaded = await vault.load()
      ctx.apply(loaded)
      return loaded
    },
    async getTokenSet(asked, refused) {
      if (state.status === 'loading') await ready()
      const known = find(asked)
      if (known && known.accessToken !== refused) return known
      const { resources } = requireSession(view, asked)
      return checkScope(await renew(buildTokenKey(asked, resources), asked, refused), asked.scope)
    },
  }
  const { guard, getTokenSet } = ctx
  const renew = createRenewal(ctx)

  const start = async (orphaned = false) => {
    try {
      checkSurroundings()
      if (!orphaned && handOn(config, () => void start(true))) return
      // React's StrictMode closes the first client at once: the answer is for the second.
      await null
      if (signal.aborted) return
      const error = await finishArrival(ctx, orphaned)
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

  const login = (options: StepUpLogin, until: AbortSignal): Promise<State> => {
    const {
      mode = config.mode,
      signal: _,
      resource = config.resources,
      returnTo,
      ...rest
    } = withoutUndefined(options)
    const asked: AttemptOptions = { ...rest, resources: toResources(resource) }
    if (mode === 'redirect') return loginByRedirect(ctx, asked, returnTo, until)
    if (mode === 'silent') return loginSilently(ctx, asked, until)
    if (mode === 'overlay') return requireOverlay(config.overlay).login(ctx, asked, until)
    const ahead = prepared
    prepared = undefined
    return loginByPopup(ctx, asked, ahead, until)
  }

  /** Finds a token in memory that is good for long enough. */
  const find = (asked?: TokenOptions): TokenSet | undefined => {
    // A closed client does not hear of a logout.
    const session = signal.aborted ? null : view.session
    const token = session?.tokens[asked ? buildTokenKey(asked, session.resources) : '']
    return token && isFresh(token, asked?.minValidity) ? checkScope(token, asked?.scope) : undefined
  }

  const stepUp = createStepUp(ctx, login)
  const provide = (asked: TokenOptions = {}) => guard(() => getTokenSet(asked), asked.signal)

  // Not on a server (SSR), where a channel would keep the process alive.
  if (typeof document !== 'undefined') {
    const hear = async (message: TabMessage) => {
      const now = await vault.load(message === 'logout')
      // What is stored is not the answer as long as a redirect login that came back is being finished.
      await ready()
      ctx.apply(now)
    }
    tell = openChannel(`latchkey ${config.issuer} ${config.clientId}`, hear, leaving.signal)
    void start()
    onWake(signal, () => void ready().then(ctx.sync))
  }

  const client: Client = {
    ready: () => unlessAborted(ready(), signal),
    // Not behind an `await`: the window opens while the gesture lasts.
    login: async (asked = {}) => guard((until) => login(ignoreEvent(asked), until), asked.signal),
    // Nearly always the token is there, and nothing else is touched.
    getToken: async (asked) => (find(asked) ?? (await provide(asked))).accessToken,
    getTokenSet: async (asked) => ({ ...(find(asked) ?? (await provide(asked))) }),
    getUser: () => (state.status === 'logged-in' ? state.user : null),
    getState: () => state,
    subscribe: states.subscribe,
    fetch: async (input, init) => guard(() => authorizedFetch(ctx, stepUp, input, init)),
    logout: (asked = {}) =>
      finish(() => {
        checkSurroundings()
        return logout(ctx, asked)
      }),
    focusWindow() {
      for (const popup of ctx.windows) popup.focus()
      return ctx.windows.size > 0
    },
    async prepare() {
      if (prepared) return
      prepared = await guard(() => prepareAttempt(ctx))
      warmKeys(ctx, config)
    },
    close() {
      closing.abort(new AuthError('client_closed', 'this client was closed'))
      leave()
    },
  }
  return exposeContext(client, ctx)
}
