import { unlessAborted } from '../base/abort.js'
import { AuthError } from '../base/errors.js'

/** The lifetime of one client. Closing it rejects all calls, but work that has started at the server is finished. */
export interface Lifetime {
  /** Aborted by `close()`, with the `client_closed` error. */
  signal: AbortSignal
  /** Aborted once the client is closed and no work is left to finish. Releases what that work needs. */
  ended: AbortSignal
  /** Runs a call. Rejects as soon as the client is closed or the signal of the caller is aborted. */
  guard<T>(work: (signal: AbortSignal) => Promise<T>, callerSignal?: AbortSignal): Promise<T>
  /** Runs work that `close()` does not interrupt. */
  finish<T>(work: () => Promise<T>): Promise<T>
  close(): void
}

/**
 * Creates the lifetime of one client. `check` runs before each guarded call, and throws if calls cannot work in this environment.
 */
export function createLifetime(check: () => void): Lifetime {
  const closing = new AbortController()
  const ending = new AbortController()
  const { signal } = closing
  let unfinished = 0
  const endIfFinished = () => {
    if (signal.aborted && unfinished === 0) ending.abort(signal.reason)
  }
  return {
    signal,
    ended: ending.signal,
    guard(work, callerSignal) {
      const either = callerSignal ? AbortSignal.any([signal, callerSignal]) : signal
      either.throwIfAborted()
      check()
      return unlessAborted(work(either), either)
    },
    async finish(work) {
      signal.throwIfAborted()
      unfinished++
      try {
        return await work()
      } finally {
        unfinished--
        endIfFinished()
      }
    },
    close() {
      closing.abort(new AuthError('client_closed', 'this client was closed: create a new one'))
      endIfFinished()
    },
  }
}
