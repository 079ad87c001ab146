import { AuthError } from '../base/errors.js'
import { withLock } from '../browser/web-lock.js'
import type { Context } from './context.js'

/** How long we wait for the lock before we look, each time, whether it is needed, in milliseconds. */
const patience = 1500
/** How much longer than the longest piece of work under the lock we wait for it, in milliseconds. */
const slack = 5000

/**
 * Runs a renewal while no other tab runs one: the refresh token is one for all tabs and all resources. A tab that is frozen
 * does not let go of its lock, so the wait is limited. After a short one the work runs without the lock where the refresh token
 * is not marked as sent: the mark decides who sends it. Where it is marked, the holder may be waiting for the answer, and is given
 * the time that takes; the limit starts anew when the session has moved on meanwhile.
 */
export function withSessionLock<T>(ctx: Context, work: (unlocked: boolean) => Promise<T>): Promise<T> {
  const longest = longestWork(ctx)
  const turn = (generation: number, left: number): Promise<T> =>
    lock(
      ctx,
      '',
      patience,
      () => work(false),
      async () => {
        const { session, ...now } = await ctx.sync()
        const rest = now.generation === generation ? left - patience : longest
        const isUnsent = session?.refreshable && !session.inDoubt
        return !session || isUnsent || rest <= 0 ? work(true) : turn(now.generation, rest)
      },
    )
  return turn(ctx.getView().generation, longest)
}

/**
 * Runs work that sends the refresh token while nobody else sends it, with the session's lock or without. Rejects with `busy`
 * when another tab does not come to an end.
 */
export function withRefreshToken<T>(ctx: Context, work: () => Promise<T>): Promise<T> {
  return lock(ctx, ' refresh', longestWork(ctx), work, async () => {
    throw new AuthError('busy', 'another tab is still renewing the token: try again')
  })
}

/** Runs work under a lock, or something else when the lock is not free in time. */
async function lock<T>(
  ctx: Context,
  name: string,
  limit: number,
  work: () => Promise<T>,
  otherwise: () => Promise<T>,
): Promise<T> {
  const { issuer, clientId } = ctx.config
  const until = AbortSignal.any([ctx.signal, AbortSignal.timeout(limit)])
  let held = false
  try {
    return await withLock(`latchkey ${issuer} ${clientId}${name}`, until, () => {
      held = true
      return work()
    })
  } catch (error) {
    if (held || ctx.signal.aborted) throw error
  }
  return otherwise()
}

function longestWork({ config: { timeouts } }: Context): number {
  return timeouts.request + timeouts.iframe + slack
}
