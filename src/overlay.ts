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
 * Makes `login({ mode: 'overlay' })` possible: the server's page in a frame, in a dialog over this page.
 *
 * For a server of the same site that lets this origin frame it (CSP `frame-ancestors`), and for no other: elsewhere browsers
 * withhold its cookies, and users cannot see whose page they type their password into. No browser says that a server refuses
 * to be framed, so after 3 seconds the dialog offers to go on in a window. It has the page's own `color-scheme`.
 *
 * `login` then rejects with `popup_closed` when the user closes the dialog, or when another overlay takes its place,
 * `frame_silent` when this page's CSP `frame-src` blocks the frame, `timeout` when no answer comes within `timeouts.popup`, and
 * in the window with what `mode: 'popup'` rejects with. Throws a `TypeError` for a text that is empty.
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
