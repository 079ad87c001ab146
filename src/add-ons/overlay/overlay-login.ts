import type { LoginTransport } from '../../api/login-transport.js'
import type { OverlayCapability, OverlayTexts } from '../../api/overlay.js'
import type { State } from '../../api/state.js'
import { wait } from '../../base/abort.js'
import { AuthError } from '../../base/errors.js'
import { listenForReply } from '../../browser/messages/response-listener.js'
import { onBlockedFrame } from '../../browser/windows/blocked-frame.js'
import { buildTimeout } from '../../login/no-answer.js'
import { openOverlay, type OverlayActions } from './dialog.js'

/** How long to wait for a response before offering a window, in milliseconds. */
const offerAfter = 3000

/** Creates the login by overlay. A new overlay replaces the previous one, which it would cover. */
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
          // Nothing is awaited before this, because the popup needs the user gesture of the click.
          resolve(run(popup, signal))
          scope.abort()
        },
      })
      run(transport, AbortSignal.any([signal, scope.signal])).then(resolve, reject)
    })
  }
}

/** Creates the transport that shows the server's page in a frame, in a dialog over this page. */
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
      const scope = new AbortController()
      const close = () => scope.abort()
      signal.addEventListener('abort', close, { signal: scope.signal })
      const overlay = openOverlay(texts, scope.signal, actions)
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
            listenForReply({ state, serverOrigin, isSource }, scope.signal, resolve)
            onBlockedFrame(origin, serverOrigin ?? location.origin, scope.signal, reject)
            void wait(offerAfter, scope.signal).then(() => {
              if (!scope.signal.aborted) overlay.offerWindow()
            })
            void wait(timeout, scope.signal).then(() => reject(buildTimeout(redirectUri)))
          }),
        close,
      }
    },
  }
}
