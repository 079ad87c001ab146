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
import { withRefreshToken, withSessionLock } from './session-lock.js'
import { isFresh, requireSession, type LiveSession } from './tokens.js'

/** How often a request that the server did not process is sent again, and how long we wait for that at most, in ms. */
const [resends, longestPause, firstPause] = [2, 5000, 500]
/** How soon after a login a frame that says "nobody is logged in" can only mean that it never sees the session, in ms. */
const hopelessWithin = 60_000
/** How long frames that did not answer keep us from trying another one, in ms: an outage ends. */
const silence = 600_000
/**
 * How long a frame may take at most while there is a refresh token in doubt to try after it, in ms. A frame that the server does
 * not answer would cost all of its time otherwise, after each reload in the middle of a refresh.
 */
const hurry = 3000

/** Asks the server in a hidden frame for a response that needs no user; `limit` in milliseconds. */
export type AskInFrame = (
  options: {
    resources: string[]
    scope: string
    params: Record<string, string | undefined> | undefined
    authorizationDetails: object[] | undefined
    hinted: boolean
  },
  signal: AbortSignal,
  limit: number,
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
    generation: number,
    patient: boolean,
  ): Promise<SessionView> => {
    if (Date.now() < pausedUntil) throw pausedBy
    await checkOnline(ctx.config.issuer)
    let over = generation
    for (let pause = firstPause, left = resends; ; pause *= 2) {
      try {
        return await vault.token({
          key,
          over,
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
        over = (await ctx.sync()).generation
      }
    }
  }

  /** Asks in a hidden frame for a new grant of the same user. */
  const renewByFrame = async (
    key: string,
    { resource, scope, authorizationDetails }: TokenOptions,
    over: number,
    limit: number,
    { resources, loggedInAt, scope: whole, ...session }: LiveSession,
  ): Promise<SessionView> => {
    await checkOnline(ctx.config.issuer)
    const details = authorizationDetails ?? session.authorizationDetails
    // The code is redeemed for the first resource; an empty one is none, and is not sent.
    const order =
      resource === undefined ? resources : [resource, ...resources.filter((one) => one !== resource)]
    try {
      // With an ID token: it says whose grant it is.
      const narrow = scope && 'openid ' + scope
      const asked = {
        resources: order,
        scope: narrow || whole,
        params: session.params,
        authorizationDetails: details,
      }
      const ask = async (hinted: boolean) => {
        const answer = await askInFrame({ ...asked, hinted }, ctx.signal, limit)
        return vault.redeem({ ...answer, key, renews: true, over, hints: { silentFrames: 0 } })
      }
      // A server whose keys have changed since cannot check the hint, and refuses the request.
      return await ask(true).catch((error: AuthError) => {
        if (error.code !== 'invalid_request') throw error
        return ask(false)
      })
    } catch (error) {
      const { code } = error as AuthError
      const { silentFrames = 0 } = (await vault.server()).hints
      if (code === 'frame_silent' && limit === ctx.config.timeouts.iframe)
        await vault.learn({ silentFrames: silentFrames + 1, silentUntil: Date.now() + silence })
      if (code === 'login_required' && Date.now() - loggedInAt < hopelessWithin)
        await vault.learn({ silentFrames: 2, silentUntil: Number.MAX_SAFE_INTEGER })
      throw error
    }
  }

  const renew = async (
    key: string,
    options: TokenOptions,
    known: TokenSet | undefined,
    refused: string | undefined,
    unlocked: boolean,
  ): Promise<TokenSet> => {
    let view = await ctx.sync()
    let session = requireSession(view, options)
    const { loggedInAt } = session
    const { iframe } = ctx.config.timeouts
    const { silentFrames = 0, silentUntil = 0 } = (await vault.server()).hints
    // Without an ID token (plain OAuth) a frame could bring the grant of another user.
    const framePossible = !!session.user && (silentFrames < 2 || Date.now() > silentUntil)
    const tried: Pick<RenewalProgress, 'refresh' | 'frame' | 'hurried' | 'askedForAll'> = {}
    for (;;) {
      const kept = session.tokens[key]
      const stored = kept?.accessToken === refused ? undefined : kept
      // Another tab was quicker: also a token that is short-lived by nature is taken over while it is new.
      if (stored && isFresh(stored, stored.accessToken === known?.accessToken ? options.minValidity : 0)) {
        emit({ type: 'renewed', via: 'tab' })
        return stored
      }
      const { inDoubt, refreshable } = session
      const stillValid = !!stored && isFresh(stored, 0)
      // Without the lock another tab may be waiting for the answer to a refresh token that is marked.
      const maySend = refreshable && !(unlocked && inDoubt)
      if (unlocked && !maySend && stillValid) return stored
      const narrowed = key !== ''
      const now = { framePossible, stillValid, narrowed }
      const step = chooseStep({ ...session, ...tried, ...now, refreshable: maySend })
      if (step === 'lost') {
        const { view: ended } = await vault.clear('session_lost', { revoke: false, over: view.generation })
        ctx.apply(ended, 'changed')
        // Another tab has just logged in: there is a new session to renew.
        if (ended.session) return renew(key, options, known, refused, unlocked)
        throw new AuthError('session_lost', 'the server no longer accepts the refresh token: call login()')
      }
      if (step === 'failed') {
        const answer = session.refused ? tried.frame : (tried.refresh ?? (unlocked ? undefined : tried.frame))
        const error =
          answer ??
          (unlocked
            ? new AuthError('busy', 'another tab is still renewing the token: try again')
            : new AuthError('login_required', 'the session cannot be renewed silently: call login()'))
        emit({ type: 'renewal_failed', error })
        // The old token is valid for a little longer, and the next renewal can succeed.
        if (stillValid && error.retryable) return stored
        throw error
      }
      // A refusal of all that the login asked for is about the refresh token, and about nothing else.
      const asksForAll = step === 'refresh' && narrowed && !!inDoubt
      const limit = inDoubt && maySend && !tried.refresh ? Math.min(hurry, iframe) : iframe
      if (asksForAll) tried.askedForAll = true
      const { generation } = view
      try {
        const renewed = await (step === 'frame'
          ? renewByFrame(key, options, generation, limit, session)
          : withRefreshToken(ctx, () =>
              refresh(asksForAll ? '' : key, asksForAll ? {} : options, generation, !stillValid),
            ))
        emit({ type: 'renewed', via: step === 'frame' ? 'iframe' : step })
        ctx.apply(renewed, 'changed')
        if (!asksForAll) return renewed.session!.tokens[key]!
      } catch (error) {
        if (!isAuthError(error) || ctx.signal.aborted) throw error
        tried[step] = error
        if (step === 'frame') tried.hurried = limit < iframe && error.code === 'frame_silent'
      }
      // A logout, or a login, can have been quicker than the answer.
      view = await ctx.sync()
      session = requireSession(view, options)
      if (session.loggedInAt !== loggedInAt) return renew(key, options, known, refused, unlocked)
      // Another tab was quicker than our mark, or than our answer: what to do now depends on what it has left.
      if (tried[step]?.code === 'busy' && view.generation !== generation) delete tried[step]
    }
  }

  return (key, options, refused) => {
    const known = ctx.getView().session?.tokens[key]
    return withSessionLock(ctx, (unlocked) => renew(key, options, known, refused, unlocked))
  }
}
