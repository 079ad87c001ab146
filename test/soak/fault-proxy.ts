import type { Middleware, ParameterizedContext } from 'koa'
import { startAuthorizationServer, type AuthorizationServer } from '../../demo/authorization-server/index.js'
import { createFaults } from '../rig/faults.js'
import { readRequest, type LoggedRequest } from '../rig/request-log.js'
import { isRefresh, isSilent } from '../rig/request-kinds.js'
import { buildFault, planFault } from './plan.js'
import { createRandom, pickNumber } from './random.js'
import type { Exchange } from './record.js'

/** An authorization server behind a proxy that spoils answers as planned. */
export interface FaultProxy {
  issuer: string
  /** The record of what the server did, and of what became of its answers. */
  exchanges: Exchange[]
  /** Whether all faults are suspended. */
  isCalm: boolean
  /** The clients that are left in peace, for a login. */
  spared: Set<string>
  close: () => Promise<void>
}

/** Starts the server and the proxy in front of it. */
export async function startFaultProxy(
  seed: number,
  clientIds: string[],
  appOrigins: string[],
): Promise<FaultProxy> {
  const exchanges: Exchange[] = []
  const byRequest = new WeakMap<object, Exchange>()
  const tokens = new Map<string, number>()
  const counts = new Map<string, number>()
  const lifetime = createRandom(seed, 'lifetime')
  const faults = createFaults(() => server.issuer)

  const plan = ({ endpoint, params, preflight }: LoggedRequest) => {
    const clientId = params['client_id'] ?? ''
    if (preflight || proxy.isCalm || proxy.spared.has(clientId)) return undefined
    if (endpoint === 'authorize' && params['prompt'] !== 'none') return undefined
    const key = `${endpoint} ${clientId}`
    const nth = (counts.get(key) ?? 0) + 1
    counts.set(key, nth)
    return planFault(seed, endpoint, clientId, nth)
  }

  const note = (ctx: ParameterizedContext, request: LoggedRequest): Exchange | undefined => {
    const kind = readKind(request)
    if (!kind) return undefined
    const sent = request.params['refresh_token']
    if (sent && !tokens.has(sent)) tokens.set(sent, tokens.size + 1)
    const exchange: Exchange = {
      kind,
      clientId: request.params['client_id'] ?? '',
      tab: /\/tab\/([\w-]+)$/.exec(ctx.get('referer'))?.[1],
      token: sent ? tokens.get(sent) : undefined,
      arrived: Date.now(),
      ended: undefined,
      outcome: 'none',
      fault: undefined,
      delivered: false,
    }
    exchanges.push(exchange)
    byRequest.set(ctx.req, exchange)
    ctx.res.once('close', () => {
      exchange.ended = Date.now()
      exchange.delivered = ctx.res.writableFinished && !exchange.fault
    })
    return exchange
  }

  const middleware: Middleware = async (ctx, next) => {
    // A browser repeats a request whose used connection was cut.
    ctx.set('connection', 'close')
    const request = await readRequest(ctx)
    const exchange = note(ctx, request)
    const planned = plan(request)
    if (!planned) return next()
    if (exchange) exchange.fault = planned.kind
    const fault = faults.add(request.endpoint, {
      ...buildFault(planned),
      ...(planned.afterProcessing && { afterProcessing: true }),
      delayUntil: new Promise((resolve) => setTimeout(resolve, planned.delay)),
      times: 1,
      when: (one) => one === request,
    })
    try {
      await faults.run(ctx, request, async () => {
        // As most proxies do: a request that is still here when its sender has gone is not passed on.
        if (!ctx.req.socket.destroyed) await next()
      })
    } finally {
      fault.end()
    }
  }

  const server: AuthorizationServer = await startAuthorizationServer({
    logout: 'skip',
    dpop: 'off',
    appOrigins,
    otherApps: Object.fromEntries(clientIds.map((id) => [id, id])),
    accessTokenTTL: () => pickNumber(lifetime, 1, 4),
    middleware,
  })
  const finish = (outcome: Exchange['outcome']) => (ctx: { req: object }) => {
    const exchange = byRequest.get(ctx.req)
    if (exchange) exchange.outcome = outcome
  }
  server.provider
    .on('grant.success', finish('granted'))
    .on('grant.error', finish('refused'))
    .on('authorization.success', finish('granted'))
    .on('authorization.error', finish('refused'))

  const proxy: FaultProxy = {
    issuer: server.issuer,
    exchanges,
    isCalm: true,
    spared: new Set(),
    close: server.close,
  }
  return proxy
}

function readKind(request: LoggedRequest): Exchange['kind'] | undefined {
  if (request.preflight) return undefined
  if (request.endpoint === 'authorize') return isSilent(request) ? 'frame' : undefined
  if (request.endpoint !== 'token') return undefined
  return isRefresh(request) ? 'refresh' : 'code'
}
