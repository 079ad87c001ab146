import type { AuthorizationServer, JWKS } from 'oauth4webapi'
import { wait } from '../base/abort.js'
import { withoutUndefined } from '../base/without-undefined.js'
import type { AuthError } from '../base/errors.js'
import type { Store, StoreRecord } from '../api/store.js'
import type { GetKeys } from '../protocol/id-token.js'
import { isByOldMetadata, isGone } from '../protocol/to-auth-error.js'
import { fetchKeys } from '../protocol/jwks.js'
import { discover, isMetadata } from '../protocol/metadata.js'
import type { Caller } from '../protocol/server-call.js'
import type { ServerHints } from './vault.js'
import { withoutPrototype } from '../base/without-prototype.js'

/** How long metadata and keys are cached at most, in milliseconds. */
const maxAge = 24 * 60 * 60 * 1000
/** How long a request for the keys or the metadata rules out another forced one, in milliseconds. */
const forcedPause = 10_000

/** The metadata and keys of the server, and hints about it: cached in memory and in the store. */
export interface ServerCache {
  /** Gets the metadata. `fresh` requests it again, unless that was done a moment ago, and returns the old one if the request fails. */
  metadata(fresh?: boolean): Promise<AuthorizationServer>
  /**
   * Makes a request that depends on the metadata. If it fails in a way that outdated metadata can cause, the metadata is requested
   * again, and if it has changed, the request is repeated.
   *
   * @param once the endpoint of a request that the server must not process twice: it is repeated only if there was nothing at the
   * old URL
   */
  use<T>(work: (as: AuthorizationServer) => Promise<T>, once?: 'token_endpoint'): Promise<T>
  getKeys: GetKeys
  hints(): Promise<ServerHints>
  /** Changes hints. Writes them only if they differ. */
  updateHints(hints: ServerHints): Promise<void>
}

/** The server, and how to find its metadata. */
export interface ServerOptions {
  issuer: string
  discovery: 'oidc' | 'oauth2'
  /** Metadata set by the app, which replaces discovery. */
  metadata: AuthorizationServer | undefined
}

/** What the store holds. */
interface CachedServer {
  metadata?: AuthorizationServer
  metadataAt?: number
  /** In milliseconds; a day if undefined. */
  metadataLife?: number | undefined
  keys?: JWKS
  keysAt?: number
  hints: ServerHints
}

