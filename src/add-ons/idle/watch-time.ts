import { onWake } from '../../browser/page-lifecycle.js'

/** The longest timer of a browser, in milliseconds. A longer one would fire at once. */
const longestTimer = 2 ** 31 - 1

/**
 * Creates a function that runs `check` now, and again at the time that `check` returns, in milliseconds since 1970. `check` also runs
 * when the page is shown again: timers stop while a device sleeps, and browsers delay those of hidden pages.
 */
export function watchTime(check: () => number | undefined, signal: AbortSignal): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const run = () => {
    clearTimeout(timer)
    const next = signal.aborted ? undefined : check()
    // `check` may have called this function, or ended the watch.
    clearTimeout(timer)
    if (next === undefined || signal.aborted) return
    timer = setTimeout(run, Math.min(Math.max(next - Date.now(), 0), longestTimer))
  }
  signal.addEventListener('abort', () => clearTimeout(timer))
  onWake(signal, run)
  return run
}
