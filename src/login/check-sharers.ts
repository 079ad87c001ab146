import { AuthError } from '../base/errors.js'
import type { Config } from '../session/config.js'
import { listClients, type Entry } from './redirect-uri-registry.js'

/** Finds all clients with the same redirect URI, including this one; none if they all have the same issuer. */
export function findSharers({ issuer, redirectUri }: Config): Entry[] {
  const all = listClients().filter((one) => one.redirectUri === redirectUri)
  return all.some((one) => one.issuer !== issuer) ? all : []
}

/**
 * Refuses a login whose response could come from another server (mix-up, RFC 9700 section 4.4): a malicious server could send the
 * user on to the other one and receive its code. Without `iss` in the responses, only the redirect URI tells the servers apart.
 */
export async function checkSharers(config: Config): Promise<void> {
  for (const { issuer, promisesIss } of findSharers(config))
    // A server that cannot be reached does not count as promising `iss`.
    if (!(await promisesIss().catch(() => false)))
      throw new AuthError(
        'redirect_uri_shared',
        `two issuers share "redirectUri", and ${issuer} does not promise "iss": give each its own, such as /callback.html?as=a`,
      )
}
