import { unlessAborted } from '../base/abort.js'
import { AuthError } from '../base/errors.js'

/** How long one client lives: calls end when it is closed, and work that has begun at the server is finished first. */
export interface Lifetime {
  /** Aborted by `close()`, with the `client_closed` error. */
  signal: AbortSignal
  /** Aborted once the client is closed and no work is left to finish: what the work needs is released then. */
  ended: AbortSignal
  /** Runs a call while the client is open and the caller waits (`own`). Rejects at once when either ends. */
  guard<T>(work: (until: AbortSignal) => Promise<T>, own?: AbortSignal): Promise<T>
  /** Runs work that `close()` does not interrupt. */
  finish<T>(work: () => Promise<T>): Promise<T>
  close(): void
}

/** Creates the lifetime of one client. `check` throws where no call can work, and runs before each guarded call. */
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
    guard(work, own) {
      const until = own ? AbortSignal.any([signal, own]) : signal
      until.throwIfAborted()
      check()
      return unlessAborted(work(until), until)
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
