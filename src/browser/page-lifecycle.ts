/** Calls back when the page comes to life again and may have missed something: shown again, out of the bfcache. */
export function onWake(signal: AbortSignal, callback: () => void): void {
  addEventListener('pageshow', (event) => event.persisted && callback(), { signal })
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && callback(), {
    signal,
  })
}
