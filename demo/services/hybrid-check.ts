import type { AccessCheck } from './access.js'
import { createActiveCache, type ActiveCacheOptions } from './active-cache.js'
import { createIntrospection, type IntrospectionClient } from './introspect.js'
import { createJwtCheck, type CheckOptions } from './jwt-check.js'
import type { ProofMemory } from './proof-memory.js'
import { buildRefusals } from './refusals.js'

/** Options of `createHybridCheck`; the credentials are for introspection. */
export type HybridOptions = CheckOptions & IntrospectionClient & ActiveCacheOptions

/**
 * Creates the check of an API that accepts JWT access tokens which can be revoked. It checks everything that `createJwtCheck` does, and
 * asks the authorization server only about a token that passed (RFC 7662), so that nobody can make it send requests with a made-up
 * token. If the server does not answer within 5 s, the check refuses the call with 503, because it cannot know whether the token was
 * revoked.
 */
export function createHybridCheck(options: HybridOptions, proofs: ProofMemory): AccessCheck {
  const checkSignature = createJwtCheck(options, proofs)
  const refusals = buildRefusals(options.realm)
  const introspect = createIntrospection(options)
  const isActive = createActiveCache(async (token) => (await introspect(token)).active, options)

  return async function check(request, url, needs) {
    const access = await checkSignature(request, url, needs)
    if ('error' in access) return access
    try {
      return (await isActive(access.token)) ? access : refusals.badToken
    } catch {
      return refusals.unavailable
    }
  }
}
