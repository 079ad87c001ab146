import { AuthError, type AuthErrorCode } from '../base/errors.js'
import { isDeep } from './depth.js'
import type { Fetch } from './fetch.js'

/** How large an answer of the server may be, in bytes. */
const sizeLimit = 1_000_000

/** The headers and parameters of a request that nobody else may see. */
const secretNames = /^(authorization|dpop|code|state|nonce)$|(token|verifier|assertion|token_hint)$/

/** What was sent to the server and came back so far: what an error says of it is taken from here. */
export interface Exchange {
  /** The secrets that were sent, in this request or before, which a server may repeat. The last ones are kept. */
  sent: string[]
  /** The HTTP status of the last answer; undefined until one has come. */
  status?: number
  /** Its `Retry-After`, where the server exposes it. */
  pause?: string | null
  /** Its `error` and `error_description` (RFC 6749 section 5.2). */
  error?: unknown
  error_description?: unknown
}

/**
 * Wraps `fetch` so that every answer of the authorization server is read in one place, whole and within limits; notes in
 * `exchange` what an error has to say of it.
 *
 * @param endpoint what is asked, for messages
 * @param otherwise the code of an answer that cannot be used
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
    // The library names itself where it does not know the browser, and the preflight refuses that.
    const { 'user-agent': _, ...headers } = options.headers ?? {}
    for (const [name, value] of [...Object.entries(headers), ...(options.body ?? [])])
      if (value && secretNames.test(name)) exchange.sent.push(value.replace(/^(Bearer|DPoP) /, ''))
    exchange.sent.splice(0, exchange.sent.length - 50)
    // No cookies; and no password dialog of the browser where the server is of this page's origin and answers 401.
    const response = await fetch(url, { ...options, headers, credentials: 'omit' })
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
      // A member that is null is a missing one.
      for (const name of Object.keys(json)) if (json[name] === null) delete json[name]
      if (!response.ok && options.method === 'POST' && json['error']) {
        // It decides (RFC 6749 section 5.2); the library would look at these first.
        sendable.delete('www-authenticate')
        sendable.set('content-type', 'application/json')
      }
    }
    return new Response(json ? JSON.stringify(json) : text || null, { status, headers: sendable })
  }
}

/** Reads the body of an answer; undefined when it is too large. */
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
    return Object(json) === json && !Array.isArray(json) ? json : undefined
  } catch {
    return undefined
  }
}
