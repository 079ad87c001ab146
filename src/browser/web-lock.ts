/**
 * Runs the work while no other tab of this origin runs work under the same name.
 *
 * The signal ends the wait for the lock, never the work. A tab that is closed or crashes frees its lock at once.
 * Where there are no Web Locks (an insecure context, or the browser blocks all site data) the work runs unlocked: there is
 * nothing then that tabs could share.
 */
export async function withLock<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  let started: Promise<T> | undefined
  const run = () => (started = work())
  try {
    return await navigator.locks.request(name, { signal }, run)
  } catch (error) {
    if (started || signal.aborted) throw error
    return run()
  }
}
