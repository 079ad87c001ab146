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
  /** The key that tokens are bound to; without it they are bearer tokens. */
  dpop: DPoPKey | undefined
}

/** `fetch`, as it was when the client was created: what replaces it later sees no token. */
export type Fetch = (url: string, options: object) => Promise<Response>

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
 * Makes one exchange with the server at `url`, time-limited. Rejects with an `AuthError` that says what was being done;
 * an answer that cannot be used has the code `otherwise`.
 */
export async function callServer<T>(
  { signal, timeout, origin: page, fetch, dpop }: Caller,
  doing: string,
  url: string,
  work: (options: CallOptions) => Promise<T>,
  otherwise: AuthErrorCode = 'invalid_token_response',
): Promise<T> {
  const { hostname, origin } = new URL(url)
  try {
    const options = {
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
      [customFetch]: fetch,
      [allowInsecureRequests]: isLoopback(hostname),
    }
    return await (dpop ? dpop.attach((proof) => work({ ...options, ...proof })) : work(options))
  } catch (error) {
    throw toAuthError(
      error,
      doing,
      otherwise,
      `${origin} is down, or does not allow this page (CORS): register this origin: ${page}; or CSP "connect-src" forbids it`,
    )
  }
}

/** Tells whether a URL can be an endpoint: `https:`, or `http:` on this device itself. `javascript:` would run in our page. */
export function isEndpoint(value: unknown): boolean {
  const { protocol, hostname = '' } = URL.canParse(value as string)
    ? new URL(value as string)
    : ({} as Partial<URL>)
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}

/** Tells whether a host is this device itself: only there is plain `http:` as good as TLS. */
function isLoopback(hostname: string): boolean {
  return /^(.+\.)?localhost$|^127(\.\d+){3}$|^\[::1]$/.test(hostname)
}
