import type { AuthorizationServer, JWKS } from 'oauth4webapi'
import { share } from '../base/once.js'
import type { Store } from '../api/store.js'
import type { GetKeys } from '../protocol/id-token.js'
import { fetchKeys } from '../protocol/jwks.js'
import { discover } from '../protocol/metadata.js'
import type { Caller } from '../protocol/server-call.js'
import type { ServerHints } from './vault.js'

/** How long metadata and keys are good, in milliseconds. */
const maxAge = 24 * 60 * 60 * 1000
/** How long a forced fetch of the keys that succeeded keeps the next one away, in milliseconds. */
const forcedPause = 10_000

/** What is known of the server, shared by all that is stored. */
export interface ServerKnowledge {
  metadata(): Promise<AuthorizationServer>
  getKeys: GetKeys
  hints(): Promise<ServerHints>
  learn(hints: ServerHints): Promise<void>
}

/** Whose knowledge it is, and how it is found. */
export interface ServerOptions {
  issuer: string
  discovery: 'oidc' | 'oauth2'
  /** Given by the app: nothing is discovered then. */
  metadata: AuthorizationServer | undefined
}

interface Known {
  metadata?: AuthorizationServer
  metadataAt?: number
  keys?: JWKS
  keysAt?: number
  hints: ServerHints
}

/** Opens what the store knows of the server; what is missing or a day old is fetched, once however many ask. */
export function openServerKnowledge(
  store: Store,
  name: string,
  caller: Caller,
  { issuer, discovery, metadata: inline }: ServerOptions,
): ServerKnowledge {
  let forcedAt = 0
  let keys: Promise<JWKS> | undefined
  const load = share(async () => {
    const record = await store.get(name)
    return { hints: {}, ...(record?.v === 1 && (record.sealed as object)) } as Known
  })
  const keep = async ({ hints, ...change }: Partial<Known>) => {
    const known = Object.assign(await load(), change)
    // In place: who holds the hints since `prepare()` learns it too.
    Object.assign(known.hints, hints)
    await store.update(name, (old) => {
      // Other tabs have learned things as well.
      const theirs = (old?.v === 1 ? old.sealed : {}) as Partial<Known>
      return { v: 1, generation: 0, sealed: { ...theirs, ...change, hints: { ...theirs.hints, ...hints } } }
    })
  }
  const metadata = share(async () => {
    const known = await load()
    if (inline ?? isFresh(known.metadataAt)) return inline ?? known.metadata!
    const found = await discover(caller, issuer, discovery)
    // Not waited for: the login goes on meanwhile.
    void keep({ metadata: found, metadataAt: Date.now() })
    return found
  })
  const findKeys = async (fresh: boolean) => {
    const known = await load()
    if (!fresh && isFresh(known.keysAt)) return known.keys!
    const found = await fetchKeys(caller, (await metadata()).jwks_uri!)
    void keep({ keys: found, keysAt: Date.now() })
    return found
  }
  return {
    metadata,
    async getKeys(fresh) {
      const force = fresh && Math.abs(Date.now() - forcedAt) > forcedPause
      if (force) forcedAt = Date.now()
      if (force || !keys) keys = findKeys(force)
      const failed = () => {
        keys = undefined
        forcedAt = 0
      }
      keys.catch(failed)
      return keys
    },
    hints: async () => (await load()).hints,
    learn: (hints) => keep({ hints }),
  }
}

function isFresh(at: number | undefined): boolean {
  return Math.abs(Date.now() - at!) < maxAge
}
