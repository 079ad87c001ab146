import type { Config } from '../session/config.js'
import type { Vault } from '../vault/vault.js'

/** A client of this page. `promisesIss` tells whether its server identifies itself in every response (RFC 9207). */
export interface Entry {
  issuer: string
  redirectUri: string
  promisesIss: () => Promise<boolean | undefined>
}

/** The property of the page that lists its clients. In the global registry, because there can be several copies of latchkey. */
const entries = Symbol.for('latchkey.redirectUris')

type Page = typeof globalThis & { [entries]?: Set<Entry> }

/** Registers the redirect URI of a client for the other clients of this page, until it is closed. */
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
