import { customFetch, type JWKS } from 'oauth4webapi'
import { callServer, type Caller } from './server-call.js'
import { refuse } from './to-auth-error.js'

/** Fetches the server's public keys (RFC 7517 section 5). We do it ourselves so that it happens while the user types. */
export function fetchKeys(caller: Caller, url: string): Promise<JWKS> {
  const name = 'the key set ("jwks_uri")'
  return callServer(
    caller,
    name,
    url,
    async ({ signal, [customFetch]: fetch }) => {
      const headers = { accept: 'application/json' }
      // We keep it ourselves, and ask when that is of no use: the browser's own copy would be the same.
      const response = await fetch(url, { headers, redirect: 'manual', cache: 'no-cache', signal })
      const keySet = response.ok && (await response.json().catch(() => undefined))
      if (Array.isArray(keySet?.keys)) return keySet
      if (keySet) throw refuse('discovery_failed', 'keys', `${name} has no "keys" list`)
      throw Object.assign(new Error('it is not a JSON object'), { code: 'OAUTH_PARSE_ERROR' })
    },
    'discovery_failed',
  )
}
