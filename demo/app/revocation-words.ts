/** One of the two APIs that accept the same token. */
export type ShippingApi = 'deliveries' | 'tracking'

/** How an API responded. */
export interface Outcome {
  status: number
  /** The error in the response's body. */
  error: string
}

/** What the responses of both APIs say about the token that they received. */
export interface TokenVerdict {
  /** `unclear` if an API could not check the token, or if the token expired between the two calls. */
  state: 'valid' | 'revoked' | 'invalid' | 'unclear'
  /** The predicate of a sentence about the token. */
  words: string
  /** What the APIs do with it. */
  note: string
}

/**
 * Judges a token only by the responses of both APIs: what the page remembers may be out of date, or lost after a reload.
 *
 * @param expiresAt the expiry of the token, in seconds since 1970, if it names one
 */
export function judgeToken(
  { deliveries, tracking }: Record<ShippingApi, Outcome>,
  expiresAt: unknown,
): TokenVerdict {
  if (isAccepted(deliveries) && isAccepted(tracking))
    return { state: 'valid', words: 'is valid.', note: 'Both APIs accept it.' }
  if (isRefused(deliveries) && isRefused(tracking))
    return { state: 'invalid', words: 'is no longer valid.', note: 'Both APIs refuse it.' }
  if (isRefused(deliveries) && isAccepted(tracking)) {
    const end =
      typeof expiresAt === 'number'
        ? ` until it expires at ${new Date(expiresAt * 1000).toLocaleTimeString()}`
        : ''
    return {
      state: 'revoked',
      words: 'is revoked.',
      note: `The deliveries API refuses it. The tracking API accepts it${end}.`,
    }
  }
  return {
    state: 'unclear',
    words: 'got no clear answer.',
    note: `The deliveries API answered ${deliveries.status}, the tracking API ${tracking.status}.`,
  }
}

/** What `auth.fetch` did: its token before and after, by name, and the status that it returned. */
export interface FetchReport {
  before: string
  after: string
  status: number
}

/** Describes what `auth.fetch` did about its token. */
export function describeFetch({ before, after, status }: FetchReport): string {
  const isRenewed = before !== after
  if (isRenewed && status === 200)
    return `auth.fetch() got a 401 for ${before}, renewed it, and sent the request again with this one.`
  if (isRenewed) return `auth.fetch() renewed ${before}, and got a ${status} for this one.`
  if (status === 200) return 'auth.fetch() sent it. There was nothing to renew.'
  if (status === 401)
    return 'auth.fetch() got a 401, but does not renew a token that is less than ten seconds old. Click again in a moment.'
  return `auth.fetch() got a ${status}, which a new token would not change.`
}

function isAccepted({ status }: Outcome): boolean {
  return status === 200
}

/** Tells whether an API refused the token itself; a 503 says nothing about it. */
function isRefused({ status, error }: Outcome): boolean {
  return status === 401 && error === 'invalid_token'
}
