import { createHash } from 'node:crypto'

/** The longest `maxAge` of a cache, in seconds. */
const longest = 60

/** Options of `createActiveCache`. */
export interface ActiveCacheOptions {
  /**
   * How long to reuse the answer that a token is active, in seconds; at most 60. A revoked token is accepted for up to that long. With
   * 0, the server is asked on every call, and a revoked token is refused at once.
   *
   * @default 0
   */
  maxAge?: number | undefined
  /** The clock, in milliseconds. It must not follow changes of the system time. @default performance.now */
  now?: (() => number) | undefined
}

/** Checks whether a token is active. Rejects if it has to ask the server and gets no answer. */
export type IsActive = (token: string) => Promise<boolean>

/**
 * Caches the answer that a token is active. Negative answers are not cached: only a thief would benefit, and the server could have been
 * wrong about a token that is new. The age of an answer counts from the request, because the server may have revoked the token while
 * the response was on its way.
 */
export function createActiveCache(ask: IsActive, options: ActiveCacheOptions = {}): IsActive {
  const { maxAge = 0, now = () => performance.now() } = options
  if (!(maxAge >= 0 && maxAge <= longest)) throw new RangeError(`"maxAge" must be from 0 to ${longest} s`)
  const askedAt = new Map<string, number>()
  const isFresh = (time: number) => {
    const age = now() - time
    // If the clock was set back, the age of the answer is unknown.
    return age >= 0 && age < maxAge * 1000
  }

  return async (token) => {
    for (const [key, time] of askedAt) if (!isFresh(time)) askedAt.delete(key)
    // A memory dump must not contain tokens.
    const key = createHash('sha256').update(token).digest('base64url')
    if (askedAt.has(key)) return true
    const time = now()
    if (!(await ask(token))) return false
    askedAt.set(key, time)
    return true
  }
}
