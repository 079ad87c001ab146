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
   * How many milliseconds before the end the listener is called.
   *
   * @default 60_000
   * @example
   * import { onSessionEnding } from 'latchkey/idle'
   * onSessionEnding(auth, ({ endsAt }) => console.log(new Date(endsAt)), { before: 5 * 60_000 })
   */
  before?: number | undefined
}

/**
 * Calls a listener ahead of the end of the session that the server has announced (`endsAt` of the state), for example to ask the user to
 * log in again. Returns the function that ends this.
 *
 * The listener is called once for each announced end, in every tab: again if a renewal has moved it. After a sleep or a reload it may
 * be called late, even after the end. Never called if the server announces no end. Does nothing without a page (SSR). Throws a
 * `TypeError` for an invalid option.
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
    return void listener({ endsAt })
  }, stopping.signal)
  const unsubscribe = auth.subscribe(run)
  run()
  return () => {
    unsubscribe()
    stopping.abort()
  }
}
