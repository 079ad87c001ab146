import { AuthError } from '../base/errors.js'
import type { Config } from '../session/config.js'
import { listClients, type Entry } from './redirect-uri-registry.js'

/** Finds the clients whose answers come back to the same place, this one too; none where all are for one issuer. */
export function findSharers({ issuer, redirectUri }: Config): Entry[] {
  const all = listClients().filter((one) => one.redirectUri === redirectUri)
  return all.some((one) => one.issuer !== issuer) ? all : []
}

/**
 * Refuses a login whose answer could be another server's (mix-up, RFC 9700 section 4.4): one that sends its users on to the other
 * would get the code of that one. Without `iss` in the answers only the redirect URI tells them apart.
 */
export async function checkSharers(config: Config): Promise<void> {
  for (const { issuer, promisesIss } of findSharers(config))
    // What cannot be asked promises nothing.
    if (!(await promisesIss().catch(() => false)))
      throw new AuthError(
        'redirect_uri_shared',
        `two issuers share "redirectUri", and ${issuer} does not promise "iss": give each its own, such as /callback.html?as=a`,
      )
}
