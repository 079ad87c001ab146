import type { TokenOptions } from '../api/token-options.js'
import type { TokenSet } from '../api/token-set.js'
import type { SessionView } from '../vault/vault.js'
import type { Session } from './session.js'
import { buildTokenKey, checkScope, getKnownView, isFresh, isNew, requireSession } from './tokens.js'
import { withoutPrototype } from '../base/without-prototype.js'

/** Renews the token under a key: takes the lock, reads the store, then calls the server. An API no longer accepts `refused`. */
export type Renew = (key: string, options: TokenOptions, refused?: string) => Promise<TokenSet>

/** Gets an access token other than `refused`, from memory or by a renewal. */
export type GetTokenSet = (options: TokenOptions, refused?: string) => Promise<TokenSet>

/** Finds a token in memory that is valid for long enough. Uses no storage, lock or timer. */
export function findToken({ session }: SessionView, options?: TokenOptions): TokenSet | undefined {
  const token = session?.tokens[options ? buildTokenKey(options, session.resources) : '']
  return token && isFresh(token, options?.minValidity) ? checkScope(token, options?.scope) : undefined
}

/**
 * Creates the token source of one client: it finds a token in memory, or renews it (renewal.ts). All callers that need the same key
 * share one renewal.
 */
export function createGetToken(
  session: Pick<Session, 'getState' | 'getView' | 'ready' | 'sync'>,
  renew: Renew,
): GetTokenSet {
  const running = new Map<string, Promise<TokenSet>>()
  return async (allOptions, refused) => {
    const options = withoutPrototype(allOptions)
    if (session.getState().status === 'loading') await session.ready()
    const view = await getKnownView(session)
    const cached = findToken(view, options)
    // A refused token is returned only if it is so new that the API would refuse another one as well.
    if (cached && (cached.accessToken !== refused || isNew(cached))) return cached
    const key = buildTokenKey(options, requireSession(view, options).resources)
    let renewal = running.get(key)
    if (!renewal) {
      renewal = renew(key, options, refused).finally(() => running.delete(key))
      running.set(key, renewal)
    }
    return checkScope(await renewal, options.scope)
  }
}
