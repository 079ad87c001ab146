import { customFetch } from 'oauth4webapi'
import { callServer, type Caller } from './server-call.js'

/**
 * Fetches a public JSON document of the server, its metadata or its keys. Rejects with `discovery_failed`.
 *
 * @param name what it is, as the subject of messages
 * @param read takes out what is wanted, or throws what is wrong
 */
export function fetchDocument<T>(
  caller: Caller,
  name: string,
  url: string,
  read: (document: any, response: Response) => T,
): Promise<T> {
  return callServer(
    caller,
    name,
    url,
    async ({ signal, [customFetch]: fetch }) => {
      const headers = { accept: 'application/json' }
      // We keep them ourselves, and ask when those are of no use: the browser's own copy would be the same.
      const response = await fetch(url, { headers, redirect: 'manual', cache: 'no-cache', signal })
      const document = response.ok && (await response.json().catch(() => undefined))
      if (document) return read(document, response)
      throw Object.assign(new Error('it is not a JSON object'), { code: 'OAUTH_PARSE_ERROR' })
    },
    'discovery_failed',
  )
}
