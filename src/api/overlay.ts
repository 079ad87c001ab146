import type { LoginTransport, RunLogin } from './login-transport.js'
import type { State } from './state.js'

/** Shows the server's login page over the app. Created by `overlay()` from `latchkey/overlay`; pass it on as is. */
export interface OverlayCapability {
  /**
   * @internal Logs in by overlay, or by `popup` if the user asks for a window.
   *
   * @param timeout the time limit for the user, in milliseconds
   */
  login(run: RunLogin, popup: LoginTransport, timeout: number, signal: AbortSignal): Promise<State>
}

/** Options of `overlay`. */
export interface OverlayOptions {
  /**
   * The texts of the overlay, to translate them. Texts that are left out stay English.
   *
   * @default English
   * @example
   * import { overlay } from 'latchkey/overlay'
   * const german = overlay({ texts: { title: 'Anmelden', close: 'Schliessen' } })
   */
  texts?: OverlayTexts | undefined
}

/** The texts of the overlay. An empty string causes a `TypeError`. */
export interface OverlayTexts {
  /**
   * The title of the dialog. Also the title of the frame in it, followed by the host of the server.
   *
   * @default 'Log in'
   * @example
   * import { overlay } from 'latchkey/overlay'
   * const named = overlay({ texts: { title: 'Sign in to Example' } })
   */
  title?: string | undefined
  /**
   * The label of the button that closes the overlay.
   *
   * @default 'Close'
   * @example
   * import { overlay } from 'latchkey/overlay'
   * const named = overlay({ texts: { close: 'Cancel' } })
   */
  close?: string | undefined
  /**
   * The question next to the button that opens a window.
   *
   * @default 'Trouble with this page?'
   * @example
   * import { overlay } from 'latchkey/overlay'
   * const named = overlay({ texts: { trouble: 'Nothing to see?' } })
   */
  trouble?: string | undefined
  /**
   * The label of the button that continues the login in a window.
   *
   * @default 'Open in a window'
   * @example
   * import { overlay } from 'latchkey/overlay'
   * const named = overlay({ texts: { openWindow: 'Log in in a window' } })
   */
  openWindow?: string | undefined
}
