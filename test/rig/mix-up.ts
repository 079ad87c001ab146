import type { TestAuthorizationServer } from './authorization-server.js'
import type { Fault } from './faults.js'

/**
 * Has a server send its users on to another one, whose answer then comes to `redirectUri`: the mix-up attack (RFC 9700 section
 * 4.4.1).
 */
export function sendOn(
  evil: TestAuthorizationServer,
  honest: TestAuthorizationServer,
  redirectUri: string,
): Fault {
  const headers: Record<string, string> = {}
  return evil.fault('authorize', {
    status: 303,
    headers,
    when({ params }) {
      const url = new URL(`${honest.issuer}/auth`)
      url.search = new URLSearchParams({
        ...params,
        client_id: honest.clientId,
        redirect_uri: redirectUri,
      }).toString()
      headers['location'] = url.href
      return true
    },
  })
}
