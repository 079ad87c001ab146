import type { LoginTransport } from '../api/login-transport.js'
import { wait } from '../base/abort.js'
import { AuthError } from '../base/errors.js'
import { listenForReply } from '../browser/messages/response-listener.js'
import { onBlockedFrame } from '../browser/windows/blocked-frame.js'
import { openFrame } from '../browser/windows/frame.js'

/**
 * Creates the transport of logins in a hidden frame; `timeout` in milliseconds. It rejects with `frame_silent` if no response arrives
 * in time, or if the CSP of this page blocks the frame.
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

/** Builds the error of a frame without a response. Browsers hide the cause from script, so the message lists the candidates. */
function buildSilent(origin: string, redirectUri: string): AuthError {
  return new AuthError(
    'frame_silent',
    `no response from ${origin} in a hidden frame: the server is down or forbids framing (X-Frame-Options, "frame-ancestors"), COEP of this page blocks it, the browser blocks third-party cookies, or "clientId" or "redirectUri" (${redirectUri}) is not registered`,
  )
}
