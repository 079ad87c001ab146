/** Runs the work once for all callers, and again after a failure. */
export function share<T>(work: () => Promise<T>): () => Promise<T> {
  let shared: Promise<T> | undefined
  return () =>
    (shared ??= work().catch((error: unknown) => {
      shared = undefined
      throw error
    }))
}
