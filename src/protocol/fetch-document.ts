import { customFetch } from 'oauth4webapi'
import { callServer, type Caller } from './server-call.js'
import { refuse } from './refuse.js'
import { withoutPrototype } from '../base/without-prototype.js'

/**
 * Fetches one of the server's public documents, its metadata or its keys, and reads it with `read`. Rejects with `discovery_failed`.
 *
 * @param name the document as the subject of error messages
 */
export function fetchDocument<T>(
  caller: Caller,
  name: string,
  url: string,
  read: (document: Record<string, unknown>, headers: Headers) => T,
): Promise<T> {
  return callServer(
    caller,
    name,
    url,
    async ({ signal, [customFetch]: fetch }) => {
      const headers = { accept: 'application/json' }
      // We cache documents ourselves, and request them again when a cached one turned out to be useless: the browser's copy would
      // be the same.
      const response = await fetch(url, { headers, redirect: 'manual', cache: 'no-cache', signal })
      // For the status, which says more than the body.
      if (response.status !== 200) throw Object.assign(new Error(), { code: 'OAUTH_RESPONSE_IS_NOT_CONFORM' })
      const document = await response.json().catch(() => undefined)
      if (Object(document) !== document)
        throw refuse('discovery_failed', 'body', `${name} is not a JSON object`)
      return read(withoutPrototype(document), response.headers)
    },
    'discovery_failed',
  )
}
