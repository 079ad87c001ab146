import { unlessAborted } from '../base/abort.js'
import { createEmitter } from '../base/emitter.js'
import { withoutUndefined } from '../base/without-undefined.js'
import { AuthError, type AuthErrorCode, type AuthErrorDetails } from '../base/errors.js'
import type { AuthEvent, Client, ClientOptions, State, TokenOptions, TokenSet } from '../api/types.js'
import { buildConfig, requireOverlay } from '../config.js'
import { toResources } from '../protocol/resources.js'
import { isOpenId } from '../protocol/transaction.js'
import { exposeContext } from '../session/add-on.js'
import { ignoreEvent, resolveReturnTo } from '../login/authorization-request.js'
import { authorizedFetch } from '../fetch/authorized-fetch.js'
import type { Context } from '../session/context.js'
import { reduce, type Action } from '../session/reducer.js'
import { buildTokenKey, checkScope, isFresh, requireSession } from '../session/tokens.js'
import type { SessionView } from '../vault/vault.js'
import { createPendingLogins, hasStages } from './pending-logins.js'
import type {
  FailingCall,
  InitialState,
  TestCall,
  TestClient,
  TestClientOptions,
  TestControls,
  TestLogin,
} from './test-controls.js'
import { buildClaims, type TestUser } from './test-user.js'

/** A user where the test names none. */
const somebody = { sub: 'test-user' }

/**
 * Creates a client for tests of an app: no window, no storage, no request but those of `fetch` to the app's own APIs. The test
 * is the user and the server, by what is in `test`: a `login()` stays pending until `test.logIn` or `test.fail`.
 *
 * State, token cache, `apis` and the checks of options are the code of `createClient`. Runs in Node and in browsers. Takes all
 * options of `createClient`, needs none of them, and makes no use of those for the server, windows and storage; tokens are
 * bearer tokens, also with `dpop`, and `stepUp` is not played. `onEvent` hears of renewals. Throws a `TypeError` for a wrong
 * option; `exchangeToken`, `fetchWithToken` and `getUserInfo` reject with one, since there is no server.
 *
 * @param initial the state to begin with
 * @example
 * import { createTestClient } from 'latchkey/testing'
 * const auth = createTestClient({ status: 'logged-out' }, { apis: [{ url: 'https://api.example.com' }] })
 */
