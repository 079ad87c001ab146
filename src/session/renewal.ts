import { AuthError, isAuthError } from '../base/errors.js'
import type { AuthEvent } from '../api/events.js'
import type { TokenOptions } from '../api/token-options.js'
import type { TokenSet } from '../api/token-set.js'
import type { SessionView, Vault } from '../vault/vault.js'
import type { Config } from './config.js'
import type { Renew } from './get-token.js'
import { createFrameGrant, type AskInFrame } from './frame-grant.js'
import { createRefresh } from './refresh.js'
import { chooseStep, type RenewalProgress } from './renewal-step.js'
import type { SessionLocks } from './session-lock.js'
import type { Session } from './session.js'
import { isFresh, requireSession, type LiveSession } from './tokens.js'

/**
 * How long a frame may take at most while there is a refresh token in doubt to try after it, in ms. A frame that the server does
 * not answer would cost all of its time otherwise, after each reload in the middle of a refresh.
 */
const hurry = 3000

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

/** One token that is wanted. */
interface Wanted {
  key: string
  options: TokenOptions
  /** The one that was there before: another one under the same key is news. */
  before: TokenSet | undefined
  /** The one that an API no longer accepts. */
  refused: string | undefined
  /** Whether another tab may be renewing at the same time. */
  unlocked: boolean
}

/** What was tried in one renewal, and how that ended. */
type Tried = Pick<RenewalProgress, 'refresh' | 'frame' | 'hurried' | 'askedForAll'>

/** What is stored now, for the token that is wanted. */
interface Reading {
  live: LiveSession
  generation: number
  token: TokenSet | undefined
  stillValid: boolean
  /** Whether the refresh token may be sent. */
  refreshable: boolean
  /** Whether the token is for less than the login asked for. */
  narrowed: boolean
}

/** Creates the renewal of one client: one at a time for the session, over all tabs. */
export function createRenewal(parts: RenewalParts): Renew {
  const { config, session, vault, locks, signal, emit } = parts
  const refresh = createRefresh(parts)
  const grantInFrame = createFrameGrant(parts)
  const { iframe } = config.timeouts

  /** Tells whether a hidden frame can be expected to answer. */
  const canAskInFrame = async ({ user }: LiveSession): Promise<boolean> => {
    const { silentFrames = 0, silentUntil = 0 } = (await vault.server()).hints
    // Without an ID token (plain OAuth) a frame could bring the grant of another user.
    return !!user && (silentFrames < 2 || Date.now() > silentUntil)
  }

  const lookAt = (view: SessionView, { key, options, refused, unlocked }: Wanted): Reading => {
    const live = requireSession(view, options)
    const stored = live.tokens[key]
    const token = stored?.accessToken === refused ? undefined : stored
    return {
      live,
      generation: view.generation,
      token,
      stillValid: !!token && isFresh(token, 0),
      // Without the lock another tab may be waiting for the answer to a refresh token that is marked.
      refreshable: live.refreshable && !(unlocked && live.inDoubt),
      narrowed: key !== '',
    }
  }

  /** Finds a token that is there after all. */
  const findStored = (now: Reading, { options, before, unlocked }: Wanted): TokenSet | undefined => {
    const { token } = now
    const isOld = token?.accessToken === before?.accessToken
    // Another tab was quicker: also a token that is short-lived by nature is taken over while it is new.
    if (token && isFresh(token, isOld ? options.minValidity : 0)) {
      emit({ type: 'renewed', via: 'tab' })
      return token
    }
    return unlocked && !now.refreshable && now.stillValid ? token : undefined
  }

  /** Ends a session that cannot be renewed any more. Gives the token of a new one where another tab has just logged in. */
  const giveUp = async (now: Reading, wanted: Wanted): Promise<TokenSet> => {
    const { view } = await vault.clear('session_lost', { revoke: false, over: now.generation })
    session.apply(view, 'changed')
    if (view.session) return renew(wanted)
    throw new AuthError('session_lost', 'the server no longer accepts the refresh token: call login()')
  }

  /** Rejects with the reason why there is no new token. Gives the old one where that is valid and the reason passes. */
  const fail = (now: Reading, { unlocked }: Wanted, tried: Tried): TokenSet => {
    let error = now.live.refused ? tried.frame : tried.refresh
    if (!unlocked) error ??= tried.frame
    error ??= unlocked
      ? new AuthError('busy', 'another tab is still renewing the token: try again')
      : new AuthError('login_required', 'the session cannot be renewed silently: call login()')
    emit({ type: 'renewal_failed', error })
    if (now.token && now.stillValid && error.retryable) return now.token
    throw error
  }

  /** Asks the server, by the refresh token or in a frame. Gives nothing where that failed, or was for another token. */
  const ask = async (
    step: 'refresh' | 'frame',
    now: Reading,
    { key, options }: Wanted,
    tried: Tried,
  ): Promise<TokenSet | undefined> => {
    const { live, generation, refreshable, narrowed, stillValid } = now
    const limit = live.inDoubt && refreshable && !tried.refresh ? Math.min(hurry, iframe) : iframe
    // A refusal of all that the login asked for is about the refresh token, and about nothing else.
    const asksForAll = step === 'refresh' && narrowed && !!live.inDoubt
    if (asksForAll) tried.askedForAll = true
    const request = asksForAll ? { key: '', options: {}, generation } : { key, options, generation }
    try {
      const renewed = await (step === 'frame'
        ? grantInFrame(request, live, limit)
        : locks.withRefreshToken(() => refresh(request, !stillValid)))
      emit({ type: 'renewed', via: step === 'frame' ? 'iframe' : step })
      session.apply(renewed, 'changed')
      return asksForAll ? undefined : renewed.session!.tokens[key]!
    } catch (error) {
      if (!isAuthError(error) || signal.aborted) throw error
      tried[step] = error
      if (step === 'frame') tried.hurried = limit < iframe && error.code === 'frame_silent'
      return undefined
    }
  }

  const renew = async (wanted: Wanted): Promise<TokenSet> => {
    // A refresh needs no look at the store before it: its mark is taken only over the session that is known here.
    let view = session.getView()
    if (!view.session?.refreshable || view.session.inDoubt) view = await session.sync()
    const first = requireSession(view, wanted.options)
    const framePossible = await canAskInFrame(first)
    const tried: Tried = {}
    for (;;) {
      const now = lookAt(view, wanted)
      const stored = findStored(now, wanted)
      if (stored) return stored
      const step = chooseStep({ ...now.live, ...tried, ...now, framePossible })
      if (step === 'lost') return giveUp(now, wanted)
      if (step === 'failed') return fail(now, wanted, tried)
      const token = await ask(step, now, wanted, tried)
      if (token) return token
      // A logout, or a login, can have been quicker than the answer.
      view = await session.sync()
      if (requireSession(view, wanted.options).loggedInAt !== first.loggedInAt) return renew(wanted)
      // Another tab was quicker than our mark, or than our answer: what to do now depends on what it has left.
      if (tried[step]?.code === 'busy' && view.generation !== now.generation) delete tried[step]
      // Nothing was marked, so nothing was sent: the store fails, and no longer gives the refresh token.
      if (step === 'refresh' && !view.session?.refreshable && view.generation === now.generation)
        delete tried.refresh
    }
  }

  return (key, options, refused) => {
    const before = session.getView().session?.tokens[key]
    return locks.withSession((unlocked) => renew({ key, options, before, refused, unlocked }))
  }
}
