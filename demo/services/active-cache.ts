import { createHash } from 'node:crypto'

/** The longest `maxAge` of a cache, in seconds. */
const longest = 60

/** Options of `createActiveCache`. */
export interface ActiveCacheOptions {
  /**
   * How long an answer that a token is active may be used again, in seconds: a revoked token is accepted for at most that long. With
   * 0, the server is asked at each call, and a revoked token is refused at once. At most 60.
   *
   * @default 0
   */
  maxAge?: number | undefined
  /** The clock, in milliseconds. @default Date.now */
  now?: (() => number) | undefined
}

/** Checks whether a token is active. Rejects if it has to ask and gets no answer. */
export type IsActive = (token: string) => Promise<boolean>

/**
 * Puts a cache in front of the question whether a token is active. Only a positive answer is kept: a negative one costs a thief a
 * request each time, and the server could have been wrong about a token that is new. An answer is as old as its question: the server
 * may have revoked the token while the answer was on its way.
 */
export function createActiveCache(ask: IsActive, options: ActiveCacheOptions = {}): IsActive {
  const { maxAge = 0, now = Date.now } = options
  if (!(maxAge >= 0 && maxAge <= longest)) throw new RangeError(`"maxAge" must be from 0 to ${longest} s`)
  const askedAt = new Map<string, number>()
  const isFresh = (time: number) => now() - time < maxAge * 1000

  return async (token) => {
    for (const [key, time] of askedAt) if (!isFresh(time)) askedAt.delete(key)
    // A copy of the memory must not contain tokens.
    const key = createHash('sha256').update(token).digest('base64url')
    if (askedAt.has(key)) return true
    const time = now()
    if (!(await ask(token))) return false
    askedAt.set(key, time)
    return true
  }
}
