import type { ParameterizedContext } from 'koa'
import type { JWK } from 'oidc-provider'
import {
  isAuthorizationPath,
  rewriteAuthorizationResponse,
} from '../../demo/authorization-server/authorization-response.js'
import { tamperWithIdToken, type JsonObject, type TamperIdToken } from './id-token-tampering.js'
import type { LoggedRequest } from './request-log.js'

/** Changes the parameters of an authorization response. */
export type TamperAuthorizationResponse = (
  params: URLSearchParams,
) => URLSearchParams | Record<string, string>

/** What becomes of the server's answers; `undefined` leaves them alone. */
export interface Tampering {
  idToken: TamperIdToken | undefined
  tokenResponse: ((json: JsonObject) => JsonObject) | undefined
  authorizationResponse: TamperAuthorizationResponse | undefined
}

/** Changes an answer of the token or the authorization endpoint, and collects the secrets in it before and after. */
export function tamperWithAnswer(
  ctx: ParameterizedContext,
  request: LoggedRequest,
  tampering: Tampering,
  key: JWK,
  secrets: Set<string>,
): void {
  if (request.endpoint === 'token' && isObject(ctx.body)) {
    collectSecrets(ctx.body, secrets)
    if (ctx.status !== 200) return
    const { id_token: idToken } = ctx.body
    if (tampering.idToken && typeof idToken === 'string') {
      const grantType = request.params['grant_type'] ?? ''
      ctx.body['id_token'] = tamperWithIdToken(idToken, tampering.idToken, grantType, key)
    }
    if (tampering.tokenResponse) ctx.body = tampering.tokenResponse({ ...ctx.body })
    collectSecrets(ctx.body as JsonObject, secrets)
  } else if (isAuthorizationPath(ctx.path)) {
    const tamper = tampering.authorizationResponse ?? ((params) => params)
    rewriteAuthorizationResponse(ctx, (params) => {
      const changed = new URLSearchParams(tamper(params))
      collectSecrets(Object.fromEntries(changed), secrets)
      return changed
    })
  }
}

const secretFields = [
  'code',
  'code_verifier',
  'access_token',
  'refresh_token',
  'id_token',
  'token',
  'id_token_hint',
]

/** Adds the codes, verifiers and tokens among some fields to a set. */
export function collectSecrets(fields: JsonObject, secrets: Set<string>): void {
  for (const field of secretFields) {
    const value = fields[field]
    if (typeof value === 'string' && value) secrets.add(value)
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
