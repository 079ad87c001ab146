import { claimsRedirectUri } from './add-ons/external/claims-redirect-uri.js'
import { refuseMode } from './add-ons/external/refuse-mode.js'
import { createExternalTransport } from './add-ons/external/transport.js'
import { visitExternally } from './add-ons/external/visit.js'
import type { OpenExternal, TransportCapability } from './api/external.js'
import { checkOption } from './base/check-option.js'

export type { OpenExternal, TransportCapability } from './api/external.js'

/**
 * Enables `login({ mode: 'external' })`, in which the host app opens the server's login page. The host app is a browser extension, or
 * the native shell around a web app (Capacitor, Electron, Tauri).
 *
 * `open` receives the URL of the login page, and resolves with the URL that the user came back to: `redirectUri` with the response in
 * it. latchkey then checks the response like any other, including `state`, `iss` and the redirect URI. The redirect URI may have a
 * different origin from the app, or a private-use scheme with a period. In that case, every other mode rejects with a `TypeError`,
 * sessions are renewed with a refresh token only, because hidden iframes cannot be used, and `logout()` calls `open` too.
 *
 * A client with `external()` also works in a worker, such as the service worker of an extension. All other modes reject with
 * `no_window` there.
 *
 * `login` then rejects with `popup_closed` if `open` resolves without a URL, with `external_failed` if it throws or rejects, with
 * `timeout` if it does not settle within `timeouts.popup`, and with `invalid_response` if the URL is not the redirect URI or fails
 * another check. If `open` rejects with an `AuthError`, `login` rejects with that error. Throws a `TypeError` if `open` is not a function.
 *
 * @param open opens the page outside of the app. Its `signal` is aborted as soon as the page is no longer needed, however the
 * login ends: close the window then.
 * @example
 * import { createClient } from 'latchkey'
 * import { external } from 'latchkey/external'
 * const auth = createClient({
 *   issuer: 'https://id.example.com',
 *   clientId: 'extension',
 *   redirectUri: chrome.identity.getRedirectURL(),
 *   mode: 'external',
 *   transports: [external((url) => chrome.identity.launchWebAuthFlow({ url, interactive: true }))],
 * })
 * @see RFC 8252 section 7, RFC 9700 section 4.1.1
 */
export function external(open: OpenExternal): TransportCapability {
  checkOption('open', typeof open === 'function', 'a function that opens a URL')
  return {
    mode: 'external',
    claims: claimsRedirectUri,
    refuse: refuseMode,
    createTransport: ({ redirectUri, timeouts }) =>
      createExternalTransport((url, signal) =>
        visitExternally(open, { url, returnTo: redirectUri, timeout: timeouts.popup, signal }),
      ),
    visit: ({ timeouts }, url, returnTo, signal) =>
      visitExternally(open, { url, returnTo, timeout: timeouts.popup, signal }),
  }
}
