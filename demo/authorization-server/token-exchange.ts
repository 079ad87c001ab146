import { SignJWT } from 'jose'
import type { KoaContextWithOIDC, TokenEndpointGrantContext } from 'oidc-provider'
import { get } from 'oidc-provider/lib/helpers/weak_cache.js'
import type { AuthorizationServerOptions } from './options.js'
import { readPresentedToken, tokenTypes, type Actor, type PresentedToken } from './presented-token.js'
import { errors, type Provider } from './provider-class.js'
import { describeResourceServer } from './resource-servers.js'

/** The grant type of token exchange (RFC 8693 section 2.1). */
export const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange'

const once = ['scope', 'requested_token_type', 'subject_token', 'subject_token_type', 'actor_token', 'actor_token_type'] // prettier-ignore
const repeatable = ['audience', 'resource']

type Context = TokenEndpointGrantContext<Record<string, string | string[] | undefined>>

/** What is issued: about whom, for where, and who acts. */
interface Issue {
  subject: PresentedToken
  resource: string
  scope: string
  act: Actor | undefined
}

/** Adds token exchange (RFC 8693) to a provider. */
export function enableTokenExchange(provider: Provider, options: AuthorizationServerOptions): void {
  const exchange = async (ctx: Context): Promise<void> => {
    const { params, client } = ctx.oidc
    const subject = await present(ctx, 'subject_token')
    // Without client authentication, whoever finds a token could turn it into others (RFC 8693 section 2.1).
    if (client.clientAuthMethod === 'none' && subject.clientId !== client.clientId)
      throw new errors.InvalidRequest('subject_token was issued to another client')
    const act = await chooseActor(ctx, subject)
    const type = String(params['requested_token_type'] ?? `${tokenTypes}access_token`)
    if (type === `${tokenTypes}id_token`) {
      const audiences = targetsOf(ctx)
      if (audiences.some((one) => one !== client.clientId)) throw new errors.InvalidTarget()
      const token = await signJwt(provider, { sub: subject.sub, aud: client.clientId, act }, subject.exp)
      return answer(ctx, { ...token, issued_token_type: type, token_type: 'N_A' })
    }
    const resource = chooseResource(options, targetsOf(ctx), subject)
    const { scope: known, audience } = describeResourceServer(options, resource)
    const scope = narrow(subject.scope, params['scope'] as string | undefined, known)
    if (type === `${tokenTypes}jwt`) {
      const claims = { sub: subject.sub, aud: audience, scope, act }
      const token = await signJwt(provider, claims, subject.exp)
      return answer(ctx, { ...token, issued_token_type: type, token_type: 'N_A', scope })
    }
    if (type !== `${tokenTypes}access_token`)
      throw new errors.InvalidRequest('requested_token_type is not supported')
    answer(ctx, await issueAccessToken(ctx, options, { subject, resource, scope, act }))
  }
  provider.registerGrantType(tokenExchange, exchange, [...once, ...repeatable], repeatable)
}

/** Says who may act next, for the claims of a token (RFC 8693 section 4.4). */
export function buildMayAct(
  { tokenExchange: option }: AuthorizationServerOptions,
  holder: string,
): { may_act?: { sub: string } } {
  const next = typeof option === 'object' ? option.mayAct?.[holder] : undefined
  return next ? { may_act: { sub: next } } : {}
}

/** Reads a presented token. One that is not acceptable is `invalid_request`, whatever the reason (RFC 8693 section 2.2.2). */
async function present(ctx: Context, name: 'subject_token' | 'actor_token'): Promise<PresentedToken> {
  const { params } = ctx.oidc
  const found = await readPresentedToken(ctx as KoaContextWithOIDC, params[`${name}_type`], params[name])
  if (!found) throw new errors.InvalidRequest(`${name} is not a good token of a type that is taken here`)
  return found
}

