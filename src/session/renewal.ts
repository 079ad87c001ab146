import { AuthError } from '../base/errors.js'
import { isAuthError } from '../base/is-auth-error.js'
import type { AuthEvent } from '../api/events.js'
import type { TokenOptions } from '../api/token-options.js'
import type { TokenSet } from '../api/token-set.js'
import { buildBusyError } from '../vault/busy-error.js'
import { buildStoreError } from '../vault/store-error.js'
import type { SessionView, Vault } from '../vault/vault.js'
import type { Config } from './config.js'
import type { Renew } from './get-token.js'
import { createFrameGrant, type AskInFrame } from './frame-grant.js'
import { createRefresh } from './refresh.js'
import { chooseStep, type RenewalProgress } from './renewal-step.js'
import type { SessionLocks } from './session-lock.js'
import type { Session } from './session.js'
import { isFresh, requireSession, type LiveSession } from './tokens.js'
import { withoutPrototype } from '../base/without-prototype.js'

/**
 * The time limit of a frame while there is a refresh token in doubt to try after it, in milliseconds. Without it, every reload in the
 * middle of a refresh would wait for the whole frame timeout at a server that does not answer in frames.
 */
const shortFrameLimit = 3000

/** What the renewal of one client needs. */
export interface RenewalParts {
  config: Config
  session: Pick<Session, 'getView' | 'sync' | 'apply'>
  vault: Pick<Vault, 'server' | 'updateHints' | 'token' | 'redeem' | 'clear'>
  locks: SessionLocks
  /** Ends all renewals. */
  signal: AbortSignal
  emit(event: AuthEvent): void
  askInFrame: AskInFrame
}

/** The token to renew. */
interface Target {
  key: string
  options: TokenOptions
  /** The token at the start of the renewal: a different one under the same key comes from another tab. */
  previous: TokenSet | undefined
  /** A token that an API no longer accepts. */
  refused: string | undefined
  /** Whether the renewal runs without the lock, so that another tab may be renewing at the same time. */
  unlocked: boolean
}

/** How the steps of one renewal failed. */
type Failures = Pick<RenewalProgress, 'refresh' | 'frame' | 'hurried' | 'requestedAll'>

/** The stored session at one moment, as far as the target is concerned. `refreshable`: whether the refresh token may be sent. */
interface Snapshot extends LiveSession {
  generation: number
  token: TokenSet | undefined
  stillValid: boolean
  /** Whether the token is for less than the login requested. */
  narrowed: boolean
}

