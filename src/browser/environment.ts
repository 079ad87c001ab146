import { AuthError } from '../base/errors.js'

/**
 * Tells whether a client can work here: in a page or, if it can log in without one, in a worker. A server (SSR) has neither a document
 * nor a location.
 */
export function canRun(withoutPage: unknown): boolean {
  return typeof (withoutPage ? globalThis.location : globalThis.document) !== 'undefined'
}

/** Throws where a client cannot work, and in an insecure context, where browsers do not offer Web Crypto. */
export function checkSurroundings(withoutPage?: unknown): void {
  if (!canRun(withoutPage))
    throw new AuthError('no_window', 'there is no page (SSR or a worker): call this in a browser')
  if (!globalThis.crypto?.subtle)
    throw new AuthError(
      'insecure_context',
      `${location.origin} is not a secure context: use https: or localhost`,
    )
}
