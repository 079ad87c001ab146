/** Computes when a token with this lifetime in seconds expires, in milliseconds since 1970. */
export function toEnd(seconds: number | undefined): number {
  return Math.min(Date.now() + (seconds ?? Infinity) * 1000, Number.MAX_SAFE_INTEGER)
}
