import { AuthError } from '../base/errors.js'
import { openPopup } from '../browser/windows/open-popup.js'
import { createWindowName } from '../browser/windows/window-name.js'

/** The window of a popup login. */
export interface LoginPopup {
  window: Window
  name: string
}

/** Opens the window of a popup login. Call it inside a gesture. Throws `popup_blocked`. */
export function openLoginPopup(url = 'about:blank'): LoginPopup {
  const name = createWindowName()
  const window = openPopup(url, name)
  if (window) return { window, name }
  throw new AuthError(
    'popup_blocked',
    'the browser blocked the popup: call login() in a click or key handler before any await, or use { mode: "redirect" }',
  )
}
