import { randomUUID } from 'node:crypto'
import { createLocalJWKSet, decodeJwt, jwtVerify, type JSONWebKeySet } from 'jose'
import type { Middleware } from 'koa'
import type { AccessToken, ClientCredentials } from 'oidc-provider'
import { get } from 'oidc-provider/lib/helpers/weak_cache.js'
import { readFormBody, replaceFormBody } from './form-body.js'
import type { AuthorizationServerOptions } from './options.js'
import type { Provider } from './provider-class.js'

type Options = Pick<AuthorizationServerOptions, 'resources'>
type Issued = AccessToken | ClientCredentials

/** What one server remembers about its revocable JWTs. */
interface Register {
  /** The ID under which oidc-provider stores a token. An API may log a `jti`, so the `jti` itself must not work as an opaque token. */
  nameRecord(jti: string): string
  /** The grant of each token, by the ID of its record. */
  grants: Map<string, string | undefined>
}

const registers = new WeakMap<Provider, Register>()

/**
 * Lets the JWT access tokens of resources with `revocable` be revoked (RFC 7009) and introspected (RFC 7662). oidc-provider does both
 * only for opaque tokens. At these endpoints, a record of each token, stored under its `jti`, takes the place of an opaque token, so that
 * all of oidc-provider's rules about who may revoke and introspect apply.
 */
export function enableRevocableJwts(provider: Provider, options: Options): void {
  const prefix = randomUUID()
  const register: Register = { nameRecord: (jti) => `${prefix}:${jti}`, grants: new Map() }
  registers.set(provider, register)
  const remember = (token: Issued) => {
    if (isRevocable(options, token.aud)) void storeRecord(register, token)
  }
  provider.on('access_token.issued', remember)
  provider.on('client_credentials.issued', remember)

  const paths = ['introspection', 'revocation'].map((name) => new URL(provider.urlFor(name)).pathname)
  const replaceToken: Middleware = async (ctx, next) => {
    if (ctx.method !== 'POST' || !paths.includes(ctx.path)) return next()
    const form = await readFormBody(ctx.req)
    const claims = readClaims(form.get('token') ?? '')
    const isOurs = claims !== undefined && isRevocable(options, claims.aud)
    if (isOurs) form.set('token', await findRecord(provider, form.get('token')!))
    replaceFormBody(ctx.req, form)
    await next()
    const answer = ctx.body as { active?: boolean; jti?: string } | undefined
    if (isOurs && answer?.active && claims.jti) answer.jti = claims.jti
  }
  provider.use(replaceToken)
}

/** Checks whether a JWT access token of this server has been revoked. Only a token of a revocable resource can be. */
export async function isRevoked(provider: Provider, token: string, options: Options): Promise<boolean> {
  if (!isRevocable(options, decodeJwt(token).aud)) return false
  const record = await findRecord(provider, token)
  return ![await provider.AccessToken.find(record), await provider.ClientCredentials.find(record)].some(
    Boolean,
  )
}

/**
 * Stores the content of a token. The record has no `grantId`: with it, oidc-provider would revoke the refresh token along with the
 * access token. The end of a session revokes its grant, which `findRecord` checks.
 */
async function storeRecord({ nameRecord, grants }: Register, token: Issued): Promise<void> {
  const id = nameRecord(token.jti)
  const { kind, clientId, aud, scope, extra, jkt, remainingTTL } = token as AccessToken
  const { accountId, gty, rar, grantId } = token as AccessToken
  grants.set(id, grantId)
  const iat = Math.floor(Date.now() / 1000)
  const content = { jti: id, kind, clientId, aud, scope, extra, jkt, accountId, gty, rar }
  const known = Object.fromEntries(Object.entries(content).filter(([, value]) => value !== undefined))
  await token.adapter.upsert(id, { ...known, iat, exp: iat + remainingTTL }, remainingTTL)
}

/** An ID that no record has, which the endpoints treat as an invalid token. */
const none = 'none'

/** Finds the ID of the record of a token. A token with an invalid signature or a revoked grant has none. */
async function findRecord(provider: Provider, token: string): Promise<string> {
  const { nameRecord, grants } = registers.get(provider)!
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet(get(provider).jwks as JSONWebKeySet), {
      issuer: provider.issuer,
      typ: 'at+jwt',
      requiredClaims: ['jti', 'exp'],
    })
    const id = nameRecord(payload.jti!)
    const grantId = grants.get(id)
    return grantId && !(await provider.Grant.find(grantId)) ? none : id
  } catch {
    return none
  }
}

/** Reads the claims of a JWT without verifying it: they only decide which tokens are looked up. */
function readClaims(token: string): { aud?: string | string[]; jti?: string } | undefined {
  try {
    return decodeJwt(token)
  } catch {
    return undefined
  }
}

function isRevocable({ resources = {} }: Options, audience: string | string[] | undefined): boolean {
  const found = Object.entries(resources).find(([id, one]) => [audience].flat().includes(one.audience ?? id))
  return found?.[1].revocable === true
}
