import type { Client } from '../api/client.js'
import type { LoginOptions } from '../api/login-options.js'
import type { State } from '../api/state.js'
import { checkOption } from '../base/check-option.js'
import type { SessionAccess } from '../vault/session-repository.js'
import type { Vault } from '../vault/vault.js'
import type { Config } from './config.js'
import type { GetTokenSet } from './get-token.js'
import type { Lifetime } from './lifetime.js'
import type { SessionLocks } from './session-lock.js'
import type { Session } from './session.js'

/** A login of an add-on. */
export type AddOnLogin = LoginOptions & { sub?: string | undefined; since?: number; hinted?: boolean }

/** What a client offers its add-ons. */
export interface AddOnHost {
  config: Config
  session: Pick<Session, 'getView' | 'sync' | 'apply'>
  /** For requests to the authorization server and to APIs, and for the ID token. */
  vault: Pick<Vault, 'server' | 'idToken' | 'grant' | 'prove'>
  /** Runs a call until the client is closed or the caller aborts it. */
  guard: Lifetime['guard']
  /** Gets an access token from memory or by a renewal. */
  getTokenSet: GetTokenSet
  /** Runs work that sends the refresh token while nobody else sends it. */
  withRefreshToken: SessionLocks['withRefreshToken']
  /** Logs in, as the client's `login` does. With `sub`, only that user. With `hinted`, the request has the ID token of the session. */
  login(options: AddOnLogin, signal: AbortSignal): Promise<State>
  /** Ends the session in the store, not yet in the state: apply the view that it returns. */
  clear: SessionAccess['clear']
  /** The parts that add-ons created for this client, by the function that created them. */
  addOns: Map<unknown, unknown>
}

/** The property that holds the host of a client. In the global registry, because an add-on can be in another bundle. */
const hostKey = Symbol.for('latchkey.context')

/** Replaces the host of a client that has none. Its getter throws the reason. */
export interface NoHost {
  readonly addOns: never
}

/** Makes the host of a client available to add-ons, but not enumerable. */
export function exposeHost(client: Client, value: AddOnHost | NoHost): Client {
  return Object.defineProperty(client, hostKey, { value })
}

/** Gets the part of a client that belongs to an add-on. Creates it at the first call. */
export function getAddOn<T>(client: Client, create: (host: AddOnHost, client: Client) => T): T {
  const host = (client as { [hostKey]?: AddOnHost } | undefined)?.[hostKey]
  checkOption('auth', host, 'a client of createClient()')
  const { addOns } = host!
  if (!addOns.has(create)) addOns.set(create, create(host!, client))
  return addOns.get(create) as T
}
