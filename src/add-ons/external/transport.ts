import type { LoginTransport, Reply } from '../../api/login-transport.js'

/** Creates the transport of logins in a window of the host app. `visit` opens a page there and waits for the response. */
export function createExternalTransport(
  visit: (url: string, signal: AbortSignal) => Promise<Reply>,
): LoginTransport {
  return {
    // The host app takes the response before any page could relay it, so nothing reads the letter in its `state`.
    way: 'popup',
    interactive: true,
    canHearServer: false,
    open(signal) {
      const scope = new AbortController()
      const until = AbortSignal.any([signal, scope.signal])
      let response: Promise<Reply>
      return {
        navigate: ({ url }) => void (response = visit(url, until)),
        reply: () => response,
        close: () => scope.abort(),
      }
    },
  }
}
