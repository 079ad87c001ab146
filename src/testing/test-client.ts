import { unlessAborted } from '../base/abort.js'
import { createEmitter } from '../base/emitter.js'
import { withoutUndefined } from '../base/without-undefined.js'
import { AuthError, type AuthErrorCode, type AuthErrorDetails } from '../base/errors.js'
import type { Client } from '../api/client.js'
import type { ClientOptions } from '../api/client-options.js'
import type { AuthEvent } from '../api/events.js'
import type { TokenOptions } from '../api/token-options.js'
import type { TokenSet } from '../api/token-set.js'
import { buildConfig, checkLoginOptions, checkMode } from '../config.js'
import { toResources } from '../protocol/resources.js'
import { exposeHost, type NoHost } from '../session/add-on.js'
import { ignoreEvent } from '../login/ignore-event.js'
import { resolveReturnTo } from '../login/redirect.js'
import { authorizedFetch } from '../fetch/authorized-fetch.js'
import { createGetToken, type Renew } from '../session/get-token.js'
import { createLifetime } from '../session/lifetime.js'
import { createSession, type ShowOptions } from '../session/session.js'
import { requireSession } from '../session/tokens.js'
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

type LiveSession = NonNullable<SessionView['session']>

/** The properties of a new session, in addition to the user. */
interface StartedLogin {
  scope?: string | undefined
  resources?: string[] | undefined
  accessToken?: string | undefined
}

/** The default user. */
const somebody = { sub: 'test-user' }

