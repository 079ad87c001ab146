import { fromDocument } from './from-document.js'

/** Calls back when the page is shown again, or restored from the bfcache: it may have missed messages. */
export function onWake(signal: AbortSignal, callback: () => void): void {
  addEventListener('pageshow', (event) => event.persisted && callback(), { signal })
  // The event bubbles, and unlike the document, the window has no names that markup can shadow.
  addEventListener('visibilitychange', () => fromDocument('visibilityState') === 'visible' && callback(), {
    signal,
  })
}
