import { AuthError } from '../base/errors.js'
import type { Context } from './context.js'

/** A client of this page: its issuer, where its answers come back to, and whether its server says in each of them who it is. */
interface Entry {
  issuer: string
  redirectUri: string
  promisesIss(): Promise<boolean>
}

/** Where a page keeps its clients. Of the global registry: another one can come from another copy of latchkey. */
const entries = Symbol.for('latchkey.redirectUris')

type Page = typeof globalThis & { [entries]?: Set<Entry> }

/** Makes the redirect URI of a client known to the others of this page, until it is closed. */
export function registerRedirectUri({ config, vault, signal }: Context): void {
  const page: Page = globalThis
  const all = (page[entries] ??= new Set())
  const entry: Entry = {
    issuer: config.issuer,
    redirectUri: config.redirectUri,
    promisesIss: async () =>
      (await vault.server()).metadata.authorization_response_iss_parameter_supported === true,
  }
  all.add(entry)
  signal.addEventListener('abort', () => all.delete(entry))
}

/** Finds the clients for other issuers whose answers come back to the same place. */
export function findSharers({ issuer, redirectUri }: Context['config']): Entry[] {
  const all = [...((globalThis as Page)[entries] ?? [])]
  return all.filter((one) => one.redirectUri === redirectUri && one.issuer !== issuer)
}

/**
 * Refuses a login whose answer could be another server's (mix-up, RFC 9700 section 4.4): one that sends its users on to the other
 * would get the code of that one. Without `iss` in the answers only the redirect URI tells them apart.
 */
export async function checkSharers(config: Context['config'], promisesIss: boolean): Promise<void> {
  for (const other of findSharers(config)) {
    // What cannot be asked promises nothing.
    if (promisesIss && (await other.promisesIss().catch(() => false))) continue
    throw new AuthError(
      'redirect_uri_shared',
      `"redirectUri" ${config.redirectUri} is also that of ${other.issuer}, and not both servers promise "iss": give each issuer its own, as ${config.redirectUri}?as=a, and register it`,
    )
  }
}
