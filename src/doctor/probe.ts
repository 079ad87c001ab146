import { navigate, type Destination, type OpenedAnswer } from './navigate.js'

/** A response of the server. */
export interface Answer {
  url: string
  status: number
  headers: Headers
  body: string
}

/** The reason why there is no response. */
export interface Failure {
  url: string
  failure: string
}

/** A response, or the reason why there is none. */
export type Outcome = Answer | Failure

/** Sends requests as a page of one origin would. Never rejects, and does not follow redirects. */
export interface Probe {
  /** Sends the request itself. */
  send: (
    url: string,
    init?: { form?: Record<string, string>; authorization?: string; proof?: string },
  ) => Promise<Outcome>
  /** Loads a page like a window or a frame that navigates there. `cookies` has the form of the header. */
  open: (url: string, cookies: string, destination: Destination) => Promise<Outcome>
  /** Sends the preflight of a browser for such a request (Fetch, CORS preflight). */
  preflight: (url: string, method: string, headers: string[]) => Promise<Outcome>
}

/** Tells whether there is a response. */
export function isAnswer(outcome: Outcome | undefined): outcome is Answer {
  return outcome !== undefined && 'status' in outcome
}

/** Parses a response as a JSON object, whatever its content type; undefined if it is not one. */
export function readJson<Shape extends object>(outcome: Outcome | undefined): Partial<Shape> | undefined {
  if (!isAnswer(outcome)) return undefined
  try {
    const json: unknown = JSON.parse(outcome.body)
    return typeof json === 'object' && json ? json : undefined
  } catch {
    return undefined
  }
}

/** Creates a probe for pages of `origin`. `timeout` is the time limit of each request, in milliseconds. */
export function createProbe(origin: string, timeout: number): Probe {
  const ask = async (
    url: string,
    respond: (signal: AbortSignal) => Promise<OpenedAnswer>,
  ): Promise<Outcome> => {
    try {
      const { status, headers, body } = await respond(AbortSignal.timeout(timeout))
      // The limit includes the body.
      return { url, status, headers, body: await readBody(body) }
    } catch (error) {
      return { url, failure: describe(error, url, timeout) }
    }
  }
  const request = (url: string, init: RequestInit) =>
    ask(url, (signal) => fetch(url, { ...init, redirect: 'manual', signal }))
  return {
    send: (url, { form, authorization, proof } = {}) =>
      request(url, {
        headers: {
          accept: 'application/json',
          origin,
          ...(authorization && { authorization }),
          ...(proof && { dpop: proof }),
        },
        ...(form && { method: 'POST', body: new URLSearchParams(form) }),
      }),
    open: (url, cookies, destination) =>
      ask(url, (signal) => navigate(url, { cookies, destination, signal })),
    preflight: (url, method, headers) =>
      request(url, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': method,
          'access-control-request-headers': headers.join(','),
        },
      }),
  }
}

/** In characters. Metadata and login pages are never longer, and a server must not be able to exhaust the memory. */
const longestBody = 1_000_000

async function readBody(body: OpenedAnswer['body']): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > longestBody) break
  }
  return text
}

interface ConnectionError extends Error {
  code?: string | number
  cause?: { name?: string; message?: string; code?: string }
}

function describe(error: unknown, url: string, timeout: number): string {
  const { name, message, cause, code: own } = error as ConnectionError
  const { host } = new URL(url)
  // `fetch` wraps the connection error as the cause of its own error; `node:http` rejects with it directly.
  const code = String(cause?.code ?? own ?? '')
  if (name === 'TimeoutError' || cause?.name === 'TimeoutError' || /TIMEOUT|ETIMEDOUT/.test(code))
    return `${host} gave no answer within ${timeout / 1000} s (--timeout)`
  if (code === 'ECONNREFUSED') return `${host} refuses the connection`
  if (/ENOTFOUND|EAI_AGAIN/.test(code)) return `the host ${host} is unknown`
  if (/CERT|SIGNATURE|ISSUER/.test(code)) return `${host} has a TLS certificate that is not trusted (${code})`
  return `${host} cannot be reached (${code || cause?.message || message})`
}
