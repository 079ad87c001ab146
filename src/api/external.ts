import type { LoginMode } from '../base/login-modes.js'
import type { LoginTransport } from './login-transport.js'

/**
 * Opens a page of the authorization server outside of the app, and resolves with the URL that the user came back to: the redirect URI
 * with the response. If the user did not come back, resolves with undefined, or rejects with an `AuthError` such as `popup_closed`.
 *
 * @param url the page to open
 * @param options the signal is aborted as soon as the page is no longer needed: close the window then
 */
export type OpenExternal = (
  url: string,
  options: { signal: AbortSignal },
) => Promise<string | URL | null | undefined>

/** The options of a client that a login in a window of the host app depends on. */
interface ExternalConfig {
  redirectUri: string
  timeouts: { popup: number }
}

/** A way to log in that is not part of the core. Created by `external()` from `latchkey/external`; pass it on as is. */
export interface TransportCapability {
  /** The mode of `login()` that it adds. */
  readonly mode: 'external'
  /**
   * @internal Tells whether the host app, and no window of this page, can receive a response at this URL. Throws a `TypeError` if
   * neither can.
   */
  claims(redirectUri: string): boolean
  /** @internal Throws, because a login in another mode cannot work: a `TypeError` about `option`, or `no_window` in a worker. */
  refuse(mode: LoginMode, option: string): void
  /** @internal Creates the transport of logins. */
  createTransport(config: ExternalConfig): LoginTransport
  /** @internal Opens a page of the server, and waits until the user is back at `returnTo` or the signal is aborted. */
  visit(config: ExternalConfig, url: string, returnTo: string, signal: AbortSignal): Promise<unknown>
}
