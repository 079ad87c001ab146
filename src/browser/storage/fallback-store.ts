import { wait } from '../../base/abort.js'
import type { Store } from '../../api/store.js'

/**
 * How long we wait for an operation before we look again, in milliseconds. A page that is busy itself looks late, and takes what
 * has come meanwhile before it looks the next time.
 */
const turn = 1200
/** How many such turns an operation may take at first, which leaves `ready()` its 3 s, and at most. */
const firstPatience = 2
const mostPatience = 8
/** For how long a store that does not answer is not asked again, in milliseconds, unless it answers. */
const pause = 10_000

/**
 * Wraps a store that may be missing, fail or hang (private mode, quota, WebKit's lost connection): every operation settles. One that
 * fails is tried once more; one that takes too long rejects, and so do others meanwhile. Slow is not broken: an answer that comes
 * too late is reported, and the store is given more time from then on.
 *
 * @param onNews called when it is worth reading the store again: it has answered late, or was emptied by somebody else
 */
export function createFallbackStore(store: Store, onNews: () => void): Store {
  let patience = firstPatience
  let silentUntil = 0

  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    const silence = new Error('the store does not respond')
    if (performance.now() < silentUntil) throw silence
    const settled = new AbortController()
    let isLate = false
    const twice = async () => {
      try {
        return await work()
      } catch {
        return work()
      }
    }
    const settle = (answered: boolean) => {
      settled.abort()
      if (!isLate) return
      silentUntil = 0
      if (!answered) return
      patience = Math.min(patience * 2, mostPatience)
      onNews()
    }
    const attempt = twice()
    attempt.then(
      () => settle(true),
      () => settle(false),
    )
    for (let turns = patience; turns && !settled.signal.aborted; turns--) await wait(turn, settled.signal)
    if (settled.signal.aborted) return attempt
    isLate = true
    silentUntil = performance.now() + pause
    // WebKit can lose the connection without a word: the next attempt opens another one.
    store.close?.()
    throw silence
  }

  store.watch?.(onNews)
  const remove = store.remove?.bind(store)
  return {
    shared: store.shared,
    sealed: store.sealed,
    get: (key) => run(() => store.get(key)),
    update: (key, change) => run(() => store.update(key, change)),
    ...(remove && { remove: (key: string) => run(() => remove(key)) }),
    clear: () => run(() => store.clear()),
    close: () => store.close?.(),
  }
}
