import { AuthError } from '../base/errors.js'

/** Throws where the browser knows that nothing can be reached. */
export function checkOnline(): void {
  if (navigator.onLine === false) throw new AuthError('network_error', 'this device is offline')
}
