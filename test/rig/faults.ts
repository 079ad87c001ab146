import type { ParameterizedContext } from 'koa'
import { sendAuthorizationResponse } from './send-authorization-response.js'
import type { Endpoint, LoggedRequest } from './request-log.js'

/** What goes wrong at an endpoint. Without more it answers in place of the server, which never sees the request. */
export interface FaultOptions {
  /** The HTTP status of the answer. @default 200, with `error` 400 */
  status?: number
  /** The body of the answer; an object becomes JSON. */
  body?: string | object
  /** @default 'application/json' for an object, else 'text/html' */
  contentType?: string
  headers?: Record<string, string>
  /** Sent as `Retry-After`, exposed to CORS: seconds or an HTTP date. */
  retryAfter?: number | string
  /** An OAuth error: at `authorize` in the response mode that was asked for, elsewhere as JSON. */
  error?: string
  /** Sent along with `error`. */
  error_description?: string
  /** Cuts the connection before anything is answered, or (`body`) in the middle of the body. */
  cut?: true | 'body'
  /** Nothing is answered until `release()`; then the request goes its way, or the rest of the fault comes. */
  hang?: true
  /** As `hang`, until this settles. */
  delayUntil?: Promise<unknown>
  /** The server does its work first (it has rotated the refresh token); then the fault comes. */
  afterProcessing?: true
  /** For how many requests. @default Infinity */
  times?: number
  /** Which requests. @default all but preflights */
  when?: (request: LoggedRequest) => boolean
  /** Whether the answer may be read across origins. @default true */
  cors?: boolean
}

/** A fault that was put in place. */
export interface Fault {
  /** How many requests it has met. */
  readonly hits: number
  /** Resolves when it meets its first request: with `afterProcessing`, once the server has done its work. */
  readonly hit: Promise<LoggedRequest>
  /** Lets go what hangs; whatever comes later does not hang. */
  release: () => void
  /** Takes it away, and lets go what hangs. */
  end: () => void
}

interface ActiveFault {
  endpoint: Endpoint
  options: FaultOptions
  left: number
  hits: number
  released: Promise<void>
  meet: (request: LoggedRequest) => void
}

/** The faults of one server. */
export interface Faults {
  add: (endpoint: Endpoint, options: FaultOptions) => Fault
  /** Runs a request through the fault that is in place for it. */
  run: (ctx: ParameterizedContext, request: LoggedRequest, process: () => Promise<void>) => Promise<void>
}

/** Creates the faults of one server. */
export function createFaults(issuer: () => string): Faults {
  const active = new Set<ActiveFault>()

  function take(request: LoggedRequest): ActiveFault | undefined {
    if (request.preflight) return undefined
    const fault = [...active].find(
      ({ endpoint, options, left }) =>
        endpoint === request.endpoint && left > 0 && (options.when?.(request) ?? true),
    )
    if (fault) fault.left -= 1
    return fault
  }

  return {
    add(endpoint, options) {
      let release = () => {}
      let meet = (_request: LoggedRequest) => {}
      const released = new Promise<void>((resolve) => (release = resolve))
      const hit = new Promise<LoggedRequest>((resolve) => (meet = resolve))
      const fault: ActiveFault = {
        endpoint,
        options,
        left: options.times ?? Infinity,
        hits: 0,
        released,
        meet,
      }
      active.add(fault)
      const end = () => {
        active.delete(fault)
        release()
      }
      return { hit, release, end, get hits() { return fault.hits } } // prettier-ignore
    },

    async run(ctx, request, process) {
      const fault = take(request)
      if (!fault) return process()
      const { options } = fault
      if (options.afterProcessing) await process()
      fault.hits += 1
      fault.meet(request)
      if (options.hang) await fault.released
      await options.delayUntil?.catch(() => {})
      if (spoils(options)) spoil(ctx, request, options, issuer())
      else if (!options.afterProcessing) await process()
    },
  }
}

function spoils({ status, body, contentType, error, cut, retryAfter }: FaultOptions): boolean {
  return [status, body, contentType, error, cut, retryAfter].some((part) => part !== undefined)
}

function spoil(
  ctx: ParameterizedContext,
  request: LoggedRequest,
  {
    status,
    body,
    contentType,
    headers = {},
    retryAfter,
    error,
    error_description,
    cut,
    cors = true,
  }: FaultOptions,
  issuer: string,
): void {
  if (cut === true) return cutConnection(ctx)
  if (error && request.endpoint === 'authorize') {
    const description = error_description ? { error_description } : {}
    return sendAuthorizationResponse(ctx, request.params, { error, ...description, iss: issuer })
  }
  ctx.status = status ?? (error ? 400 : 200)
  const content = body ?? (error ? { error, error_description } : '')
  ctx.body = typeof content === 'string' ? content : JSON.stringify(content)
  ctx.type = contentType ?? (typeof content === 'string' ? 'text/html' : 'application/json')
  if (retryAfter !== undefined) ctx.set('retry-after', String(retryAfter))
  ctx.set(headers)
  if (cors && ctx.get('origin')) {
    ctx.set('access-control-allow-origin', ctx.get('origin'))
    ctx.set('access-control-expose-headers', 'Retry-After, WWW-Authenticate')
  }
  if (!cors) ctx.remove('access-control-allow-origin')
  if (cut === 'body') cutInBody(ctx)
}

function cutConnection(ctx: ParameterizedContext): void {
  ctx.respond = false
  ctx.req.socket.destroy()
}

function cutInBody(ctx: ParameterizedContext): void {
  ctx.respond = false
  ctx.res.statusCode = ctx.status
  const body = Buffer.from(String(ctx.body) || '{"access_token":"')
  ctx.res.setHeader('content-length', body.length + 100)
  ctx.res.write(body, () => ctx.req.socket.destroy())
}