/** Puts the actor in front of those who acted before (section 4.1), if the subject token lets it act (section 4.4). */
async function chooseActor(ctx: Context, subject: PresentedToken): Promise<Actor | undefined> {
  const { params } = ctx.oidc
  if (params['actor_token'] === undefined) {
    if (params['actor_token_type'] !== undefined)
      throw new errors.InvalidRequest('actor_token_type without actor_token')
    // Whoever impersonates the holder of a delegated token does not shake off those who act in it.
    return subject.act
  }
  const { sub } = await present(ctx, 'actor_token')
  if (subject.mayAct && subject.mayAct.sub !== sub)
    throw new errors.InvalidRequest('the subject token does not allow this actor (may_act)')
  return { sub, ...(subject.act && { act: subject.act }) }
}

function targetsOf(ctx: Context): string[] {
  const { audience = [], resource = [] } = ctx.oidc.params
  return [audience, resource].flat()
}

/** Finds the one resource that all targets name, by its identifier or its audience; else the subject token's own. */
function chooseResource(
  { resources = {} }: AuthorizationServerOptions,
  targets: string[],
  { audience }: PresentedToken,
): string {
  const find = (target: string | undefined) =>
    Object.keys(resources).find((one) => one === target || resources[one]!.audience === target)
  const found = new Set((targets.length ? targets : [audience]).map(find))
  const [resource] = found
  // One audience a token is what oidc-provider can do.
  if (!resource || found.size > 1) throw new errors.InvalidTarget()
  return resource
}

/** Narrows the scope to what was asked for: never more than the subject token has, nor than the resource knows. */
function narrow(held: string[], asked: string | undefined, known: string): string {
  const allowed = held.filter((scope) => known.split(' ').includes(scope))
  const excess = asked?.split(' ').filter((scope) => !allowed.includes(scope))
  if (excess?.length) throw new errors.InvalidScope('the subject token does not have this scope', excess[0]!)
  return asked ?? allowed.join(' ')
}

async function issueAccessToken(
  ctx: Context,
  options: AuthorizationServerOptions,
  { subject, resource, scope, act }: Issue,
): Promise<object> {
  const { client, provider } = ctx.oidc
  const { clientId } = client
  // A grant of its own: what becomes of the session's does not touch it, nor the other way round.
  const grant = new provider.Grant({ accountId: subject.sub, clientId })
  grant.addResourceScope(resource, scope)
  const token = new provider.AccessToken({
    client,
    accountId: subject.sub,
    grantId: await grant.save(),
    gty: 'token_exchange',
    scope,
    resourceServer: new provider.ResourceServer(resource, describeResourceServer(options, resource)),
    extra: { ...(act && { act }), ...buildMayAct(options, act?.sub ?? subject.sub) },
  })
  const expiresIn = Math.min(token.expiration, subject.exp - now())
  Object.assign(token, { expiresIn })
  return {
    access_token: await token.save(),
    issued_token_type: `${tokenTypes}access_token`,
    token_type: token.tokenType,
    expires_in: expiresIn,
    scope,
  }
}

/** Signs a JWT that is no access token; it ends with the subject token, and after 5 minutes at the latest. */
async function signJwt(
  provider: Provider,
  claims: Record<string, unknown>,
  end: number,
): Promise<{ access_token: string; expires_in: number }> {
  const { keystore } = get(provider)
  const [key] = keystore.selectForSign({ alg: 'ES256', use: 'sig' })
  const expires_in = Math.min(300, end - now())
  const jwt = new SignJWT(JSON.parse(JSON.stringify(claims)) as Record<string, unknown>)
    .setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid: key!.kid! })
    .setIssuer(provider.issuer)
    .setIssuedAt()
    .setExpirationTime(now() + expires_in)
  return { access_token: await jwt.sign(keystore.getKeyObject(key!)), expires_in }
}

function answer(ctx: Context, body: object): void {
  ctx.body = body
}

function now(): number {
  return Math.floor(Date.now() / 1000)
}
