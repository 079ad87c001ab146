import { AuthError } from '../base/errors.js'
import { withLock } from '../browser/lock.js'
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
export async function withSessionLock<T>(ctx: Context, work: (unlocked: boolean) => Promise<T>): Promise<T> {
  let { generation } = ctx.getView()
  let left = longestWork(ctx)
  for (;;) {
    let held = false
    try {
      return await lock(ctx, '', patience, () => {
        held = true
        return work(false)
      })
    } catch (error) {
      if (held || ctx.signal.aborted) throw error
    }
    const { session, ...now } = await ctx.sync()
    left = now.generation === generation ? left - patience : longestWork(ctx)
    generation = now.generation
    const isUnsent = session?.refreshable && !session.inDoubt
    if (!session || isUnsent || left <= 0) return work(true)
  }
}

/**
 * Runs work that sends the refresh token while nobody else sends it, with the session's lock or without. Rejects with `busy`
 * when another tab does not come to an end.
 */
export async function withRefreshToken<T>(ctx: Context, work: () => Promise<T>): Promise<T> {
  let held = false
  try {
    return await lock(ctx, ' refresh', longestWork(ctx), () => {
      held = true
      return work()
    })
  } catch (error) {
    if (held || ctx.signal.aborted) throw error
    throw new AuthError('busy', 'another tab is still renewing the token: try again')
  }
}

function lock<T>(ctx: Context, name: string, limit: number, work: () => Promise<T>): Promise<T> {
  const { issuer, clientId } = ctx.config
  const until = AbortSignal.any([ctx.signal, AbortSignal.timeout(limit)])
  return withLock(`latchkey ${issuer} ${clientId}${name}`, until, work)
}

function longestWork({ config: { timeouts } }: Context): number {
  return timeouts.request + timeouts.iframe + slack
}
