import type { TokenOptions } from '../api/token-options.js'
import type { TokenSet } from '../api/token-set.js'
import type { SessionView } from '../vault/vault.js'
import type { Session } from './session.js'
import { buildTokenKey, checkScope, isFresh, isNew, requireSession } from './tokens.js'

/** Renews the token under a key: locks, reads again, then asks the server. `refused` is one that an API no longer accepts. */
export type Renew = (key: string, options: TokenOptions, refused?: string) => Promise<TokenSet>

/** Gets an access token from memory or by a renewal, but never `refused`. */
export type GetTokenSet = (options: TokenOptions, refused?: string) => Promise<TokenSet>

/** Finds a token in memory that is valid for long enough. Touches no storage, lock or timer. */
export function findToken({ session }: SessionView, options?: TokenOptions): TokenSet | undefined {
  const token = session?.tokens[options ? buildTokenKey(options, session.resources) : '']
  return token && isFresh(token, options?.minValidity) ? checkScope(token, options?.scope) : undefined
}

/**
 * Creates the token source of one client: it finds a token in memory, or has it renewed (renewal.ts). One renewal at a time for
 * each key, however many callers wait.
 */
export function createGetToken(
  session: Pick<Session, 'getState' | 'getView' | 'ready'>,
  renew: Renew,
): GetTokenSet {
  const running = new Map<string, Promise<TokenSet>>()
  return async (options, refused) => {
    if (session.getState().status === 'loading') await session.ready()
    const view = session.getView()
    const cached = findToken(view, options)
    // One that an API refused comes back only where it is so new that another one would be refused as well.
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
