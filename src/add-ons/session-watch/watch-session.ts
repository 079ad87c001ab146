import type { Client } from '../../api/client.js'
import { createEmitter } from '../../base/emitter.js'
import { AuthError, type AuthErrorCode } from '../../base/errors.js'
import { isAuthError } from '../../base/is-auth-error.js'
import { withoutPrototype } from '../../base/without-prototype.js'
import { fromDocument } from '../../browser/from-document.js'
import { onWake } from '../../browser/page-lifecycle.js'
import { isEndpoint } from '../../protocol/secure-url.js'
import { getAddOn, type AddOnHost } from '../../session/add-on.js'
import type { LiveSession } from '../../session/tokens.js'
import { askCheckSession } from './ask-check-session.js'
import { isSameSite } from './is-same-site.js'
import { createRecognized } from './recognized.js'

/**
 * The result of a check:
 *
 * - `unchanged`: the user's session at the server is still the one from the login.
 * - `renewed`: it has changed, but the same user is logged in there. The session here continues with a new grant.
 * - `ended`: the user is no longer logged in there. The session here has ended with the reason `session_lost`.
 * - `failed`: the server could not be asked, or its answer is inconclusive. The session here continues.
 */
export type SessionCheck =
  { result: 'unchanged' | 'renewed' | 'ended' } | { result: 'failed'; error: AuthError }

/** Options of `watchSession`. */
export interface WatchSessionOptions {
  /**
   * Called with the result of each check, for logs.
   *
   * @default none
   * @example
   * import { watchSession } from 'latchkey/session-watch'
   * watchSession(auth, { onCheck: (check) => console.log(check.result) })
   */
  onCheck?: ((check: SessionCheck) => void) | undefined
}

/** A test client (`latchkey/testing`) has no server to ask. */
interface TestClient {
  test: unknown
}

/** With these errors, the server says that the user of the session is no longer logged in there. `user_changed` is ours: it named another. */
const endings: readonly AuthErrorCode[] = [
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
  'user_changed',
]

/**
 * Ends the session here when the user has logged out at the server, or in another app that logs out there. Returns a function that stops
 * watching.
 *
 * Asks the server's page (`check_session_iframe`) in a hidden iframe: after a login, when the app loads, and when the page gets the focus
 * or becomes visible, but never on a timer. If it says that the session has changed, a silent login finds out whether the same user is
 * still logged in. If not, the state becomes `logged-out` with the reason `session_lost`, in all tabs.
 *
 * **It only works if the app and the server are on the same site**, such as `app.example.com` and `id.example.com`: across sites, browsers
 * hide the server's cookies from the iframe. Each check then fails with `discovery_failed`, and ends nothing. If the browser hides the
 * cookies even though the sites look the same, the server never recognizes the session, and no check ends it.
 *
 * The error of a failed check is `discovery_failed` if the server has no `check_session_iframe`, or one on another site; `invalid_response`
 * if the login returned no `session_state`; `server_error` if the server's page answers `error`; `frame_silent` if it does not answer or
 * has never recognized the session; or the error of the silent login. Does nothing without a page (SSR, workers), or with a test client.
 * Throws a `TypeError` if `auth` is not a client.
 *
 * @example
 * import { watchSession } from 'latchkey/session-watch'
 * const stop = watchSession(auth)
 * @see OpenID Connect Session Management 1.0 section 3
 */
export function watchSession(auth: Client, options: WatchSessionOptions = {}): () => void {
  const { onCheck } = withoutPrototype(options)
  if ((auth as Partial<TestClient>)?.test || typeof document === 'undefined') return () => {}
  const host = getAddOn(auth, getHost)
  const stopping = new AbortController()
  const { signal } = stopping
  const results = createEmitter<SessionCheck>()
  if (onCheck) results.subscribe(onCheck)
  const check = createCheck(host)
  /** The login of the session that was checked last. */
  let checkedLogin: number | undefined
  let isRunning = false

  const run = async () => {
    const state = auth.getState()
    const { session } = host.session.getView()
    // While the user logs in, the session at the server may change at any moment.
    if (isRunning || signal.aborted || state.status !== 'logged-in' || state.login || !session?.user) return
    if (fromDocument('visibilityState') !== 'visible') return
    isRunning = true
    checkedLogin = session.loggedInAt
    try {
      const result = await host.guard((until) => check(session, until), signal)
      if (result === 'renewed') checkedLogin = host.session.getView().session?.loggedInAt
      if (result) results.emit({ result })
    } catch (error) {
      if (signal.aborted || !isAuthError(error)) return
      if (error.code === 'client_closed') stop()
      else results.emit({ result: 'failed', error })
    } finally {
      isRunning = false
    }
    // Another tab may have logged in during the check.
    onState()
  }
  const onFocus = () => void run()
  const onState = () => {
    if (host.session.getView().session?.loggedInAt !== checkedLogin) void run()
  }

  addEventListener('focus', onFocus, withoutPrototype({ signal }))
  onWake(signal, onFocus)
  const unsubscribe = auth.subscribe(onState)
  const stop = () => {
    unsubscribe()
    stopping.abort()
  }
  onState()
  return stop
}

