import type { Config } from '../session/config.js'
import type { Vault } from '../vault/vault.js'

/** A client of this page: its issuer, where its answers come back to, and whether its server says in each of them who it is. */
export interface Entry {
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

/** Lists the clients of this page. */
export function listClients(): Entry[] {
  return [...((globalThis as Page)[entries] ?? [])]
}
