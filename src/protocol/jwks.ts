import { customFetch, type JWKS } from 'oauth4webapi'
import { callServer, type Caller } from './server-call.js'

/** Fetches the server's public keys (RFC 7517 section 5). We do it ourselves so that it happens while the user types. */
export function fetchKeys(caller: Caller, url: string): Promise<JWKS> {
  return callServer(
    caller,
    'the key set ("jwks_uri")',
    url,
    async ({ signal, [customFetch]: fetch }) => {
      // We keep them ourselves, and ask when those are of no use: the browser's own copy would be the same.
      const response = await fetch(url, { redirect: 'manual', cache: 'no-cache', signal })
      const keys = response.ok && (await response.json())
      if (Array.isArray(keys?.keys)) return keys
      throw Object.assign(new Error('it has no "keys" list'), { code: 'jwks_uri' })
    },
    'discovery_failed',
  )
}
