import { request as requestByHttp, type IncomingMessage } from 'node:http'
import { request as requestByHttps } from 'node:https'

/** Whether a page is opened in a window or in a frame. */
export type Destination = 'document' | 'iframe'

/** A response whose body has not been read yet. */
export interface OpenedAnswer {
  status: number
  headers: Headers
  body: AsyncIterable<Uint8Array> | null
}

/**
 * Sends the request that a browser sends when it navigates a window or a frame. Does not follow redirects. The `fetch` of Node
 * always sends `sec-fetch-mode: cors` (Fetch Metadata), to which some servers respond with JSON instead of the page.
 */
export async function navigate(
  url: string,
  { cookies, destination, signal }: { cookies: string; destination: Destination; signal: AbortSignal },
): Promise<OpenedAnswer> {
  const headers = {
    accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'accept-encoding': 'identity',
    'accept-language': 'en',
    'sec-fetch-dest': destination,
    'sec-fetch-mode': 'navigate',
    'sec-fetch-site': 'cross-site',
    ...(destination === 'document' && { 'sec-fetch-user': '?1' }),
    'upgrade-insecure-requests': '1',
    'user-agent': 'Mozilla/5.0 (latchkey doctor)',
    ...(cookies && { cookie: cookies }),
  }
  const request = new URL(url).protocol === 'https:' ? requestByHttps : requestByHttp
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { headers, agent: false, signal }, resolve).on('error', reject).end()
  })
  const answered = new Headers()
  const { rawHeaders } = message
  for (let index = 0; index < rawHeaders.length; index += 2)
    answered.append(rawHeaders[index]!, rawHeaders[index + 1]!)
  return { status: message.statusCode ?? 0, headers: answered, body: message }
}
