import { fromDocument } from './from-document.js'

/** Calls back when the page comes to life again and may have missed something: shown again, out of the bfcache. */
export function onWake(signal: AbortSignal, callback: () => void): void {
  addEventListener('pageshow', (event) => event.persisted && callback(), { signal })
  // It bubbles, and the window has no names that markup could hide.
  addEventListener('visibilitychange', () => fromDocument('visibilityState') === 'visible' && callback(), {
    signal,
  })
}
