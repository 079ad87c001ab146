/**
 * Runs the work while no other tab of this origin runs work under the same name.
 *
 * The signal ends the wait for the lock, never the work. A tab that is closed or crashes frees its lock at once.
 * Without Web Locks (an insecure context) the work runs unlocked: there is no session to share then.
 */
export async function withLock<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const locks = globalThis.navigator?.locks
  let started: Promise<T> | undefined
  const run = () => (started = work())
  if (!locks) return run()
  try {
    return await locks.request(name, { signal }, run)
  } catch (error) {
    // Where the browser blocks all site data there are no locks, and nothing that tabs could share.
    if (started || (error as Error).name !== 'SecurityError') throw error
    return run()
  }
}
