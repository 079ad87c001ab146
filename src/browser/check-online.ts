import { AuthError } from '../base/errors.js'

/** How long the request that tests the connection may take, in milliseconds. */
const patience = 2000

/**
 * Rejects if there is no network. `navigator.onLine` is wrong with VPNs, virtual adapters and in Electron, so if it says offline, an
 * empty request tests the connection.
 */
export async function checkOnline(issuer: string): Promise<void> {
  if (navigator.onLine !== false) return
  try {
    const signal = AbortSignal.timeout(patience)
    await fetch(issuer, { method: 'HEAD', mode: 'no-cors', credentials: 'omit', signal })
  } catch {
    throw new AuthError('network_error', 'this device is offline: reconnect and try again')
  }
}
