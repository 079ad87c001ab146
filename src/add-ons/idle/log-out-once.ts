import type { Client } from '../../api/client.js'
import type { LogoutOptions } from '../../api/logout-options.js'
import { unlessAborted } from '../../base/abort.js'
import { isAuthError } from '../../base/is-auth-error.js'
import { withLock } from '../../browser/web-lock.js'
import type { AddOnHost } from '../../session/add-on.js'

/** How long another tab may take for the logout, in milliseconds. A tab that is frozen meanwhile does not release its lock. */
const limit = 5000

/** Logs out, unless another tab does so first. `host` is undefined for a test client. */
export function logOutOnce(
  auth: Client,
  host: AddOnHost | undefined,
  options: LogoutOptions | undefined,
): void {
  const signal = AbortSignal.timeout(limit)
  const logOut = async () => {
    // The message of a tab that has logged out may still be on its way.
    if (host) await unlessAborted(host.session.sync(), signal).catch(() => {})
    if (auth.getState().status === 'logged-in') await auth.logout(options)
  }
  const report = (error: unknown) => {
    // Failures of a logout are events of the client.
    if (!isAuthError(error)) reportError(error)
  }
  const { issuer, clientId } = host?.config ?? {}
  // After the time limit without the lock.
  withLock(`latchkey idle ${issuer} ${clientId}`, signal, logOut).catch(logOut).catch(report)
}
