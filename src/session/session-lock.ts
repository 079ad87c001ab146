import { AuthError } from '../base/errors.js'
import { withLock } from '../browser/web-lock.js'
import type { Config } from './config.js'
import type { Session } from './session.js'

/** How long we wait for the lock before we look, each time, whether it is needed, in milliseconds. */
const patience = 1500
/** How much longer than the longest piece of work under the lock we wait for it, in milliseconds. */
const slack = 5000

/** The locks of one session, over all tabs. */
export interface SessionLocks {
  /**
   * Runs a renewal while no other tab runs one: the refresh token is one for all tabs and all resources. A tab that is frozen
   * does not let go of its lock, so the wait is limited. After a short one the work runs without the lock where the refresh token
   * is not marked as sent: the mark decides who sends it. Where it is marked, the holder may be waiting for the answer, and is given
   * the time that takes; the limit starts anew when the session has moved on meanwhile.
   */
  withSession<T>(work: (unlocked: boolean) => Promise<T>): Promise<T>
  /**
   * Runs work that sends the refresh token while nobody else sends it, with the session's lock or without. Rejects with `busy`
   * when another tab does not come to an end.
   */
  withRefreshToken<T>(work: () => Promise<T>): Promise<T>
}

/** Creates the locks of one session; `signal` ends all waits. */
export function createSessionLocks(
  { issuer, clientId, timeouts }: Config,
  session: Pick<Session, 'getView' | 'sync'>,
  signal: AbortSignal,
): SessionLocks {
  const longest = timeouts.request + timeouts.iframe + slack

  /** Runs work under a lock, or something else when the lock is not free in time. */
  const lock = async <T>(
    name: string,
    limit: number,
    work: () => Promise<T>,
    otherwise: () => Promise<T>,
  ): Promise<T> => {
    const until = AbortSignal.any([signal, AbortSignal.timeout(limit)])
    let isHeld = false
    try {
      return await withLock(`latchkey ${issuer} ${clientId}${name}`, until, () => {
        isHeld = true
        return work()
      })
    } catch (error) {
      if (isHeld || signal.aborted) throw error
    }
    return otherwise()
  }

  return {
    withSession(work) {
      const waitUpTo = (left: number, generation: number): ReturnType<typeof work> => {
        const lookAgain = async () => {
          const view = await session.sync()
          const rest = view.generation === generation ? left - patience : longest
          const isUnsent = view.session?.refreshable && !view.session.inDoubt
          return !view.session || isUnsent || rest <= 0 ? work(true) : waitUpTo(rest, view.generation)
        }
        return lock('', patience, () => work(false), lookAgain)
      }
      return waitUpTo(longest, session.getView().generation)
    },
    withRefreshToken: (work) =>
      lock(' refresh', longest, work, async () => {
        throw new AuthError('busy', 'another tab is still renewing the token: try again')
      }),
  }
}