/** Creates the renewal of one client: one at a time for the session, in all tabs. */
export function createRenewal(parts: RenewalParts): Renew {
  const { config, session, vault, locks, signal, emit } = parts
  const refresh = createRefresh(parts)
  const grantInFrame = createFrameGrant(parts)
  const { windowless, timeouts } = config
  const { iframe } = timeouts

  /** Tells whether a hidden frame can be expected to answer. */
  const isFramePossible = async ({ user }: LiveSession): Promise<boolean> => {
    const { silentFrames = 0, silentUntil = 0 } = (await vault.server()).hints
    // Without an ID token (plain OAuth), a frame could return the grant of another user.
    return !!user && !windowless && (silentFrames < 2 || Date.now() > silentUntil)
  }

  const takeSnapshot = (view: SessionView, { key, options, refused, unlocked }: Target): Snapshot => {
    const live = requireSession(view, options)
    const stored = live.tokens[key]
    const token = stored?.accessToken === refused ? undefined : stored
    return withoutPrototype({
      ...live,
      generation: view.generation,
      token,
      stillValid: !!token && isFresh(token, 0),
      // Without the lock, another tab may be waiting for the response to a marked refresh token.
      refreshable: live.refreshable && !(unlocked && live.inDoubt),
      narrowed: key !== '',
    })
  }

  /** Finds a stored token that makes the renewal unnecessary. */
  const findStored = (now: Snapshot, { options, previous, unlocked }: Target): TokenSet | undefined => {
    const { token } = now
    const isOld = token?.accessToken === previous?.accessToken
    // Another tab was faster. The server may always issue tokens with a short lifetime, so its token only has to be valid.
    if (token && isFresh(token, isOld ? options.minValidity : 0)) {
      emit({ type: 'renewed', via: 'tab' })
      return token
    }
    return unlocked && !now.refreshable && now.stillValid ? token : undefined
  }

  /** Ends a session that can no longer be renewed. If another tab has just logged in, returns the token of that session. */
  const endSession = async (now: Snapshot, target: Target): Promise<TokenSet> => {
    const { view } = await vault.clear('session_lost', { revoke: false, ifGeneration: now.generation })
    session.apply(view, 'changed')
    if (view.session) return renew(target)
    throw new AuthError('session_lost', 'the server no longer accepts the refresh token: call login()')
  }

  /** Rejects with the reason why there is no new token. Returns the old one if it is still valid and the failure is transient. */
  const fail = (now: Snapshot, { unlocked }: Target, failures: Failures): TokenSet => {
    let error = now.refused ? failures.frame : failures.refresh
    if (!unlocked) error ??= failures.frame
    error ??= unlocked
      ? buildBusyError()
      : new AuthError('login_required', 'the session cannot be renewed silently: call login()')
    // The session is not over: the refresh token can be sent as soon as the store responds.
    if (now.isWithheld && !error.retryable) error = buildStoreError()
    emit({ type: 'renewal_failed', error })
    if (now.token && now.stillValid && error.retryable) return now.token
    throw error
  }

  /** Requests the token with the refresh token or in a frame. Returns undefined if that failed, or was for another token. */
  const requestToken = async (
    step: 'refresh' | 'frame',
    now: Snapshot,
    { key, options }: Target,
    failures: Failures,
  ): Promise<TokenSet | undefined> => {
    const { generation, refreshable, inDoubt, narrowed, stillValid } = now
    const isShort = inDoubt && refreshable && !failures.refresh
    const limit = isShort ? Math.min(shortFrameLimit, iframe) : iframe
    // If the server refuses everything that the login requested, it can only mean the refresh token.
    const requestsAll = step === 'refresh' && narrowed && !!inDoubt
    if (requestsAll) failures.requestedAll = true
    const request = requestsAll ? { key: '', options: {}, generation } : { key, options, generation }
    try {
      const renewed = await (step === 'frame'
        ? grantInFrame(request, now, limit)
        : locks.withRefreshToken(() => refresh(request, !stillValid)))
      emit({ type: 'renewed', via: step === 'frame' ? 'iframe' : step })
      session.apply(renewed, 'changed')
      return requestsAll ? undefined : renewed.session!.tokens[key]!
    } catch (error) {
      if (!isAuthError(error) || signal.aborted) throw error
      failures[step] = error
      if (step === 'frame') failures.hurried = limit < iframe && error.code === 'frame_silent'
      return undefined
    }
  }

  const renew = async (target: Target): Promise<TokenSet> => {
    // A refresh does not have to read the store first: its mark is only accepted for the session that is in memory.
    let view = session.getView()
    if (!view.session?.refreshable || view.session.inDoubt) view = await session.sync()
    let now = takeSnapshot(view, target)
    const framePossible = await isFramePossible(now)
    const failures: Failures = withoutPrototype({})
    for (;;) {
      const stored = findStored(now, target)
      if (stored) return stored
      const step = chooseStep(withoutPrototype({ ...now, ...failures, framePossible }))
      if (step === 'lost') return endSession(now, target)
      if (step === 'failed') return fail(now, target, failures)
      const token = await requestToken(step, now, target, failures)
      if (token) return token
      const before = now
      now = takeSnapshot(await session.sync(), target)
      // A logout or a login may have been faster than the response.
      if (now.loggedInAt !== before.loggedInAt) return renew(target)
      const hasChanged = now.generation !== before.generation
      // Another tab was faster than our mark or our response: the next step depends on what it stored.
      if (failures[step]?.code === 'busy' && hasChanged) delete failures[step]
      // Nothing was marked, so nothing was sent: the store is failing, and no longer returns the refresh token.
      if (step === 'refresh' && !now.refreshable && !hasChanged) delete failures.refresh
    }
  }

  return (key, options, refused) => {
    const previous = session.getView().session?.tokens[key]
    return locks.withSession((unlocked) => renew({ key, options, previous, refused, unlocked }))
  }
}
