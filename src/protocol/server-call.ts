import {
  allowInsecureRequests,
  clockTolerance,
  customFetch,
  None,
  type Client,
  type ClientAuth,
  type DPoPHandle,
} from 'oauth4webapi'
import type { DPoPKey } from '../api/dpop.js'
import type { AuthErrorCode } from '../base/errors.js'
import { toAuthError } from './to-auth-error.js'
import type { Fetch } from './fetch.js'
import { isLoopback } from './secure-url.js'
import { createReader, type Exchange } from './read-answer.js'

/** How this client talks to its authorization server. */
export interface Caller {
  client: Client
  /** In seconds. */
  clockTolerance: number
  /** The page's own origin, for messages that say what to register. */
  origin: string
  fetch: Fetch
  /** Time limit of one request, in milliseconds. */
  timeout: number
  /** Ends all requests. */
  signal: AbortSignal
  /** The secrets that were sent lately: a server can repeat those of an earlier request too. */
  sent: string[]
  /** The key that tokens are bound to; without it they are bearer tokens. */
  dpop: DPoPKey | undefined
}

/** The options that every request of oauth4webapi gets. */
export interface CallOptions {
  signal: AbortSignal
  [customFetch]: Fetch
  [allowInsecureRequests]: boolean
  DPoP?: DPoPHandle
}

/** A public client has no secret to prove itself with (RFC 6749 section 2.1). */
export const clientAuthentication: ClientAuth = None()

/** Builds the library's notion of this client; `tolerance` is in seconds. */
export function buildOAuthClient(clientId: string, tolerance: number): Client {
  return { client_id: clientId, [clockTolerance]: tolerance }
}

/**
 * Makes one exchange with the server at `url`, limited in time and in the size of its answer. Rejects with an `AuthError` whose
 * message begins with `endpoint`; an answer that cannot be used has the code `otherwise`.
 */
export async function callServer<T>(
  { signal, timeout, clockTolerance: tolerance, origin: page, fetch, sent, dpop }: Caller,
  endpoint: string,
  url: string,
  work: (options: CallOptions) => Promise<T>,
  otherwise: AuthErrorCode = 'invalid_token_response',
): Promise<T> {
  const { hostname, origin } = new URL(url)
  const exchange: Exchange = { sent }
  try {
    const options = {
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
      [customFetch]: createReader(fetch, exchange, endpoint, otherwise),
      [allowInsecureRequests]: isLoopback(hostname),
    }
    return await (dpop ? dpop.attach((proof) => work({ ...options, ...proof }), tolerance) : work(options))
  } catch (error) {
    throw toAuthError(
      error,
      endpoint,
      otherwise,
      exchange,
      `${origin} is down, does not allow this page (CORS, register this origin: ${page}), or CSP "connect-src" blocks it`,
    )
  }
}
