import { AuthError } from '../base/errors.js'
import type { Config } from '../session/config.js'
import type { Vault } from '../vault/vault.js'

/** A client of this page: its issuer, where its answers come back to, and whether its server says in each of them who it is. */
interface Entry {
  issuer: string
  redirectUri: string
  promisesIss: () => Promise<boolean | undefined>
}

/** Where a page keeps its clients. Of the global registry: another one can come from another copy of latchkey. */
const entries = Symbol.for('latchkey.redirectUris')

type Page = typeof globalThis & { [entries]?: Set<Entry> }

/** Makes the redirect URI of a client known to the others of this page, until it is closed. */
export function registerRedirectUri(config: Config, vault: Pick<Vault, 'server'>, signal: AbortSignal): void {
  const page: Page = globalThis
  const all = (page[entries] ??= new Set())
  const entry: Entry = {
    issuer: config.issuer,
    redirectUri: config.redirectUri,
    promisesIss: async () => (await vault.server()).metadata.authorization_response_iss_parameter_supported,
  }
  all.add(entry)
  signal.addEventListener('abort', () => all.delete(entry))
}

/** Finds the clients whose answers come back to the same place, this one too; none where all are for one issuer. */
export function findSharers({ issuer, redirectUri }: Config): Entry[] {
  const all = [...((globalThis as Page)[entries] ?? [])].filter((one) => one.redirectUri === redirectUri)
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