/**
 * Creates a client for the tests of an app. It opens no windows, stores nothing, and sends no requests except those of `fetch` to
 * the APIs of the app. The test plays the user and the server with `test`: a `login()` stays pending until `test.logIn` or `test.fail`.
 *
 * State, token cache, `apis` and option checks use the code of `createClient`. Runs in Node and in browsers. All options of
 * `createClient` are accepted and optional; those for the server, windows and storage have no effect. Tokens are always bearer tokens,
 * even with `dpop`, and `stepUp` is ignored. `onEvent` receives renewals.
 *
 * Throws a `TypeError` for an invalid option. `exchangeToken`, `fetchWithToken`, `getIdToken` and `getUserInfo` reject with a
 * `TypeError`, because there is no server.
 *
 * @param initial the initial state
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
  const lifetime = createLifetime(() => {})
  const { signal } = lifetime
  const events = createEmitter<AuthEvent>()
  if (options.onEvent) events.subscribe(options.onEvent)
  const calls: TestCall[] = []
  const failures: [call: FailingCall, error: AuthError][] = []
  let refusal: AuthError | undefined
  let life = 600
  let tokenCount = 0

  /** Issues an access token with at most the scope that the login was granted. */
  const issueToken = (
    { tokens, resources, scope: granted }: LiveSession,
    key: string,
    { resource, scope }: TokenOptions,
    accessToken = `test-token-${++tokenCount}`,
  ): TokenSet => {
    const target = resource ?? resources[0]
    const narrowed = scope?.split(' ').filter((one) => granted.split(' ').includes(one))
    return (tokens[key] = {
      accessToken,
      tokenType: 'bearer',
      expiresAt: Date.now() + life * 1000,
      scope: narrowed?.join(' ') ?? granted,
      ...(target && { resource: target }),
    })
  }
  const startSession = (
    user: TestUser | null,
    { scope = config.scope, resources = config.resources, accessToken }: StartedLogin = {},
  ): LiveSession => {
    const session = {
      user: buildClaims(config.issuer, user),
      scope,
      resources,
      tokens: {},
      loggedInAt: Date.now(),
      refreshable: true,
    }
    issueToken(session, '', {}, accessToken)
    return session
  }
  const owner = createSession({
    signal,
    ended: lifetime.ended,
    load: async () => owner.getView(),
    announce() {},
    initialState:
      initial.status === 'logged-in'
        ? { ...initial, user: buildClaims(config.issuer, initial.user) }
        : initial,
    initialView:
      initial.status === 'logged-in'
        ? { generation: 1, session: startSession(initial.user) }
        : {
            generation: 0,
            session: null,
            reason: initial.status === 'logged-out' ? initial.reason : undefined,
          },
  })

  const { getState, getView, showStage } = owner
  const logins = createPendingLogins(showStage)
  const show = (session: LiveSession | null, reason?: SessionView['reason'], options?: ShowOptions) =>
    owner.show({ generation: getView().generation + 1, session, reason }, options)

  const throwFailure = (call: FailingCall) => {
    const at = failures.findIndex(([name]) => name === call)
    if (at >= 0) throw failures.splice(at, 1)[0]![1]
  }
  /** Ends the session if the error says so, and throws the error. */
  const lose = (error: AuthError): never => {
    if (error.code === 'session_lost' && getView().session) show(null, 'session_lost')
    throw error
  }
  const renew: Renew = async (key, options) => {
    // A server never responds synchronously.
    await null
    const session = requireSession(getView(), options)
    const error = refusal
    refusal = undefined
    if (error) {
      events.emit({ type: 'renewal_failed', error })
      return lose(error)
    }
    const token = issueToken(session, key, options)
    events.emit({ type: 'renewed', via: 'refresh' })
    return token
  }
  const getTokenSet = createGetToken(owner, renew)
  const provide = (tokenOptions: TokenOptions = {}) =>
    guard(async () => {
      try {
        throwFailure('getToken')
      } catch (error) {
        lose(error as AuthError)
      }
      return { ...(await getTokenSet(tokenOptions)) }
    }, tokenOptions.signal)

  /** Nested guards: `AbortSignal.any` cannot join signals of two implementations (a simulated DOM and Node). */
  const guard = <T>(work: () => Promise<T>, own = signal): Promise<T> =>
    lifetime.guard(async () => {
      own.throwIfAborted()
      return unlessAborted(work(), own)
    })

  const controls: TestControls = {
    calls,
    logIn(user = somebody, { accessToken, expiresIn = 600, scope }: TestLogin = {}) {
      const [pending] = logins.list()
      life = expiresIn
      if (hasStages(pending)) showStage('redeeming')
      const session = startSession(user, {
        accessToken,
        scope: scope ?? pending?.scope,
        resources: pending?.resource === undefined ? undefined : toResources(pending.resource),
      })
      show(session, undefined, { appState: pending?.appState })
      showStage(undefined)
      logins.resolve(getState())
    },
    logOut: (reason) => show(null, reason),
    expire(code) {
      for (const token of Object.values(getView().session?.tokens ?? {})) token.expiresAt = 0
      refusal = code && buildError(code)
    },
    fail(call, code, details) {
      const error = buildError(code, details)
      const [pending] = logins.list()
      if (call !== 'login' || !pending) return void failures.push([call, error])
      logins.reject(error)
      // The promise of a redirect is gone: the page that the user returns to has the error.
      if (pending.mode === 'redirect') show(getView().session, getView().reason, { error })
    },
    setStage: showStage,
  }

  /** Records a call before it is made. */
  const record = <Name extends TestCall['name']>(name: Name, call: Client[Name]): Client[Name] =>
    ((...args: never[]) => {
      calls.push({ name, args } as unknown as TestCall)
      return (call as (...args: never[]) => unknown)(...args)
    }) as Client[Name]

  const client: Client = {
    ready: record('ready', () => unlessAborted(owner.ready(), signal)),
    login: record('login', async (argument = {}) =>
      guard(async () => {
        const loginOptions = checkLoginOptions(ignoreEvent(argument))
        const { mode = config.mode, resource, returnTo, signal: own } = loginOptions
        toResources(resource)
        checkMode(mode, config)
        if (mode === 'redirect' && returnTo && globalThis.location) resolveReturnTo(returnTo)
        throwFailure('login')
        return logins.add({ ...loginOptions, mode }, [signal, own])
      }, argument.signal),
    ),
    getToken: record('getToken', async (tokenOptions) => (await provide(tokenOptions)).accessToken),
    getTokenSet: record('getTokenSet', async (tokenOptions) => provide(tokenOptions)),
    getUser() {
      const state = getState()
      return state.status === 'logged-in' ? state.user : null
    },
    getState,
    subscribe: (listener) => owner.subscribe(reportingErrors(listener)),
    fetch: record('fetch', async (input, init) =>
      guard(async () => {
        throwFailure('fetch')
        const vault = { prove: () => Promise.reject(new TypeError('a test client has no key')) }
        return authorizedFetch(
          { config, session: owner, vault, getTokenSet },
          async () => undefined,
          input,
          init,
        )
      }),
    ),
    logout: record('logout', async ({ returnTo = '/' } = {}) => {
      // A logout that has begun is completed, even if a listener closes the client.
      signal.throwIfAborted()
      // Throws for an invalid URL, like the real client.
      void new URL(returnTo, globalThis.location?.href ?? 'http://localhost/')
      show(null, 'logout')
    }),
    prepare: record('prepare', async () => guard(async () => throwFailure('prepare'))),
    focusWindow: record('focusWindow', () => logins.list().some(({ mode }) => mode === 'popup')),
    close: record('close', lifetime.close),
  }
  return Object.assign(exposeHost(client, hostOfNothing), { test: controls })
}

/** What add-ons find instead of the parts of a client: the reason why there are none. */
const hostOfNothing: NoHost = {
  get addOns(): never {
    throw new TypeError(
      '"auth" is a test client, which has no server: mock exchangeToken, fetchWithToken, getIdToken or getUserInfo in your test',
    )
  },
}

function buildError(code: AuthErrorCode, details?: AuthErrorDetails): AuthError {
  return new AuthError(code, `${code}, as requested by the test`, details)
}

/** Reports the error of a listener like a browser, so that the test fails. Node has no `reportError`. */
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
