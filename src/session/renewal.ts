import { AuthError, isAuthError } from '../base/errors.js'
import { wait } from '../base/abort.js'
import type { TokenOptions } from '../api/token-options.js'
import type { TokenSet } from '../api/token-set.js'
import { isUnprocessed } from '../protocol/to-auth-error.js'
import type { Redemption, SessionView } from '../vault/vault.js'
import { checkOnline } from '../browser/environment.js'
import type { Context } from './context.js'
import type { Renew } from './get-token.js'
import { chooseStep, type RenewalProgress } from './renewal-step.js'
import { withSessionLock } from './session-lock.js'
import { isFresh, requireSession, type LiveSession } from './tokens.js'

/** How often a request that the server did not process is sent again, and how long we wait for that at most, in ms. */
const [resends, longestPause, firstPause] = [2, 5000, 500]
/** How soon after a login a frame that says "nobody is logged in" can only mean that it never sees the session, in ms. */
const hopelessWithin = 60_000
/** How long frames that did not answer keep us from trying another one, in ms: an outage ends. */
const silence = 600_000

/** Asks the server in a hidden frame for a response that needs no user. */
export type AskInFrame = (
  options: {
    resources: string[]
    scope: string
    params: Record<string, string | undefined> | undefined
    authorizationDetails: object[] | undefined
  },
  signal: AbortSignal,
) => Promise<Pick<Redemption, 'reply' | 'transaction'>>

/** Creates the renewal of one client: one at a time for the session, over all tabs. */
export function createRenewal(ctx: Context, askInFrame: AskInFrame): Renew {
  const { vault, emit } = ctx
  let pausedUntil = 0
  let pausedBy: AuthError | undefined

  /** Sends the refresh token; what the server did not process is sent again after a pause. */
  const refresh = async (
    key: string,
    { resource, scope, authorizationDetails: details }: TokenOptions,
    patient: boolean,
  ): Promise<SessionView> => {
    if (Date.now() < pausedUntil) throw pausedBy
    checkOnline()
    for (let pause = firstPause, left = resends; ; pause *= 2) {
      try {
        return await vault.token({
          key,
          resource: resource ?? ctx.getView().session?.resources[0],
          scope,
          authorization_details: details && JSON.stringify(details),
        })
      } catch (thrown) {
        const error = thrown as AuthError
        if (!isUnprocessed(error)) throw error
        const ms = (error.retryAfter ?? 0) * 1000 || pause
        pausedUntil = Date.now() + ms
        pausedBy = error
        if (!left-- || !patient || ms > longestPause) throw error
        await wait(ms, ctx.signal)
      }
    }
  }

  /** Asks in a hidden frame for a new grant of the same user. */
  const renewByFrame = async (
    key: string,
    { resource, scope, authorizationDetails }: TokenOptions,
    over: number,
    { resources, loggedInAt, user, scope: whole, ...session }: LiveSession,
  ): Promise<SessionView> => {
    const details = authorizationDetails ?? session.authorizationDetails
    // The code is redeemed for the first resource; an empty one is none, and is not sent.
    const order =
      resource === undefined ? resources : [resource, ...resources.filter((one) => one !== resource)]
    try {
      // With an ID token, where there was one: it says whose grant it is.
      const narrow = scope && (user ? 'openid ' : '') + scope
      const asked = {
        resources: order,
        scope: narrow || whole,
        params: session.params,
        authorizationDetails: details,
      }
      const answer = await askInFrame(asked, ctx.signal)
      return await vault.redeem({ ...answer, key, renews: true, over, hints: { silentFrames: 0 } })
    } catch (error) {
      const { code } = error as AuthError
      const { silentFrames = 0 } = (await vault.server()).hints
      if (code === 'frame_silent')
        await vault.learn({ silentFrames: silentFrames + 1, silentUntil: Date.now() + silence })
      if (code === 'login_required' && Date.now() - loggedInAt < hopelessWithin)
        await vault.learn({ silentFrames: 2, silentUntil: Number.MAX_SAFE_INTEGER })
      throw error
    }
  }

  const renew = async (
    key: string,
    options: TokenOptions,
    refused: string | undefined,
    unlocked: boolean,
  ): Promise<TokenSet> => {
    const known = ctx.getView().session?.tokens[key]
    let view = await ctx.sync()
    let session = requireSession(view, options)
    const kept = session.tokens[key]
    const stored = kept?.accessToken === refused ? undefined : kept
    // Another tab was quicker: also a token that is short-lived by nature is taken over while it is new.
    if (stored && isFresh(stored, stored.accessToken === known?.accessToken ? options.minValidity : 0)) {
      emit({ type: 'renewed', via: 'tab' })
      return stored
    }
    const { silentFrames = 0, silentUntil = 0 } = (await vault.server()).hints
    const { loggedInAt } = session
    const progress: RenewalProgress = {
      ...session,
      // Another tab holds the lock, and may be about to send it.
      ...(unlocked && { refreshable: false }),
      framePossible: (silentFrames < 2 || Date.now() > silentUntil) && navigator.onLine !== false,
      stillValid: !!stored && isFresh(stored, 0),
    }
    for (;;) {
      const step = chooseStep(progress)
      if (step === 'lost') {
        const { view: ended } = await vault.clear('session_lost', { revoke: false, over: view.generation })
        ctx.apply(ended, 'changed')
        // Another tab has just logged in: there is a new session to renew.
        if (ended.session) return renew(key, options, refused, unlocked)
        throw new AuthError('session_lost', 'the server no longer takes the refresh token: call login()')
      }
      if (step === 'failed') {
        const error = unlocked
          ? new AuthError('busy', 'a renewal does not finish: try again')
          : (progress.refresh ??
            progress.frame ??
            new AuthError('login_required', 'no silent renewal here: call login()'))
        emit({ type: 'renewal_failed', error })
        // The old token is good for a little longer, and so is hope.
        if (progress.stillValid && error.retryable) return stored!
        throw error
      }
      try {
        const renewed = await (step === 'frame'
          ? renewByFrame(key, options, view.generation, session)
          : refresh(key, options, !progress.stillValid))
        emit({ type: 'renewed', via: step === 'frame' ? 'iframe' : step })
        ctx.apply(renewed, 'changed')
        return renewed.session!.tokens[key]!
      } catch (error) {
        if (!isAuthError(error) || ctx.signal.aborted) throw error
        progress[step] = error
      }
      // A logout, or a login, can have been quicker than the answer.
      view = await ctx.sync()
      session = requireSession(view, options)
      if (session.loggedInAt !== loggedInAt) return renew(key, options, refused, unlocked)
      const newer = session.tokens[key]
      if (newer && newer.accessToken !== kept?.accessToken && isFresh(newer, options.minValidity))
        return newer
    }
  }

  return (key, options, refused) =>
    withSessionLock(ctx, key, (unlocked) => renew(key, options, refused, unlocked))
}
