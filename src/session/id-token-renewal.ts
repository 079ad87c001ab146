import type { AddOnHost } from './add-on.js'

/**
 * Creates the function that renews the session for the sake of its ID token. It takes the time at which that token expires, and does
 * nothing if a renewal has already succeeded without replacing it. Rejects if the renewal fails.
 */
export function createIdTokenRenewal({
  session,
  getTokenSet,
}: Pick<AddOnHost, 'session' | 'getTokenSet'>): (expiry: unknown) => Promise<void> {
  let triedExpiry: unknown
  return async (expiry) => {
    if (expiry && expiry === triedExpiry) return
    // Named as refused, so that a failure rejects although the access token is still valid.
    const current = session.getView().session?.tokens['']?.accessToken
    await getTokenSet({ minValidity: Number.MAX_SAFE_INTEGER }, current)
    triedExpiry = expiry
  }
}
