import type { Client } from '../api/client.js'
import { checkOption } from '../base/check-option.js'
import type { Vault } from '../vault/vault.js'
import type { Config } from './config.js'
import type { GetTokenSet } from './get-token.js'
import type { Lifetime } from './lifetime.js'
import type { SessionLocks } from './session-lock.js'
import type { Session } from './session.js'

/** What a client offers to its add-ons. */
export interface AddOnHost {
  config: Config
  session: Pick<Session, 'getView' | 'sync'>
  /** For requests to the authorization server and to APIs. An add-on neither renews nor ends the session. */
  vault: Pick<Vault, 'server' | 'grant' | 'prove'>
  /** Runs a call while the client is open and the caller waits. */
  guard: Lifetime['guard']
  /** Gets an access token from memory or by a renewal. */
  getTokenSet: GetTokenSet
  /** Runs work that sends the refresh token while nobody else sends it. */
  withRefreshToken: SessionLocks['withRefreshToken']
  /** The parts that add-ons have made for this client, each by the function that made it. */
  addOns: Map<unknown, unknown>
}

/** Where a client keeps its host. Of the global registry: an add-on can be in another bundle than the client. */
const host = Symbol.for('latchkey.context')

/** What stands in for a host where there is none: its getter throws the reason. */
export interface NoHost {
  readonly addOns: never
}

/** Makes the host of a client known to add-ons, and to nobody who lists its properties. */
export function exposeHost(client: Client, value: AddOnHost | NoHost): Client {
  return Object.defineProperty(client, host, { value })
}

/** Gets the part of a client that an add-on has made, which it makes at the first call. */
export function getAddOn<T>(client: Client, create: (host: AddOnHost, client: Client) => T): T {
  const known = (client as { [host]?: AddOnHost } | undefined)?.[host]
  checkOption('auth', known, 'a client of createClient()')
  const { addOns } = known!
  if (!addOns.has(create)) addOns.set(create, create(known!, client))
  return addOns.get(create) as T
}
