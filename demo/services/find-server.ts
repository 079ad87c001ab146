import * as oauth from 'oauth4webapi'

/** How long the server may take to answer a request, in milliseconds. */
const limit = 5000

/** What a service needs to call its authorization server. */
export interface ServerFinder {
  /** Gets the server's metadata (RFC 8414). Requests it once, and again at the next call after a failure. */
  find(): Promise<oauth.AuthorizationServer>
  /**
   * Options for calls of oauth4webapi: `http:` is allowed only for localhost, and a request that gets no answer within 5 s fails.
   * Without that limit, a server that does not answer would block each call for five minutes.
   */
  options: { [oauth.allowInsecureRequests]: boolean; signal: () => AbortSignal }
}

/** Creates the finder of one authorization server. */
export function createServerFinder(issuer: string): ServerFinder {
  const url = new URL(issuer)
  const isLoopback = /^(?:localhost|127\.0\.0\.1|\[::1\]|.+\.localhost)$/.test(url.hostname)
  const options = {
    [oauth.allowInsecureRequests]: isLoopback,
    signal: () => AbortSignal.timeout(limit),
  }
  let metadata: Promise<oauth.AuthorizationServer> | undefined
  return {
    options,
    find() {
      metadata ??= oauth
        .discoveryRequest(url, options)
        .then((response) => oauth.processDiscoveryResponse(url, response))
        .catch((error: unknown) => {
          metadata = undefined
          throw error
        })
      return metadata
    },
  }
}
