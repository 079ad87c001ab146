import type { LoginTransport } from '../../api/login-transport.js'
import type { OverlayCapability, OverlayTexts } from '../../api/overlay.js'
import type { State } from '../../api/state.js'
import { wait } from '../../base/abort.js'
import { AuthError } from '../../base/errors.js'
import { listenForReply } from '../../browser/messages/response-listener.js'
import { onBlockedFrame } from '../../browser/windows/blocked-frame.js'
import { buildTimeout } from '../../login/no-answer.js'
import { openOverlay, type OverlayActions } from './dialog.js'

/** How long the frame may stay without an answer before a window is offered, in milliseconds. */
const offerAfter = 3000

/** Creates the login by overlay. One overlay at a time: a second one would lie on the first. */
export function createOverlayLogin(texts: Record<keyof OverlayTexts, string>): OverlayCapability['login'] {
  let replace = () => {}
  return (run, popup, timeout, signal) => {
    const scope = new AbortController()
    replace()
    replace = () => scope.abort(new AuthError('popup_closed', 'another login by overlay replaced this one'))
    return new Promise<State>((resolve, reject) => {
      const transport = createOverlayTransport(texts, timeout, {
        onClose: () =>
          scope.abort(new AuthError('popup_closed', 'the overlay was closed before the login was complete')),
        onWindow() {
          // Nothing is awaited up to here: the click is the gesture that allows the window.
          resolve(run(popup, signal))
          scope.abort()
        },
      })
      run(transport, AbortSignal.any([signal, scope.signal])).then(resolve, reject)
    })
  }
}

/** The server's page in a frame, in a dialog over this page. */
function createOverlayTransport(
  texts: Record<keyof OverlayTexts, string>,
  timeout: number,
  actions: OverlayActions,
): LoginTransport {
  return {
    way: 'iframe',
    interactive: true,
    canHearServer: true,
    open(signal) {
      const shown = new AbortController()
      const close = () => shown.abort()
      signal.addEventListener('abort', close, { signal: shown.signal })
      const overlay = openOverlay(texts, shown.signal, actions)
      let origin: string
      return {
        navigate(to) {
          origin = new URL(to.url).origin
          overlay.load(to)
        },
        reply: ({ state, redirectUri, serverOrigin }) =>
          new Promise((resolve, reject) => {
            const { frame } = overlay
            const isSource = (source: unknown) => source !== null && source === frame.contentWindow
            listenForReply({ state, serverOrigin, isSource }, shown.signal, resolve)
            onBlockedFrame(origin, serverOrigin ?? location.origin, shown.signal, reject)
            void wait(offerAfter, shown.signal).then(() => {
              if (!shown.signal.aborted) overlay.offerWindow()
            })
            void wait(timeout, shown.signal).then(() => reject(buildTimeout(redirectUri)))
          }),
        close,
      }
    },
  }
}
