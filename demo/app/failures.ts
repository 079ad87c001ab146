import { addEntry } from './timeline.js'

const added = new WeakSet<Error>()

/** Adds an error to the timeline, once: the error of a rejected call may also arrive as an event. */
export function addFailure(error: unknown, title?: string): void {
  if (error instanceof Error) {
    if (added.has(error)) return
    added.add(error)
  }
  const { code, message } = describeError(error)
  addEntry('failure', title ? `${title}: ${code}` : code, message)
}

/** Describes a thrown value: an `AuthError` by its code, any other error by its name. */
export function describeError(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: 'error', message: String(error) }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  return { code, message: error.message }
}
