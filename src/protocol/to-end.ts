/** Computes when a token with this lifetime in seconds expires, in milliseconds since 1970. */
export function toEnd(seconds: number | undefined): number {
  return seconds === undefined ? Number.MAX_SAFE_INTEGER : Date.now() + seconds * 1000
}
