import type { Page } from '@playwright/test'
import type { AppRequest, AppServer, RouteAnswer } from '../../rig/app-server.js'
import { expect, test } from '../../rig/framework-page.js'

// What goes through the interceptor, against what Angular's own backend makes of the same.

test.use({ framework: 'angular-22' })

/** A request, as data that can travel to the page. */
interface Exchange {
  path: string
  method?: string
  responseType?: 'text' | 'blob' | 'arraybuffer'
  headers?: Record<string, string | string[]>
  params?: Record<string, string>
  timeout?: number
  withCredentials?: true
  /** What to send: JSON as it is, or one of these by name. */
  body?: unknown
  bodyAs?: 'form' | 'parameters' | 'blob' | 'buffer'
}

const answers: Record<string, RouteAnswer | (() => Promise<never>)> = {
  json: { status: 201, headers: { 'x-mark': 'mine' }, body: { a: [1] } },
  prefixed: { body: `)]}',\n{"a":1}` },
  text: { body: 'äöü' },
  // Bytes that mean something else in this charset.
  latin: { headers: { 'content-type': 'text/csv; charset=iso-8859-1' }, body: '"äöü"' },
  unknown: { headers: { 'content-type': 'text/csv; charset=none' }, body: 'äöü' },
  broken: { body: '{"a":' },
  empty: { body: '' },
  nothing: { status: 204 },
  refused: { status: 403, body: { error: 'no' } },
  failed: { status: 500, body: '<p>Failed</p>' },
  slow: () => new Promise<never>(() => {}),
}

const exchanges: Exchange[] = [
  {
    path: 'json',
    params: { q: 'a b' },
    headers: { 'x-one': '1', 'x-two': ['2', '3'] },
    withCredentials: true,
  },
  { path: 'prefixed' },
  { path: 'broken' },
  { path: 'empty' },
  { path: 'nothing' },
  { path: 'refused' },
  { path: 'failed' },
  { path: 'failed', responseType: 'blob' },
  { path: 'text', responseType: 'text', headers: { accept: 'text/plain' } },
  { path: 'latin', responseType: 'text' },
  { path: 'latin' },
  { path: 'unknown', responseType: 'text' },
  { path: 'text', responseType: 'blob' },
  { path: 'text', responseType: 'arraybuffer' },
  { path: 'json', method: 'POST', body: { a: 'ä' } },
  { path: 'json', method: 'PUT', body: 'text', headers: { 'content-type': 'text/mine' } },
  { path: 'json', method: 'PATCH', body: { a: '1', b: 'x y' }, bodyAs: 'parameters' },
  { path: 'json', method: 'POST', body: { a: '1' }, bodyAs: 'form' },
  { path: 'json', method: 'POST', body: 'blob', bodyAs: 'blob' },
  { path: 'json', method: 'POST', body: 'buffer', bodyAs: 'buffer' },
  { path: 'json', method: 'DELETE' },
  { path: 'slow', timeout: 50 },
  { path: 'cut-off' },
]

/** Sends a request with `HttpClient`, and describes everything that it got. */
function send(page: Page, folder: string, exchange: Exchange): Promise<unknown> {
  return page.evaluate(
    ([base, { path, method = 'GET', body, bodyAs, ...options }]) => {
      const makers: Record<string, (value: never) => unknown> = {
        form: (value: Record<string, string>) => {
          const form = new FormData()
          for (const [name, one] of Object.entries(value)) form.append(name, one)
          return form
        },
        parameters: (value: Record<string, string>) => new URLSearchParams(value),
        blob: (value: string) => new Blob([value], { type: 'text/own' }),
        buffer: (value: string) => new TextEncoder().encode(value).buffer,
      }
      const make = bodyAs && makers[bodyAs]
      const describe = async (value: unknown): Promise<unknown> => {
        if (value instanceof Blob) return ['Blob', value.type, await value.text()]
        if (value instanceof ArrayBuffer) return ['ArrayBuffer', new TextDecoder().decode(value)]
        if (value instanceof Error || value instanceof DOMException) return [value.name, value.message]
        return value
      }
      const show = async (facts: Record<string, unknown>) => {
        const headers = facts['headers'] as { keys(): string[]; get(name: string): string }
        return {
          ...facts,
          headers: headers
            .keys()
            .filter((name) => !/^(date|content-length)$/.test(name))
            .map((name) => [name, headers.get(name)])
            .sort(),
          body: await describe(facts['body']),
          error: await describe(facts['error']),
          url: String(facts['url']).replace(base, ''),
          message: String(facts['message']).replace(base, ''),
          // Angular leaves these two out of some errors.
          ...(!facts['ok'] && { redirected: '', responseType: '' }),
          kind: Object.getPrototypeOf(facts) === Object.prototype ? 'object' : facts['name'],
        }
      }
      const { http } = window as unknown as {
        http: { request: (...all: unknown[]) => { subscribe: (observer: object) => void } }
      }
      return new Promise<unknown>((resolve) =>
        http
          .request(method, base + path, {
            ...options,
            ...(body !== undefined && { body: make ? make(body as never) : body }),
            observe: 'response',
          })
          .subscribe({
            next: (value: Record<string, unknown>) => resolve(show(value)),
            error: (value: Record<string, unknown>) => resolve(show(value)),
          }),
      )
    },
    [folder, exchange] as const,
  )
}

