import { withLock } from '../browser/web-lock.js'
import { buildBusyError } from '../vault/busy-error.js'
import type { Config } from './config.js'
import type { Session } from './session.js'

/** How long to wait for the lock before checking whether it is still needed, in milliseconds. */
const checkInterval = 1500
/** How much longer than the longest work under the lock to wait for it, in milliseconds. */
const margin = 5000

/** The locks of one session, shared by all tabs. */
export interface SessionLocks {
  /**
   * Runs a renewal while no other tab runs one, because all tabs and resources share the refresh token. A frozen tab does not release
   * its lock, so the wait is limited. If the refresh token is not marked as sent, the wait is short, and the work then runs without
   * the lock: the mark decides who sends the token. If it is marked, the holder may be waiting for the response and gets the time
   * that takes. The limit starts again whenever the stored session changes.
   */
  withSession<T>(work: (unlocked: boolean) => Promise<T>): Promise<T>
  /**
   * Runs work that sends the refresh token while nobody else sends it, with or without the lock of the session. Rejects with `busy` if
   * another tab does not finish in time.
   */
  withRefreshToken<T>(work: () => Promise<T>): Promise<T>
}

/** Creates the locks of one session; `signal` ends all waits. */
export function createSessionLocks(
  { issuer, clientId, timeouts }: Config,
  session: Pick<Session, 'getView' | 'sync'>,
  signal: AbortSignal,
): SessionLocks {
  const longest = timeouts.request + timeouts.iframe + margin

  /** Runs work under a lock, or the alternative if the lock does not become free in time. */
  const lock = async <T>(
    name: string,
    limit: number,
    work: () => Promise<T>,
    alternative: () => Promise<T>,
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
    return alternative()
  }

  return {
    withSession(work) {
      const waitUpTo = (limit: number, generation: number): ReturnType<typeof work> => {
        const checkAgain = async () => {
          const view = await session.sync()
          const remaining = view.generation === generation ? limit - checkInterval : longest
          const isUnsent = view.session?.refreshable && !view.session.inDoubt
          if (!view.session || isUnsent || remaining <= 0) return work(true)
          return waitUpTo(remaining, view.generation)
        }
        return lock('', checkInterval, () => work(false), checkAgain)
      }
      return waitUpTo(longest, session.getView().generation)
    },
    withRefreshToken: (work) =>
      lock(' refresh', longest, work, async () => {
        throw buildBusyError()
      }),
  }
}
