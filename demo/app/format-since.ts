/** Formats how long ago something started, by `performance.now()`. */
export function formatSince(start: number): string {
  const duration = performance.now() - start
  return `${duration < 10 ? duration.toFixed(1) : Math.round(duration)} ms`
}
