import { withLock } from '../browser/web-lock.js'
import type { Context } from './context.js'
import { isFresh } from './tokens.js'

/** How much longer than the longest piece of work under the lock we wait for it, in milliseconds. */
const slack = 5000

/**
 * Runs a renewal while no other tab runs one: the refresh token is one for all tabs and all resources. The wait is
 * limited, because a frozen tab does not let go of its lock, and starts anew when the session has moved on meanwhile.
 * When it runs out: the token under the key if it is still good, else the work without the lock, which must not touch the
 * refresh token.
 */
export async function withSessionLock<T>(
  ctx: Context,
  key: string,
  work: (unlocked: boolean) => Promise<T>,
): Promise<T> {
  const { issuer, clientId, timeouts } = ctx.config
  const limit = timeouts.request + timeouts.iframe + slack
  for (;;) {
    const { generation } = ctx.getView()
    let held = false
    try {
      return await withLock(
        `latchkey ${issuer} ${clientId}`,
        AbortSignal.any([ctx.signal, AbortSignal.timeout(limit)]),
        () => {
          held = true
          return work(false)
        },
      )
    } catch (error) {
      if (held || ctx.signal.aborted) throw error
    }
    const view = await ctx.sync()
    const token = view.session?.tokens[key]
    if (token && isFresh(token, 0)) return token as T
    if (view.generation === generation) return work(true)
  }
}
