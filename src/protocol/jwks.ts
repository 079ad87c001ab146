import type { JWKS } from 'oauth4webapi'
import { fetchDocument } from './fetch-document.js'
import type { Caller } from './server-call.js'
import { refuse } from './refuse.js'

/** Fetches the server's public keys (RFC 7517 section 5). We do it ourselves so that it happens while the user types. */
export function fetchKeys(caller: Caller, url: string): Promise<JWKS> {
  const name = 'the key set ("jwks_uri")'
  return fetchDocument(caller, name, url, (document) => {
    if (!Array.isArray(document['keys']))
      throw refuse('discovery_failed', 'keys', `${name} has no "keys" list`)
    return document as unknown as JWKS
  })
}
