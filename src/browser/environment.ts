import { AuthError } from '../base/errors.js'

/** Throws outside of a page, and in an insecure context, where browsers do not offer Web Crypto. */
export function checkSurroundings(): void {
  if (typeof document === 'undefined')
    throw new AuthError('no_window', 'there is no page (SSR or a worker): call this in a browser')
  if (!globalThis.crypto?.subtle)
    throw new AuthError(
      'insecure_context',
      `${location.origin} is not a secure context: use https: or localhost`,
    )
}