export function createTestClient(
  initial: InitialState = { status: 'logged-out' },
  options: TestClientOptions = {},
): TestClient {
  const { dpop: _, ...config } = buildConfig({
    issuer: 'https://id.example.com',
    clientId: 'test-client',
    ...withoutUndefined<Partial<ClientOptions>>(options),
  })
  const closing = new AbortController()
  const { signal } = closing
  const states = createEmitter<State>()
  const events = createEmitter<AuthEvent>()
  if (options.onEvent) events.subscribe(options.onEvent)
  const calls: TestCall[] = []
  const failures: [call: FailingCall, error: AuthError][] = []
  const renewals = new Map<string, Promise<TokenSet>>()
  let refusal: AuthError | undefined
  let life = 600
  let made = 0
  let state: State =
    initial.status === 'logged-in' ? { ...initial, user: buildClaims(config.issuer, initial.user) } : initial
  let view: SessionView = {
    generation: 0,
    session: null,
    reason: initial.status === 'logged-out' ? initial.reason : undefined,
  }

  const dispatch = (action: Action) => {
    const next = reduce(state, action)
    if (next === state || signal.aborted) return
    state = next
    states.emit(state)
  }
  const showStage: TestControls['setStage'] = (stage) => dispatch({ type: 'login', stage })
  const show = (
    session: SessionView['session'],
    reason?: SessionView['reason'],
    more?: { appState?: unknown; error?: AuthError },
  ) => {
    view = { generation: view.generation + 1, session, reason }
    dispatch({ type: 'session', view, ...more })
  }
  const logins = createPendingLogins(showStage)
  const buildSession = (
    user: TestUser | null,
    scope = config.scope,
    resources = config.resources,
  ): NonNullable<SessionView['session']> => ({
    user: buildClaims(config.issuer, user),
    scope,
    resources,
    tokens: {},
    loggedInAt: Date.now(),
    refreshable: true,
  })

  /** Gives a new token for what of it the login was granted. */
  const addToken = (key: string, { resource, scope }: TokenOptions, accessToken?: string): TokenSet => {
    const { tokens, resources, scope: granted } = view.session!
    const target = resource ?? resources[0]
    const asked = scope?.split(' ').filter((one) => granted.split(' ').includes(one))
    return (tokens[key] = {
      accessToken: accessToken ?? `test-token-${++made}`,
      tokenType: 'bearer',
      expiresAt: Date.now() + life * 1000,
      scope: asked?.join(' ') ?? granted,
      ...(target && { resource: target }),
    })
  }
  if (initial.status === 'logged-in') {
    view = { generation: 1, session: buildSession(initial.user) }
    addToken('', {})
  }

  const throwFailure = (call: FailingCall) => {
    const at = failures.findIndex(([name]) => name === call)
    if (at >= 0) throw failures.splice(at, 1)[0]![1]
  }
  /** Ends the session where the error says that it is over, and throws it. */
  const lose = (error: AuthError): never => {
    if (error.code === 'session_lost' && view.session) show(null, 'session_lost')
    throw error
  }
  const renew = async (key: string, asked: TokenOptions): Promise<TokenSet> => {
    // Nobody gets a token out of a server at once.
    await null
    requireSession(view, asked)
    const error = refusal
    refusal = undefined
    if (error) {
      events.emit({ type: 'renewal_failed', error })
      return lose(error)
    }
    const token = addToken(key, asked)
    events.emit({ type: 'renewed', via: 'refresh' })
    return token
  }
  const find = (asked: TokenOptions, refused?: string): TokenSet | undefined => {
    const session = signal.aborted ? null : view.session
    const token = session?.tokens[buildTokenKey(asked, session.resources)]
    if (!token || token.accessToken === refused || !isFresh(token, asked.minValidity)) return undefined
    return checkScope(token, asked.scope)
  }
  const getTokenSet = async (asked: TokenOptions, refused?: string): Promise<TokenSet> => {
    if (state.status === 'loading') await ready()
    const known = find(asked, refused)
    if (known) return known
    const key = buildTokenKey(asked, requireSession(view, asked).resources)
    if (!renewals.has(key)) {
      const renewal = renew(key, asked).finally(() => renewals.delete(key))
      renewals.set(key, renewal)
    }
    return checkScope(await renewals.get(key)!, asked.scope)
  }
  const provide = (asked: TokenOptions = {}) =>
    guard(async () => {
      try {
        throwFailure('getToken')
      } catch (error) {
        lose(error as AuthError)
      }
      return { ...(await getTokenSet(asked)) }
    }, asked.signal)

  const guard = <T>(work: () => Promise<T>, own = signal): Promise<T> => {
    for (const one of [signal, own]) one.throwIfAborted()
    // One in the other: signals of two kinds (a simulated DOM beside Node) cannot be joined by `AbortSignal.any`.
    return unlessAborted(unlessAborted(work(), own), signal)
  }
  const ready = () =>
    new Promise<State>((resolve) => {
      if (state.status !== 'loading') return resolve(state)
      const stop = states.subscribe((next) => {
        stop()
        resolve(next)
      })
    })

  const controls: TestControls = {
    calls,
    logIn(user = somebody, { accessToken, expiresIn = 600, scope }: TestLogin = {}) {
      const [asked] = logins.list()
      const { appState } = asked ?? {}
      life = expiresIn
      if (hasStages(asked)) showStage('redeeming')
      const resources = asked?.resource === undefined ? undefined : toResources(asked.resource)
      const session = buildSession(user, scope ?? asked?.scope, resources)
      view = { generation: view.generation + 1, session }
      addToken('', {}, accessToken)
      show(session, undefined, { appState })
      showStage(undefined)
      logins.resolve(state)
    },
    logOut: (reason) => show(null, reason),
    expire(code) {
      for (const token of Object.values(view.session?.tokens ?? {})) token.expiresAt = 0
      refusal = code && buildError(code)
    },
    fail(call, code, details) {
      const error = buildError(code, details)
      const [asked] = logins.list()
      if (call !== 'login' || !asked) return void failures.push([call, error])
      logins.reject(error)
      // A redirect has no promise left: the page that comes back says what happened.
      if (asked.mode === 'redirect') show(view.session, view.reason, { error })
    },
    setStage: showStage,
  }

  /** Notes a call down before it is made. */
  const noted = <Name extends TestCall['name']>(name: Name, call: Client[Name]): Client[Name] =>
    ((...args: never[]) => {
      calls.push({ name, args } as unknown as TestCall)
      return (call as (...given: never[]) => unknown)(...args)
    }) as Client[Name]

  const client: Client = {
    ready: noted('ready', () => unlessAborted(ready(), signal)),
    login: noted('login', async (given = {}) =>
      guard(async () => {
        const asked = ignoreEvent(given)
        const { mode = config.mode, scope = '', resource, returnTo } = asked
        void isOpenId(scope)
        toResources(resource)
        if (mode === 'overlay') requireOverlay(config.overlay)
        if (mode === 'redirect' && returnTo && globalThis.location) resolveReturnTo(returnTo)
        throwFailure('login')
        return logins.add({ ...asked, mode }, [signal, asked.signal])
      }, given.signal),
    ),
    getToken: noted('getToken', async (asked) => (await provide(asked)).accessToken),
    getTokenSet: noted('getTokenSet', async (asked) => provide(asked)),
    getUser: () => (state.status === 'logged-in' ? state.user : null),
    getState: () => state,
    subscribe: (listener) => states.subscribe(reportingErrors(listener)),
    fetch: noted('fetch', async (input, init) =>
      guard(async () => {
        throwFailure('fetch')
        const vault = { prove: () => Promise.reject(new TypeError('a test client has no key')) }
        const getView = () => view
        return authorizedFetch({ config, vault, getTokenSet, getView }, async () => undefined, input, init)
      }),
    ),
    logout: noted('logout', async ({ returnTo = '/' } = {}) => {
      // Once begun it is finished, also where whoever hears of it closes the client.
      signal.throwIfAborted()
      // As the real one, which throws for what is no URL.
      void new URL(returnTo, globalThis.location?.href ?? 'http://localhost/')
      show(null, 'logout')
    }),
    prepare: noted('prepare', async () => guard(async () => throwFailure('prepare'))),
    focusWindow: noted('focusWindow', () => logins.list().some(({ mode }) => mode === 'popup')),
    close: noted('close', () => closing.abort(new AuthError('client_closed', 'this client was closed'))),
  }
  return Object.assign(exposeContext(client, contextOfNothing), { test: controls })
}

/** What add-ons find instead of the parts of a client: the reason why there are none. */
const contextOfNothing = {
  get addOns(): never {
    throw new TypeError(
      '"auth" is a test client, which has no server: replace exchangeToken, fetchWithToken or getUserInfo in your test',
    )
  },
} as unknown as Context

function buildError(code: AuthErrorCode, details?: AuthErrorDetails): AuthError {
  return new AuthError(code, `${code}, as the test wants it`, details)
}

/** Lets the error of a listener fail the test as a browser would report it; Node has no `reportError`. */
function reportingErrors<T>(listener: (value: T) => void): (value: T) => void {
  return (value) => {
    try {
      listener(value)
    } catch (error) {
      if (typeof reportError === 'function') return reportError(error)
      queueMicrotask(() => {
        throw error
      })
    }
  }
}
