import { addEntry } from './timeline.js'

const added = new WeakSet<Error>()

/** Adds a failure to the timeline, once: what a call rejects with may be told as an event as well. */
export function addFailure(error: unknown, title?: string): void {
  if (error instanceof Error) {
    if (added.has(error)) return
    added.add(error)
  }
  const { code, message } = describeError(error)
  addEntry('failure', title ? `${title}: ${code}` : code, message)
}

/** Describes what was thrown: an `AuthError` has a code, what else a page throws has a name. */
export function describeError(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: 'error', message: String(error) }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  return { code, message: error.message }
}
