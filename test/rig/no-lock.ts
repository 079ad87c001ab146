/** Stands in for `src/browser/web-lock.ts` in one test build: no lock at all. */
export async function withLock<T>(
  _name: string,
  _options: unknown,
  callback: () => Promise<T> | T,
): Promise<T> {
  return callback()
}
