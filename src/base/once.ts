/** Does the work once for all who ask, and again after it failed. */
export function share<T>(work: () => Promise<T>): () => Promise<T> {
  let shared: Promise<T> | undefined
  return () =>
    (shared ??= work().catch((error: unknown) => {
      shared = undefined
      throw error
    }))
}
