import type { LoginTransport } from '../api/login-transport.js'
import { wait } from '../base/abort.js'
import { AuthError } from '../base/errors.js'
import { listenForReply } from '../browser/messages/response-listener.js'
import { onBlockedFrame } from '../browser/windows/blocked-frame.js'
import { openFrame } from '../browser/windows/frame.js'

/**
 * Creates the transport of logins in a hidden frame; `timeout` in milliseconds. It rejects with `frame_silent` when no response
 * comes in time, or when this page's own policy blocks the frame.
 */
export function createFrameTransport({ timeout }: { timeout: number }): LoginTransport {
  return {
    way: 'iframe',
    interactive: false,
    canHearServer: true,
    open() {
      const scope = new AbortController()
      const { signal } = scope
      let frame: HTMLIFrameElement
      let origin: string
      return {
        navigate(to) {
          origin = new URL(to.url).origin
          frame = openFrame(to, signal)
        },
        reply: ({ state, redirectUri, serverOrigin }) =>
          new Promise((resolve, reject) => {
            onBlockedFrame(origin, serverOrigin ?? location.origin, signal, reject)
            const isSource = (source: unknown) => source !== null && source === frame.contentWindow
            listenForReply({ state, serverOrigin, isSource }, signal, resolve)
            void wait(timeout, signal).then(() => reject(buildSilent(origin, redirectUri)))
          }),
        close: () => scope.abort(),
      }
    },
  }
}

/** A browser hides from script why a frame stays silent: the message lists what it can be. */
function buildSilent(origin: string, redirectUri: string): AuthError {
  return new AuthError(
    'frame_silent',
    `no answer from ${origin} in a hidden frame: it forbids framing (X-Frame-Options, "frame-ancestors"), this page does (COEP), the browser blocks its cookies (third-party cookies), "clientId" or "redirectUri" (${redirectUri}) is not registered, or it is down`,
  )
}
