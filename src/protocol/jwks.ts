import type { JWKS } from 'oauth4webapi'
import { fetchDocument } from './fetch-document.js'
import type { Caller } from './server-call.js'
import { refuse } from './to-auth-error.js'

/** Fetches the server's public keys (RFC 7517 section 5). We do it ourselves so that it happens while the user types. */
export function fetchKeys(caller: Caller, url: string): Promise<JWKS> {
  const name = 'the key set ("jwks_uri")'
  return fetchDocument(caller, name, url, (keySet) => {
    if (Array.isArray(keySet.keys)) return keySet
    throw refuse('discovery_failed', 'keys', `${name} has no "keys" list`)
  })
}
