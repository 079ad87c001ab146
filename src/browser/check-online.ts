import { AuthError } from '../base/errors.js'

/** How long we look for a network that the browser denies, in milliseconds. */
const patience = 2000

/**
 * Rejects where no network is to be had. A browser that says "offline" is not believed, as it is wrong with VPNs, virtual
 * adapters and in Electron: a request that carries nothing finds out.
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
