import { HttpErrorResponse, HttpHeaders, HttpResponse } from '@angular/common/http'
import type { HttpEvent, HttpInterceptorFn, HttpRequest } from '@angular/common/http'
import { Observable } from 'rxjs'
import { isAuthError } from '../base/is-auth-error.js'
import { withoutPrototype } from '../base/without-prototype.js'
import { injectAuth } from './provide-auth.js'

/** The codes that `client.fetch` rejects with before it sends anything: the request is not for an API, or the page has no tokens. */
const unsent = ['origin_not_allowed', 'insecure_context'] as const

/** The prefix that Angular's own backend removes from JSON. */
const jsonPrefix = /^\)\]\}',?\n/

/**
 * Sends requests of `HttpClient` to the client's `apis` with `client.fetch`: with an access token, a DPoP proof if the client has `dpop()`,
 * and the same retries. All other requests, and all requests on a server, are passed on without a token.
 *
 * Put it last: interceptors after it, and Angular's own backend, do not see requests to the `apis`. These requests report no progress. They
 * fail with an `HttpErrorResponse` if the API answers with an error or cannot be reached, and otherwise with the `AuthError` of
 * `client.fetch`, such as `login_required`.
 *
 * @example
 * import { provideHttpClient, withInterceptors } from '@angular/common/http'
 * import { authInterceptor, provideAuth } from 'latchkey/angular'
 * const providers = [provideAuth(auth), provideHttpClient(withInterceptors([authInterceptor]))]
 */
export const authInterceptor: HttpInterceptorFn = (request, next) => {
  const { fetch } = injectAuth()
  if (typeof document === 'undefined') return next(request)
  return new Observable<HttpEvent<unknown>>((observer) => {
    const ending = new AbortController()
    observer.add(() => ending.abort())
    const passOn = () => observer.add(next(request).subscribe(observer))
    let built: Request
    try {
      built = buildRequest(request, ending.signal)
    } catch {
      // `XMLHttpRequest` takes some requests that `fetch` does not, such as a GET with a body. Without a token, it may.
      return passOn()
    }
    const send = async () => readResponse(request, await fetch(built))
    // With `then`, the observer runs in the zone of its subscription, if there are zones.
    send().then(
      (response) => {
        observer.next(response)
        observer.complete()
      },
      (error: unknown) => {
        if (observer.closed) return
        if (!isAuthError(error)) observer.error(toHttpError(error, request))
        else if (!(unsent as readonly string[]).includes(error.code)) observer.error(error)
        else passOn()
      },
    )
  })
}

/** Builds the request that Angular's own backend would send. */
function buildRequest(request: HttpRequest<unknown>, ending: AbortSignal): Request {
  const { timeout, withCredentials, credentials } = request
  const headers = new Headers({ accept: 'application/json, text/plain, */*' })
  const type = request.detectContentTypeHeader()
  if (type) headers.set('content-type', type)
  for (const name of request.headers.keys()) headers.set(name, request.headers.getAll(name)!.join())
  const init = {
    // The options of `fetch` have the same names there.
    ...(request as object),
    headers,
    body: request.serializeBody(),
    credentials: withCredentials ? 'include' : credentials,
    signal: timeout ? AbortSignal.any([ending, AbortSignal.timeout(timeout)]) : ending,
  }
  return new Request(request.urlWithParams, withoutPrototype(init as RequestInit))
}

/** Reads a response as Angular's own backend does. Throws an `HttpErrorResponse` for an error. */
async function readResponse(
  request: HttpRequest<unknown>,
  response: Response,
): Promise<HttpResponse<unknown>> {
  const { ok, status, statusText, url, redirected, type } = response
  const headers = new HttpHeaders(response.headers)
  const facts = {
    headers,
    status,
    statusText,
    url: url || request.urlWithParams,
    redirected,
    responseType: type,
  }
  let body: unknown
  try {
    body = response.body && (await readBody(request, response))
  } catch (error) {
    throw new HttpErrorResponse({ ...facts, error })
  }
  if (!ok) throw new HttpErrorResponse({ ...facts, error: body })
  return new HttpResponse({ ...facts, body })
}

async function readBody({ responseType }: HttpRequest<unknown>, response: Response): Promise<unknown> {
  if (responseType === 'arraybuffer') return response.arrayBuffer()
  if (responseType === 'blob') return response.blob()
  if (responseType === 'text') return readText(response)
  const json = (await response.text()).replace(jsonPrefix, '')
  if (!json) return null
  try {
    return JSON.parse(json)
  } catch (error) {
    if (response.ok) throw error
    return json
  }
}

/** Reads a text in the charset that the response names. `Response.text()`, which is right for JSON, takes everything for UTF-8. */
async function readText(response: Response): Promise<string> {
  const [, charset] = /;\s*charset="?([^\s;"]+)/i.exec(response.headers.get('content-type') ?? '') ?? []
  const bytes = await response.arrayBuffer()
  try {
    return new TextDecoder(charset).decode(bytes)
  } catch {
    // The browser does not know that charset.
    return new TextDecoder().decode(bytes)
  }
}

function toHttpError(error: unknown, { urlWithParams }: HttpRequest<unknown>): unknown {
  if (error instanceof HttpErrorResponse) return error
  return new HttpErrorResponse({ error, status: 0, url: urlWithParams })
}
