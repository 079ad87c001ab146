import type { AuthorizationServer, JWKS } from 'oauth4webapi'
import type { AuthError } from '../base/errors.js'
import type { Store } from '../api/store.js'
import type { GetKeys } from '../protocol/id-token.js'
import { isByOldMetadata, isGone } from '../protocol/to-auth-error.js'
import { fetchKeys } from '../protocol/jwks.js'
import { discover } from '../protocol/metadata.js'
import type { Caller } from '../protocol/server-call.js'
import type { ServerHints } from './vault.js'

/** How long metadata and keys are kept at most, in milliseconds. */
const maxAge = 24 * 60 * 60 * 1000
/** How long a fetch of the keys or metadata keeps the next one away that is forced, in milliseconds. */
const forcedPause = 10_000

/** The metadata and keys of the server, and hints about it: cached in memory and in the store. */
export interface ServerCache {
  /** Gets the metadata. `fresh`: anew, unless that was done a moment ago; what is known is left where that fails. */
  metadata(fresh?: boolean): Promise<AuthorizationServer>
  /**
   * Makes a request with the metadata. Where it fails as it would with old metadata they are fetched anew, and the request is made
   * again where they have changed.
   *
   * @param once the endpoint of a request that the server must not process twice: it is made again only where there was nothing
   * at the old URL
   */
  use<T>(work: (as: AuthorizationServer) => Promise<T>, once?: 'token_endpoint'): Promise<T>
  getKeys: GetKeys
  hints(): Promise<ServerHints>
  /** Changes hints; writes only what differs from before. */
  learn(hints: ServerHints): Promise<void>
}

/** Which server it is, and how its metadata is found. */
export interface ServerOptions {
  issuer: string
  discovery: 'oidc' | 'oauth2'
  /** Given by the app: nothing is discovered then. */
  metadata: AuthorizationServer | undefined
}

interface CachedServer {
  metadata?: AuthorizationServer
  metadataAt?: number
  /** In milliseconds; a day where it is left out. */
  metadataLife?: number | undefined
  keys?: JWKS
  keysAt?: number
  hints: ServerHints
}

/** Opens the cache of a server; what is missing or a day old is fetched, once however many ask. */
export function openServerCache(
  store: Store,
  name: string,
  caller: Caller,
  { issuer, discovery, metadata: inline }: ServerOptions,
): ServerCache {
  let forcedAt = 0
  let lookedAt = 0
  let looking: Promise<AuthorizationServer> | undefined
  let keys: Promise<JWKS> | undefined
  const cached: CachedServer = { hints: {} }
  let loading: Promise<void> | undefined
  const load = () => {
    // Another tab can have stored it since.
    if (!cached.metadata && !cached.keys) loading = undefined
    return (loading ??= (async () => {
      const record = await store.get(name).catch(() => undefined)
      if (record?.v !== 1) return
      const stored = record.sealed as Partial<CachedServer>
      // What this page has learned meanwhile is newer. In place: who holds the hints since `prepare()` learns it too.
      Object.assign(cached.hints, { ...stored.hints, ...cached.hints })
      Object.assign(cached, { ...stored, ...cached })
    })())
  }
  const keep = async ({ hints, ...change }: Partial<CachedServer>) => {
    await load()
    Object.assign(cached, change)
    Object.assign(cached.hints, hints)
    const keeping = store.update(name, (old) => {
      // Other tabs have learned things as well.
      const theirs = (old?.v === 1 ? old.sealed : {}) as Partial<CachedServer>
      return { v: 1, generation: 0, sealed: { ...theirs, ...change, hints: { ...theirs.hints, ...hints } } }
    })
    // What cannot be stored is known in this page: it can be had again, and costs the session nothing.
    await keeping.catch(() => {})
  }
  const look = async () => {
    lookedAt = Date.now()
    try {
      const { metadata: found, life } = await discover(caller, issuer, discovery)
      const change = { metadata: found, metadataAt: lookedAt, metadataLife: life }
      Object.assign(cached, change)
      // Not waited for: the login goes on meanwhile.
      void keep(change)
      return found
    } finally {
      looking = undefined
    }
  }
  const metadata = async (fresh?: boolean) => {
    if (inline) return inline
    await load()
    const { metadata: old, metadataAt = 0, metadataLife = maxAge } = cached
    // What this page has fetched is kept for longer than its headers say: a failure has it fetched anew.
    const life = lookedAt ? maxAge : metadataLife
    if (old && (fresh ? isFresh(Math.max(lookedAt, metadataAt), forcedPause) : isFresh(metadataAt, life)))
      return old
    looking ??= look()
    return fresh && old ? looking.catch(() => old) : looking
  }
  const use: ServerCache['use'] = async (work, once) => {
    const as = await metadata()
    try {
      return await work(as)
    } catch (thrown) {
      const error = thrown as AuthError
      if (!isByOldMetadata(error)) throw error
      const renewed = metadata(true)
      // It may have been processed: the next one goes by what is found now.
      if (once && !isGone(error.status)) throw error
      const now = await renewed
      const isSame = once ? now[once] === as[once] : JSON.stringify(now) === JSON.stringify(as)
      if (isSame) throw error
      return work(now)
    }
  }
  const findKeys = async (fresh: boolean) => {
    await load()
    if (!fresh && isFresh(cached.keysAt)) return cached.keys!
    const found = await use((as) => fetchKeys(caller, as.jwks_uri!))
    void keep({ keys: found, keysAt: Date.now() })
    return found
  }
  return {
    metadata,
    use,
    async getKeys(fresh) {
      const force = fresh && Math.abs(Date.now() - forcedAt) > forcedPause
      if (force) forcedAt = Date.now()
      if (keys && !force) return keys
      const found = (keys = findKeys(force))
      found.catch(() => {
        // Another search may have begun, and ended, meanwhile.
        if (keys !== found) return
        keys = undefined
        forcedAt = 0
      })
      return found
    },
    async hints() {
      await load()
      return cached.hints
    },
    async learn(hints) {
      await load()
      const names = Object.keys(hints) as (keyof ServerHints)[]
      if (names.some((hint) => (cached.hints[hint] ?? 0) !== hints[hint])) await keep({ hints })
    },
  }
}

function isFresh(at: number | undefined, life = maxAge): boolean {
  return Math.abs(Date.now() - at!) < Math.min(life, maxAge)
}
