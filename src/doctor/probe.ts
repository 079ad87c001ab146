import { navigate, type Destination, type OpenedAnswer } from './navigate.js'

/** What a server answered. */
export interface Answer {
  url: string
  status: number
  headers: Headers
  body: string
}

/** No answer, and why, in words. */
export interface Failure {
  url: string
  failure: string
}

/** An answer, or none. */
export type Outcome = Answer | Failure

/** Sends what a page of one origin would send. Nothing of it rejects; no redirect is followed. */
export interface Probe {
  /** Sends the request itself. */
  send: (
    url: string,
    init?: { form?: Record<string, string>; authorization?: string; proof?: string },
  ) => Promise<Outcome>
  /** Opens a page, as a window or a frame does that navigates there; `cookies` as in the header. */
  open: (url: string, cookies: string, destination: Destination) => Promise<Outcome>
  /** Asks as a browser does before it sends such a request (Fetch, CORS preflight). */
  preflight: (url: string, method: string, headers: string[]) => Promise<Outcome>
}

/** Tells an answer from none. */
export function isAnswer(outcome: Outcome | undefined): outcome is Answer {
  return outcome !== undefined && 'status' in outcome
}

/** Reads an answer that shall be a JSON object, whatever it says; nothing where it is none. */
export function readJson<Shape extends object>(outcome: Outcome | undefined): Partial<Shape> | undefined {
  if (!isAnswer(outcome)) return undefined
  try {
    const json: unknown = JSON.parse(outcome.body)
    return typeof json === 'object' && json ? json : undefined
  } catch {
    return undefined
  }
}

/** Creates a probe for pages of `origin`; `timeout` is the limit of each request, in milliseconds. */
export function createProbe(origin: string, timeout: number): Probe {
  const ask = async (
    url: string,
    respond: (signal: AbortSignal) => Promise<OpenedAnswer>,
  ): Promise<Outcome> => {
    try {
      const { status, headers, body } = await respond(AbortSignal.timeout(timeout))
      // The limit holds for the body too.
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

/** In characters: no metadata and no page of a login is longer, and a server must not fill our memory. */
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
  // `fetch` has the error of the connection as the cause of its own; `node:http` rejects with that error itself.
  const code = String(cause?.code ?? own ?? '')
  if (name === 'TimeoutError' || cause?.name === 'TimeoutError' || /TIMEOUT|ETIMEDOUT/.test(code))
    return `${host} gave no answer within ${timeout / 1000} s (--timeout)`
  if (code === 'ECONNREFUSED') return `${host} refuses the connection`
  if (/ENOTFOUND|EAI_AGAIN/.test(code)) return `the host ${host} is not known`
  if (/CERT|SIGNATURE|ISSUER/.test(code)) return `${host} has a TLS certificate that is not trusted (${code})`
  return `${host} cannot be reached (${code || cause?.message || message})`
}