/** Whether the server has said that the session is over. A `login_required` without its `error` is ours: the session here has changed. */
function isEnding(error: unknown): boolean {
  return (
    isAuthError(error) && endings.includes(error.code) && (!!error.error || error.code === 'user_changed')
  )
}

function getHost(host: AddOnHost): AddOnHost {
  return host
}

/** Creates the check of one client. Its result is undefined if the session here has changed in the meantime. */
function createCheck({ config, session, vault, login, clear }: AddOnHost) {
  const { clientId, issuer, timeouts } = config
  const recognized = createRecognized(`${issuer} ${clientId}`)

  const ask = async ({ sessionState }: LiveSession, signal: AbortSignal) => {
    const { check_session_iframe: url } = (await vault.server()).metadata
    if (!isEndpoint(url))
      throw new AuthError(
        'discovery_failed',
        'the server does not support Session Management ("check_session_iframe" in its metadata)',
      )
    if (!isSameSite(new URL(url!), new URL(location.href)))
      throw new AuthError(
        'discovery_failed',
        '"check_session_iframe" is on another site, where browsers hide its cookies: do not call watchSession()',
      )
    if (typeof sessionState !== 'string')
      throw new AuthError(
        'invalid_response',
        'the server sent no "session_state" with the login: enable Session Management there',
      )
    return askCheckSession({ url: url!, clientId, sessionState, timeout: timeouts.iframe }, signal)
  }

  /** Logs in silently as the user of the session. The ID token tells the server who that is; the response must name the same user. */
  const logInAgain = async (live: LiveSession, signal: AbortSignal) => {
    const { scope, resources: resource, params, authorizationDetails, user } = live
    const since = session.getView().generation
    const logIn = (hinted: boolean) =>
      login(
        { mode: 'silent', scope, resource, params, authorizationDetails, sub: user!.sub, since, hinted },
        signal,
      )
    // A server whose keys have changed cannot verify the hint, and refuses the request.
    return logIn(true).catch((error: AuthError) => {
      if (error.code !== 'invalid_request') throw error
      return logIn(false)
    })
  }

  return async (
    live: LiveSession,
    signal: AbortSignal,
  ): Promise<'unchanged' | 'renewed' | 'ended' | undefined> => {
    const { loggedInAt } = live
    const answer = await ask(live, signal)
    if (answer === 'error')
      throw new AuthError(
        'server_error',
        '"check_session_iframe" of the server answered "error": check its log',
      )
    if (answer === 'unchanged') {
      recognized.add(loggedInAt)
      return answer
    }
    if (!recognized.has(loggedInAt))
      throw new AuthError(
        'frame_silent',
        '"check_session_iframe" has not recognized this session since the login: the browser hides its cookies from a hidden frame, or the user logged out before the first check',
      )
    if ((await session.sync()).session?.loggedInAt !== loggedInAt) return undefined
    try {
      await logInAgain(live, signal)
      // A frame that logged the user in sees the server's cookies.
      recognized.add(session.getView().session!.loggedInAt)
      return 'renewed'
    } catch (error) {
      if (!isEnding(error)) throw error
    }
    const now = await session.sync()
    if (now.session?.loggedInAt !== loggedInAt) return undefined
    const { view } = await clear('session_lost', { revoke: false, ifGeneration: now.generation })
    session.apply(view, 'changed')
    return view.reason === 'session_lost' ? 'ended' : undefined
  }
}
