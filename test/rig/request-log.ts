import type { ParameterizedContext } from 'koa'
import { readFormBody, replaceFormBody } from '../../demo/authorization-server/form-body.js'

/** The endpoints of the authorization server. */
export type Endpoint =
  | 'metadata'
  | 'authorize'
  /** Where an authorization request goes on after a page. */
  | 'resume'
  /** The login and consent pages. */
  | 'interaction'
  | 'token'
  | 'jwks'
  | 'revocation'
  | 'introspection'
  | 'end_session'
  | 'end_session_confirm'
  | 'userinfo'
  | 'check_session'
  | 'pushed_authorization_request'
  | 'other'

/** A request that the authorization server got. */
export interface LoggedRequest {
  endpoint: Endpoint
  method: string
  path: string
  /** The parameters of the query and of a form that was posted; the last one where several have the same name. */
  params: Record<string, string>
  /** Whether it is a CORS preflight. */
  preflight: boolean
  /** The DPoP proof, where there was one (RFC 9449). */
  proof: string | undefined
  /** In milliseconds since 1970. */
  at: number
}

const paths: [RegExp, Endpoint][] = [
  // At the root, or below the issuer of a server whose metadata a test has published.
  [/\/\.well-known\//, 'metadata'],
  [/^\/auth$/, 'authorize'],
  [/^\/auth\//, 'resume'],
  [/^\/interaction\//, 'interaction'],
  [/^\/token$/, 'token'],
  [/^\/jwks$/, 'jwks'],
  [/^\/token\/revocation$/, 'revocation'],
  [/^\/token\/introspection$/, 'introspection'],
  [/^\/session\/end$/, 'end_session'],
  [/^\/session\/end\/confirm$/, 'end_session_confirm'],
  [/^\/me$/, 'userinfo'],
  [/^\/session\/check$/, 'check_session'],
  [/^\/request$/, 'pushed_authorization_request'],
]

/** Reads a request; a form that was posted stays readable for the authorization server. */
export async function readRequest(ctx: ParameterizedContext): Promise<LoggedRequest> {
  const endpoint = paths.find(([pattern]) => pattern.test(ctx.path))?.[1] ?? 'other'
  const params = Object.fromEntries(new URLSearchParams(ctx.querystring))
  const request: LoggedRequest = {
    endpoint,
    method: ctx.method,
    path: ctx.path,
    params,
    preflight: ctx.method === 'OPTIONS',
    proof: ctx.get('dpop') || undefined,
    at: Date.now(),
  }
  if (ctx.method === 'POST' && endpoint !== 'interaction' && endpoint !== 'end_session_confirm') {
    const form = await readFormBody(ctx.req)
    Object.assign(params, Object.fromEntries(form))
    replaceFormBody(ctx.req, form)
  }
  return request
}
