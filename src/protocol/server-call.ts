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
import type { Tenants } from './tenant.js'
import { isLoopback } from './secure-url.js'
import { createReader, type Exchange } from './read-answer.js'
import { withoutPrototype } from '../base/without-prototype.js'

/** How this client talks to its authorization server. */
export interface Caller {
  client: Client
  /** In seconds. */
  clockTolerance: number
  /** The tenants whose users may log in, at a server with an issuer for each. */
  tenants?: Tenants
  /** The page's own origin, for messages that say what to register. */
  origin: string
  fetch: Fetch
  /** Time limit of one request, in milliseconds. */
  timeout: number
  /** Ends all requests. */
  signal: AbortSignal
  /** The latest secrets that were sent: a server can repeat those of an earlier request, too. */
  secrets: string[]
  /** The key that tokens are bound to. Without it, they are bearer tokens. */
  dpop: DPoPKey | undefined
}

/** The options of every request of oauth4webapi. */
export interface CallOptions {
  signal: AbortSignal
  [customFetch]: Fetch
  [allowInsecureRequests]: boolean
  DPoP?: DPoPHandle
}

/** A public client has no secret to authenticate with (RFC 6749 section 2.1). */
export const clientAuthentication: ClientAuth = None()

/** Builds the client in the library's format; `tolerance` is in seconds. */
export function buildOAuthClient(clientId: string, tolerance: number): Client {
  return withoutPrototype({ client_id: clientId, [clockTolerance]: tolerance })
}

/**
 * Runs a request to the server at `url`, with limits for the time and the size of the response. Rejects with an `AuthError` whose
 * message starts with `endpoint`, with the code `otherwise` if the response cannot be used.
 */
export async function callServer<T>(
  { signal, timeout, clockTolerance: tolerance, origin: page, fetch, secrets, dpop }: Caller,
  endpoint: string,
  url: string,
  work: (options: CallOptions) => Promise<T>,
  otherwise: AuthErrorCode = 'invalid_token_response',
): Promise<T> {
  const { hostname, origin } = new URL(url)
  const exchange: Exchange = withoutPrototype({ secrets })
  try {
    const options = withoutPrototype({
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
      [customFetch]: createReader(fetch, exchange, endpoint, otherwise),
      [allowInsecureRequests]: isLoopback(hostname),
    })
    return await (dpop
      ? dpop.attach((proof) => work(withoutPrototype({ ...options, ...proof })), tolerance)
      : work(options))
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
