import { withoutPrototype } from '../base/without-prototype.js'

/**
 * Runs the work while no other tab of this origin runs work under the same name.
 *
 * The signal ends the wait for the lock, never the work. A tab that is closed or crashes releases its lock at once. Without Web Locks
 * (in an insecure context, or if the browser blocks all site data), the work runs without a lock: tabs cannot share anything then.
 */
export async function withLock<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  let started: Promise<T> | undefined
  const run = () => (started = work())
  try {
    return await navigator.locks.request(name, withoutPrototype({ signal }), run)
  } catch (error) {
    if (started || signal.aborted) throw error
    return run()
  }
}