/** What of a request must be the same. */
function describeRequest({ method, query, headers, body }: AppRequest): object {
  const { authorization: _, 'content-type': type = '', 'content-length': length, ...rest } = headers
  const boundary = /boundary=(.*)/.exec(type)?.[1]
  const plain = (text: string) => (boundary ? text.replaceAll(boundary, '…') : text)
  return { method, query: String(query), headers: rest, type: plain(type), length, body: plain(body) }
}

async function openApi(page: Page, app: AppServer): Promise<void> {
  for (const folder of ['/api', '/plain'])
    for (const [name, answer] of Object.entries(answers))
      app.route(`${folder}/${name}`, typeof answer === 'function' ? answer : () => answer)
  await page.route('**/cut-off', (route) => route.abort())
  app.authAtLoad = { apis: [{ url: `${app.origin}/api` }] }
}

test('the interceptor sends what HttpClient would send, and gives what it would give', async ({
  page,
  ui,
  app,
}) => {
  await openApi(page, app)
  await ui.seed()
  await ui.open()
  const all: unknown[] = []
  for (const exchange of exchanges) {
    const own = await send(page, '/api/', exchange)
    const angulars = await send(page, '/plain/', exchange)
    expect(own, JSON.stringify(exchange)).toEqual(angulars)
    all.push(own)
  }
  // The controls: there were bodies, errors and headers to compare.
  expect(all[0]).toMatchObject({ status: 201, body: { a: [1] } })
  expect(all[5]).toMatchObject({ status: 403, error: { error: 'no' }, name: 'HttpErrorResponse' })
  expect(all.at(-2)).toMatchObject({ status: 0, error: ['TimeoutError', expect.any(String)] })

  // The slow ones are over so soon that they may never have been sent.
  const requestsIn = (folder: string) =>
    app.requests.filter(({ path }) => path.startsWith(folder) && !path.endsWith('slow'))
  const [own, angulars] = [requestsIn('/api/'), requestsIn('/plain/')]
  expect(own.map(describeRequest)).toEqual(angulars.map(describeRequest))
  expect(own.map(({ headers }) => headers.authorization)).toEqual(own.map(() => 'Bearer seeded'))
  expect(angulars.map(({ headers }) => headers.authorization)).toEqual(angulars.map(() => undefined))
})

test('the interceptor ends a request that nobody waits for any more', async ({ page, ui, app }) => {
  await openApi(page, app)
  await ui.seed()
  await ui.open()
  const failed = page.waitForEvent('requestfailed')
  await page.evaluate(() => {
    const { http } = window as unknown as {
      http: { get: (url: string) => { subscribe: () => { unsubscribe: () => void } } }
    }
    Object.assign(window, { waiting: http.get('/api/slow').subscribe() })
  })
  await expect.poll(() => app.requests.some(({ path }) => path === '/api/slow')).toBe(true)
  await page.evaluate(() =>
    (window as unknown as { waiting: { unsubscribe: () => void } }).waiting.unsubscribe(),
  )
  expect((await failed).url()).toBe(`${app.origin}/api/slow`)
})
