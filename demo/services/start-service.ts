import type { Access, AccessCheck, Needs } from './access.js'
import { startJsonServer, type RunningService } from './json-server.js'

/** A path of a service. */
export interface Route extends Needs {
  answer(call: Granted): object | Promise<object>
}

/** An accepted call. */
export type Granted = Exclude<Access, { error: string }> & { query: URLSearchParams }

/** Options of `startService`. */
export interface ServiceOptions {
  /** The port to listen on; 0 takes any free port. */
  port: number
  /** The origins of the apps that may call from a browser. @default [] */
  allowedOrigins?: string[]
  check: AccessCheck
  routes: Record<string, Route>
}

/** Starts a service whose paths all require an access token. */
export function startService({
  port,
  allowedOrigins,
  check,
  routes,
}: ServiceOptions): Promise<RunningService> {
  return startJsonServer({
    port,
    allowedOrigins,
    async answer(request, { origin, pathname, searchParams: query }) {
      const route = Object.hasOwn(routes, pathname) ? routes[pathname] : undefined
      if (!route) return undefined
      const access = await check(request, origin + pathname, route)
      const { headers = {} } = access
      if (!('error' in access))
        return { status: 200, headers, body: await route.answer({ ...access, query }) }
      const { status, error, description: error_description } = access
      return { status, headers, body: { error, error_description } }
    },
  })
}
