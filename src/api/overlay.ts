import type { LoginTransport, RunLogin } from './login-transport.js'
import type { State } from './state.js'

/** Shows the server's page over the app: `overlay()` of `latchkey/overlay` makes it, and apps only pass it on. */
export interface OverlayCapability {
  /**
   * @internal Logs in by overlay, or by `popup` once the user asks for a window.
   *
   * @param timeout how long the user may take, in milliseconds
   */
  login(run: RunLogin, popup: LoginTransport, timeout: number, signal: AbortSignal): Promise<State>
}

/** Options of `overlay`. */
export interface OverlayOptions {
  /**
   * The words of the overlay, in the user's language; those that are left out stay English.
   *
   * @default English
   * @example
   * import { overlay } from 'latchkey/overlay'
   * const german = overlay({ texts: { title: 'Anmelden', close: 'Schliessen' } })
   */
  texts?: OverlayTexts | undefined
}

/** The words of the overlay. An empty one is a `TypeError`. */
export interface OverlayTexts {
  /**
   * The name of the dialog; with the server's host, that of the frame in it.
   *
   * @default 'Log in'
   * @example
   * import { overlay } from 'latchkey/overlay'
   * const named = overlay({ texts: { title: 'Sign in to Example' } })
   */
  title?: string | undefined
  /**
   * The name of the button that closes the overlay.
   *
   * @default 'Close'
   * @example
   * import { overlay } from 'latchkey/overlay'
   * const named = overlay({ texts: { close: 'Cancel' } })
   */
  close?: string | undefined
  /**
   * The question beside the button that opens a window.
   *
   * @default 'Trouble with this page?'
   * @example
   * import { overlay } from 'latchkey/overlay'
   * const named = overlay({ texts: { trouble: 'Nothing to see?' } })
   */
  trouble?: string | undefined
  /**
   * The button that goes on in a window.
   *
   * @default 'Open in a window'
   * @example
   * import { overlay } from 'latchkey/overlay'
   * const named = overlay({ texts: { openWindow: 'Log in in a window' } })
   */
  openWindow?: string | undefined
}
