import type { LoginTransport } from '../api/login-transport.js'
import { wait } from '../base/abort.js'
import { AuthError } from '../base/errors.js'
import { saveRedirect } from '../browser/storage/redirect-storage.js'
import { resolveUrl } from '../browser/resolve-url.js'
import { visit } from '../browser/windows/visit.js'
import type { Transaction } from '../protocol/transaction.js'
import { redeemReply, reportFailure, type LoginParts } from './login.js'
import type { Arrival } from './redirect-arrival.js'

/** How long a navigation may take to leave this page, in milliseconds. */
const leaveLimit = 10_000

/** Creates the transport of logins that leave the page. It never answers: the page that the login comes back to finishes it. */
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

/** Where a redirect login ends. Anything but a page of this origin is refused: no open redirector (RFC 9700 4.11.1). */
export function resolveReturnTo(returnTo: string | URL): string {
  const href = resolveUrl(returnTo)?.href
  if (href?.startsWith(location.origin + '/')) return href
  throw new TypeError(`"returnTo" must be a URL of this page's origin, got "${returnTo}"`)
}

/** Keeps a redirect login across the navigation. Throws `storage_unavailable` where the browser forbids `sessionStorage`. */
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

/** Finishes the redirect login that has come back to this page. Resolves with the error that it failed with. */
export async function finishRedirect(parts: LoginParts, arrival: Arrival): Promise<AuthError | undefined> {
  try {
    const { reply: href, state, expiresAt } = arrival
    if (!href || !state || !(expiresAt! > Date.now()))
      await reportFailure(parts.emit, () => Promise.reject(buildUnknown()))
    await redeemReply(parts, { reply: { href: href! }, transaction: arrival as Transaction })
    return undefined
  } catch (error) {
    return error as AuthError
  }
}

function buildUnknown(): AuthError {
  return new AuthError(
    'unknown_transaction',
    'this tab knows no login for the response (another tab, too late, already complete, or no "state"): call login()',
  )
}
