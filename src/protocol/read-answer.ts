import { AuthError, type AuthErrorCode } from '../base/errors.js'
import { isDeep } from './depth.js'
import type { Fetch } from './fetch.js'
import { withoutPrototype } from '../base/without-prototype.js'

/** The largest response that is read, in bytes. */
const sizeLimit = 1_000_000

/** The headers and parameters of a request that are secret. */
const secretNames = /^(authorization|dpop|code|state|nonce)$|(token|verifier|assertion|token_hint)$/

/** A request and its response, as far as errors report them. */
export interface Exchange {
  /** The latest secrets that were sent, in this request or before. A server may repeat them. */
  secrets: string[]
  /** The HTTP status of the last response; undefined until there is one. */
  status?: number
  /** Its `Retry-After`, if the server exposes it. */
  pause?: string | null
  /** Its `error` and `error_description` (RFC 6749 section 5.2). */
  error?: unknown
  error_description?: unknown
}

/**
 * Wraps `fetch` so that every response of the authorization server is read in one place, completely and within limits. Records in
 * `exchange` what an error reports.
 *
 * @param endpoint the subject of error messages
 * @param otherwise the code of a response that cannot be used
 */
export function createReader(
  fetch: Fetch,
  exchange: Exchange,
  endpoint: string,
  otherwise: AuthErrorCode,
): Fetch {
  const refuse = (why: string) =>
    new AuthError(otherwise, `${endpoint} ${why}`, { status: exchange.status || undefined })

  return async (url, options) => {
    // The library sets it in browsers that it does not know, and the preflight would fail.
    const { 'user-agent': _, ...headers } = options.headers ?? {}
    for (const [name, value] of [...Object.entries(headers), ...(options.body ?? [])])
      if (value && secretNames.test(name)) exchange.secrets.push(value.replace(/^(Bearer|DPoP) /, ''))
    exchange.secrets.splice(0, exchange.secrets.length - 50)
    // No cookies are sent. This also prevents the browser's password dialog if a server on this page's origin answers with 401.
    const response = await fetch(url, withoutPrototype({ ...options, headers, credentials: 'omit' }))
    const { status } = response
    exchange.status = status
    exchange.pause = response.headers.get('retry-after')
    if (response.type === 'opaqueredirect' || (status > 299 && status < 400))
      throw refuse('answered with a redirect, which is not followed: use the target URL instead')
    const text = await readText(response.body)
    if (text === undefined) throw refuse('sent a response of more than 1 MB: check its URL')
    const json = parseObject(text)
    exchange.error = json?.['error']
    exchange.error_description = json?.['error_description']
    if (isDeep(json)) throw refuse('sent a response that is nested too deeply')
    const sendable = new Headers(response.headers)
    if (json) {
      // Servers send null for a missing member.
      for (const name of Object.keys(json)) if (json[name] === null) delete json[name]
      if (!response.ok && options.method === 'POST' && json['error']) {
        // The body decides (RFC 6749 section 5.2), but the library would read these headers first.
        sendable.delete('www-authenticate')
        sendable.set('content-type', 'application/json')
      }
    }
    return new Response(json ? JSON.stringify(json) : text || null, { status, headers: sendable })
  }
}

/** Reads the body of a response; undefined if it is too large. */
async function readText(body: Response['body']): Promise<string | undefined> {
  let left = sizeLimit
  const limit = new TransformStream<Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      left -= chunk.length
      if (left < 0) controller.terminate()
      else controller.enqueue(chunk)
    },
  })
  const text = await new Response(body?.pipeThrough(limit)).text()
  return left < 0 ? undefined : text
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const json = JSON.parse(text)
    return Object(json) === json && !Array.isArray(json) ? withoutPrototype(json) : undefined
  } catch {
    return undefined
  }
}
