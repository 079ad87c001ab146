import type { Client } from '../../api/client.js'
import { checkOption } from '../../base/check-option.js'
import { watchTime } from './watch-time.js'

/** A session that ends soon. */
export interface SessionEnding {
  /** When it ends, in milliseconds since 1970. */
  endsAt: number
}

/** Options of `onSessionEnding`. */
export interface SessionEndingOptions {
  /**
   * How long before the end the listener is called, in milliseconds.
   *
   * @default 60_000
   * @example
   * import { onSessionEnding } from 'latchkey/idle'
   * onSessionEnding(auth, ({ endsAt }) => console.log(new Date(endsAt)), { before: 5 * 60_000 })
   */
  before?: number | undefined
}

/**
 * Calls a listener shortly before the session ends, if the server has announced when it ends (`endsAt` of the state). Use it, for
 * example, to ask the user to log in again. Returns a function that stops it.
 *
 * The listener is called in every tab, once for each announced end, and again if a renewal moves the end. After a sleep or a reload, it
 * may be called late, even after the end. It is never called if the server announces no end. Does nothing without a page (SSR). Throws
 * a `TypeError` for an invalid option.
 *
 * @example
 * import { onSessionEnding } from 'latchkey/idle'
 * const stop = onSessionEnding(auth, ({ endsAt }) => console.log(`log in again before ${new Date(endsAt)}`))
 */
export function onSessionEnding(
  auth: Client,
  listener: (ending: SessionEnding) => void,
  { before = 60_000 }: SessionEndingOptions = {},
): () => void {
  checkOption('before', before >= 0 && Number.isFinite(before), '0 milliseconds or more', before)
  if (typeof document === 'undefined') return () => {}
  const stopping = new AbortController()
  let announced: number | undefined
  const run = watchTime(() => {
    const state = auth.getState()
    const endsAt = state.status === 'logged-in' ? state.endsAt : undefined
    if (endsAt === undefined || endsAt === announced) return undefined
    if (Date.now() < endsAt - before) return endsAt - before
    announced = endsAt
    try {
      listener({ endsAt })
    } catch (error) {
      // A bug in the app. Thrown at the first call, it would keep the app from ever stopping this.
      reportError(error)
    }
    return undefined
  }, stopping.signal)
  const unsubscribe = auth.subscribe(run)
  run()
  return () => {
    unsubscribe()
    stopping.abort()
  }
}
