import { isTime } from '../../base/is-time.js'

/** All tabs of the origin share the time, whichever clients they use, because the same person uses all of them. */
const key = 'latchkey activity'

/** Reads when the user was last active in any tab, in milliseconds since 1970; 0 if unknown. */
export function readActivity(): number {
  try {
    const at = Number(localStorage.getItem(key))
    return isTime(at) ? at : 0
  } catch {
    // The browser denies access.
    return 0
  }
}

/** Stores when the user was last active. It is never removed: a session counts from its login if that was later. */
export function storeActivity(at: number): void {
  try {
    localStorage.setItem(key, `${at}`)
  } catch {
    // Without access, or if the storage is full, each tab keeps its own time.
  }
}
