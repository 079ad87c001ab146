import { wait } from '../../base/abort.js'
import type { Store } from '../../api/store.js'

/**
 * The time limit of an operation is counted in turns of this length, in milliseconds, not measured: a busy page is late itself, and
 * receives a result that has arrived meanwhile before the next turn ends.
 */
const turn = 1200
/** How many turns an operation may take at first, so that `ready()` takes less than 3 s. */
const firstPatience = 2
/** How many turns an operation may take at most. */
const maxPatience = 8
/** How long a store that did not answer is not used, in milliseconds, unless it answers late. */
const pause = 10_000

/**
 * Wraps a store that may be missing, fail or hang (private mode, quota, WebKit's lost connection), so that every operation settles.
 * An operation that fails is tried once more. An operation that takes too long rejects, and so do all other operations for a while.
 * If the store answers late, this is reported, and the store gets more time from then on.
 *
 * @param onNews called when the store should be read again: it has answered late, or was cleared
 */
export function createFallbackStore(store: Store, onNews: () => void): Store {
  let patience = firstPatience
  let silentUntil = 0

  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    const silence = new Error('the store does not respond')
    if (performance.now() < silentUntil) throw silence
    const settled = new AbortController()
    let isLate = false
    const attempt = work().catch(work)
    const reportNews = () => {
      if (!isLate) return
      patience = Math.min(patience * 2, maxPatience)
      onNews()
    }
    const end = () => {
      settled.abort()
      if (isLate) silentUntil = 0
    }
    void attempt.finally(end).then(reportNews, () => {})
    for (let turns = patience; turns && !settled.signal.aborted; turns--) await wait(turn, settled.signal)
    if (settled.signal.aborted) return attempt
    isLate = true
    silentUntil = performance.now() + pause
    // WebKit can lose the connection silently: the next attempt opens a new one.
    store.close?.()
    throw silence
  }

  store.watch?.(onNews)
  const remove = store.remove?.bind(store)
  return {
    shared: store.shared,
    sealed: store.sealed,
    get: (key) => run(async () => store.get(key)),
    update: (key, change) => run(async () => store.update(key, change)),
    ...(remove && { remove: (key: string) => run(async () => remove(key)) }),
    clear: () => run(async () => store.clear()),
    close: () => store.close?.(),
  }
}