/** Opens the cache of a server. Anything that is missing or a day old is requested once for all callers. */
export function openServerCache(
  store: Store,
  name: string,
  caller: Caller,
  { issuer, discovery, metadata: inline }: ServerOptions,
): ServerCache {
  let forcedAt = 0
  let discoveredAt = 0
  let discovering: Promise<AuthorizationServer> | undefined
  let keys: Promise<JWKS> | undefined
  let loading: Promise<void> | undefined
  const cached: CachedServer = withoutPrototype({ hints: withoutPrototype({}) })
  /** What is not in the store yet. */
  let pending: CachedServer = { hints: {} }
  let writing: Promise<void> | undefined

  const load = () => {
    // Another tab may have stored it since.
    if (!cached.metadata && !cached.keys) loading = undefined
    return (loading ??= store.get(name).then(
      (record) => {
        const stored = readContent(record)
        // The store is not encrypted, and a user would be sent to these URLs.
        if (stored.metadata && !isMetadata(stored.metadata, issuer)) delete stored.metadata
        if (!Array.isArray(stored.keys?.keys)) delete stored.keys
        // This page may have received something newer meanwhile.
        merge(stored, cached)
        merge(cached, stored)
      },
      () => {},
    ))
  }
  const write = async () => {
    await wait(0, caller.signal)
    // A login requests the keys right after the metadata: one write for both.
    await keys?.catch(() => {})
    const change = pending
    pending = { hints: {} }
    writing = undefined
    const storing = store.update(name, (record) => {
      // Other tabs have written to the record, too.
      const sealed = readContent(record)
      merge(sealed, change)
      return { v: 1, generation: 0, sealed }
    })
    // Anything that cannot be stored stays in memory: it can be requested again, and the session does not depend on it.
    await storing.catch(() => {})
  }
  const save = (change: Partial<CachedServer>) => {
    merge(cached, change)
    merge(pending, change)
    return (writing ??= write())
  }

  const discoverAgain = async () => {
    discoveredAt = Date.now()
    try {
      const { metadata, life } = await discover(caller, issuer, discovery)
      void save({ metadata, metadataAt: discoveredAt, metadataLife: life })
      return metadata
    } finally {
      discovering = undefined
    }
  }
  const metadata = async (fresh?: boolean) => {
    if (inline) return inline
    await load()
    const { metadata: old, metadataAt = 0, metadataLife = maxAge } = cached
    // Metadata that this page has requested may get older than its headers allow: it is requested again after a failure.
    const life = discoveredAt ? maxAge : metadataLife
    const isUsable = fresh
      ? isFresh(discoveredAt, forcedPause) || isFresh(metadataAt, forcedPause)
      : isFresh(metadataAt, life)
    // After a failure, the next call waits for the metadata that were requested then.
    if (old && isUsable && !discovering) return old
    discovering ??= discoverAgain()
    return old && (fresh || isUsable) ? discovering.catch(() => old) : discovering
  }
  const use: ServerCache['use'] = async (work, once) => {
    const as = await metadata()
    try {
      return await work(as)
    } catch (thrown) {
      const error = thrown as AuthError
      if (!isByOldMetadata(error)) throw error
      const updating = metadata(true)
      // The server may have processed the request, so only the next one uses the new metadata.
      if (once && !isGone(error.status)) throw error
      const current = await updating
      const isSame = once ? current[once] === as[once] : JSON.stringify(current) === JSON.stringify(as)
      if (isSame) throw error
      return work(current)
    }
  }
  const findKeys = async (fresh: boolean) => {
    await load()
    if (!fresh && cached.keys && isFresh(cached.keysAt)) return cached.keys
    const jwks = await use((as) => fetchKeys(caller, as.jwks_uri!))
    void save({ keys: jwks, keysAt: Date.now() })
    return jwks
  }
  return {
    metadata,
    use,
    async getKeys(fresh) {
      const isForced = fresh && !isFresh(forcedAt, forcedPause)
      if (isForced) forcedAt = Date.now()
      if (keys && !isForced) return keys
      const finding = (keys = findKeys(isForced))
      finding.catch(() => {
        // A later request may have started, and ended, meanwhile.
        if (keys !== finding) return
        keys = undefined
        forcedAt = 0
      })
      return finding
    },
    async hints() {
      await load()
      return cached.hints
    },
    async updateHints(hints) {
      await load()
      const names = Object.keys(hints) as (keyof ServerHints)[]
      if (names.some((hint) => (cached.hints[hint] ?? 0) !== hints[hint])) await save({ hints })
    },
  }
}

function readContent(record: StoreRecord | undefined): CachedServer {
  const content: Partial<CachedServer> = withoutPrototype(Object(record?.v === 1 ? record.sealed : undefined))
  // By name: a copied member named `__proto__` would become the prototype in `merge`.
  const { metadata, metadataAt, metadataLife, keys, keysAt } = content
  const hints = Object.entries({ ...content.hints }).filter(([, hint]) => typeof hint === 'number')
  return withoutUndefined<CachedServer>({
    metadata: metadata && withoutPrototype(metadata),
    metadataAt,
    metadataLife,
    keys,
    keysAt,
    hints: Object.fromEntries(hints),
  })
}

/** Changes a cache in place: a prepared login holds a reference to the hints, and sees later changes. */
function merge(cache: CachedServer, { hints, ...change }: Partial<CachedServer>): void {
  Object.assign(cache, change)
  Object.assign(cache.hints, hints)
}

function isFresh(at: unknown, life: unknown = maxAge): boolean {
  if (typeof at !== 'number' || typeof life !== 'number') return false
  return Math.abs(Date.now() - at) < Math.min(life, maxAge)
}
