import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

/** Reads the body of a form post. */
export async function readFormBody(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = []
  for await (const chunk of request.iterator()) chunks.push(chunk as Buffer)
  return new URLSearchParams(Buffer.concat(chunks).toString())
}

/** Sets the body of a form post for the next reader. `readFormBody` consumes it, so even the same body must be set again. */
export function replaceFormBody(request: IncomingMessage, form: URLSearchParams): void {
  const body = Buffer.from(form.toString())
  request.headers['content-length'] = String(body.length)
  Object.defineProperty(request, 'readable', { value: true, configurable: true })
  request.iterator = () => Readable.from([body])[Symbol.asyncIterator]()
}
