import type { LoginTransport } from '../api/login-transport.js'
import { wait } from '../base/abort.js'
import { AuthError } from '../base/errors.js'
import { isTime } from '../base/is-time.js'
import { saveRedirect } from '../browser/storage/redirect-storage.js'
import { resolveUrl } from '../browser/resolve-url.js'
import { visit } from '../browser/windows/visit.js'
import type { Transaction } from '../protocol/transaction.js'
import { redeemReply, type Answer, type LoginParts } from './login.js'
import type { Arrival } from './redirect-arrival.js'

/** How long a navigation may take to leave this page, in milliseconds. */
const leaveLimit = 10_000

/** Creates the transport of logins that leave the page. It never gets a response: the page that the user returns to completes the login. */
export function createRedirectTransport(): LoginTransport {
  return {
    way: 'redirect',
    interactive: false,
    canHearServer: false,
    open(signal) {
      const returned = new AbortController()
      addEventListener('pageshow', ({ persisted }) => persisted && returned.abort(), {
        signal: returned.signal,
      })
      return {
        navigate: (to) => visit(to, '_self', (url) => location.assign(url)),
        async reply() {
          await wait(leaveLimit, AbortSignal.any([signal, returned.signal]))
          throw new AuthError(
            'redirect_not_left',
            'the page did not navigate to the server, or the user returned ("beforeunload", stop or back button): call login() again',
          )
        },
        close: () => returned.abort(),
      }
    },
  }
}

/** Resolves the page that a redirect login returns to. Refuses other origins, to prevent open redirects (RFC 9700 section 4.11.1). */
export function resolveReturnTo(returnTo: string | URL): string {
  const href = resolveUrl(returnTo)?.href
  if (href?.startsWith(location.origin + '/')) return href
  throw new TypeError(`"returnTo" must be a URL of this page's origin, got "${returnTo}"`)
}

/** Stores a redirect login during the navigation. Throws `storage_unavailable` if `sessionStorage` is full or denied. */
export function storeRedirect(transaction: Transaction, returnTo: string): void {
  try {
    saveRedirect({ ...transaction, returnTo })
  } catch {
    throw new AuthError(
      'storage_unavailable',
      'a redirect login needs sessionStorage, which is full or denied: use { mode: "popup" }',
    )
  }
}

/** Completes the redirect login that `take` returns, if there still is one. Resolves with the error if it fails. */
export async function finishRedirect(
  parts: LoginParts,
  take: () => Arrival | undefined,
): Promise<AuthError | undefined> {
  const arrival = take()
  try {
    if (arrival) await redeemReply(parts, () => readArrival(arrival))
    return undefined
  } catch (error) {
    return error as AuthError
  }
}

/**
 * Reads the response and the transaction. Throws `unknown_transaction` if this tab does not know the login, or if the stored login has
 * expired or is damaged.
 */
export function readArrival(arrival: Arrival): Answer {
  const { reply, expiresAt } = arrival
  if (typeof reply === 'string' && isTime(expiresAt) && expiresAt > Date.now() && isTransaction(arrival))
    return { reply: { href: reply }, transaction: arrival }
  throw new AuthError(
    'unknown_transaction',
    'the response belongs to no pending login of this tab (another tab, expired, already complete, or no "state"): call login()',
  )
}

/** Tells whether a stored login has the fields that a redemption relies on, because any script can change `sessionStorage`. */
function isTransaction(value: Arrival): value is Transaction {
  const { state, codeVerifier, redirectUri, scope, resources, params = {} } = value
  const { nonce = '', acrValues = '', sub = '' } = value
  if (!state || !Array.isArray(resources) || Object(params) !== params) return false
  const texts: unknown[] = [state, codeVerifier, redirectUri, scope, nonce, acrValues, sub, ...resources]
  return texts.every((text) => typeof text === 'string') && URL.canParse(redirectUri!)
}
