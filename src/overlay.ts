import { checkOption } from './base/check-option.js'
import { withoutUndefined } from './base/without-undefined.js'
import type { OverlayCapability, OverlayOptions, OverlayTexts } from './api/overlay.js'
import { createOverlayLogin } from './add-ons/overlay/overlay-login.js'

export type { OverlayCapability, OverlayOptions, OverlayTexts } from './api/overlay.js'

const english: Record<keyof OverlayTexts, string> = {
  title: 'Log in',
  close: 'Close',
  trouble: 'Trouble with this page?',
  openWindow: 'Open in a window',
}

/**
 * Enables `login({ mode: 'overlay' })`, which shows the server's login page in a frame, in a dialog over the app.
 *
 * Use it only with a server on the same site that allows this origin to frame it (CSP `frame-ancestors`). For other servers, browsers
 * block the cookies in the frame, and users cannot see whose page they type their password into. Browsers do not report that a
 * server refuses to be framed, so after 3 seconds the dialog offers to continue in a window. It follows the page's `color-scheme`.
 *
 * `login` then rejects with `popup_closed` if the user closes the dialog or another overlay replaces it, with `frame_silent` if this
 * page's CSP `frame-src` blocks the frame, and with `timeout` if there is no response within `timeouts.popup`. If the user continues
 * in a window, it rejects like `mode: 'popup'`. Throws a `TypeError` for an empty text.
 *
 * @example
 * import { createClient } from 'latchkey'
 * import { overlay } from 'latchkey/overlay'
 * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', overlay: overlay() })
 * button.onclick = () => auth.login({ mode: 'overlay' })
 * @see RFC 9700 section 4.16, RFC 6749 section 10.13
 */
export function overlay({ texts }: OverlayOptions = {}): OverlayCapability {
  const all = { ...english, ...withoutUndefined<Partial<typeof english>>(texts ?? {}) }
  for (const [name, text] of Object.entries(all))
    checkOption(`texts.${name}`, text && typeof text === 'string', 'a non-empty string', text)
  return { login: createOverlayLogin(all) }
}
