import type { KoaContextWithOIDC, TokenEndpointGrantContext } from 'oidc-provider'
import validateDpop, { checkDpopReplay } from 'oidc-provider/lib/helpers/validate_dpop.js'
import { issueAccessToken, issueJwt } from './exchanged-token.js'
import type { AuthorizationServerOptions } from './options.js'
import { readPresentedToken, tokenTypes, type Actor, type PresentedToken } from './presented-token.js'
import { errors, type Provider } from './provider-class.js'
import { describeResourceServer } from './resource-servers.js'
import { isFor } from './services.js'

/** The grant type of token exchange (RFC 8693 section 2.1). */
export const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange'

const once = ['scope', 'requested_token_type', 'subject_token', 'subject_token_type', 'actor_token', 'actor_token_type'] // prettier-ignore
const repeatable = ['audience', 'resource']

type Context = TokenEndpointGrantContext<Record<string, string | string[] | undefined>>

/** Adds token exchange (RFC 8693) to a provider. */
export function enableTokenExchange(provider: Provider, options: AuthorizationServerOptions): void {
  const exchange = async (ctx: Context): Promise<void> => {
    const { params, client } = ctx.oidc
    const jkt = await takeProof(provider, ctx)
    const subject = await present(ctx, options, 'subject_token')
    // An API may exchange a token that it received. Anyone else who has it would be a thief (RFC 8693 section 2.1).
    const isReceiver = isFor(options, client.clientId, subject.audience)
    const isForeign = subject.clientId !== null && subject.clientId !== client.clientId
    if (isForeign && !isReceiver)
      throw new errors.InvalidRequest('subject_token was issued to another client')
    // Otherwise, a thief could exchange a key-bound token for an unbound one. The receiving API has already checked the proof.
    if (subject.jkt && subject.jkt !== jkt && !isReceiver)
      throw new errors.InvalidRequest('subject_token is bound to a key that the request does not prove')
    const act = await chooseActor(ctx, options, subject, jkt)
    const about = { subject, act, ...buildMayAct(options, act?.sub ?? subject.sub) }

    const type = String(params['requested_token_type'] ?? `${tokenTypes}access_token`)
    if (type === `${tokenTypes}id_token`) {
      if (targetsOf(ctx).some((target) => target !== client.clientId)) throw new errors.InvalidTarget()
      ctx.body = await issueJwt(provider, type, { ...about, audience: client.clientId })
      return
    }
    const resource = chooseResource(options, targetsOf(ctx), subject)
    const server = describeResourceServer(options, resource, client.clientId)
    const scope = narrow(subject.scope, params['scope'] as string | undefined, server.scope)
    const issue = { ...about, audience: server.audience, scope }
    if (type === `${tokenTypes}jwt`) ctx.body = await issueJwt(provider, type, issue)
    else if (type === `${tokenTypes}access_token`)
      ctx.body = await issueAccessToken(
        ctx.oidc,
        type,
        issue,
        new provider.ResourceServer(resource, server),
        jkt,
      )
    else throw new errors.InvalidRequest('requested_token_type is not supported')
  }
  provider.registerGrantType(tokenExchange, exchange, [...once, ...repeatable], repeatable)
}

/** Checks the DPoP proof, if there is one, and returns the thumbprint of its key (RFC 9449 section 5). */
async function takeProof(provider: Provider, ctx: Context): Promise<string | undefined> {
  const proof = await validateDpop(provider, ctx)
  await checkDpopReplay(provider, ctx, proof, ctx.oidc.client.clientId)
  return proof?.thumbprint
}

/** Builds the `may_act` claim of a token (RFC 8693 section 4.4). */
export function buildMayAct(
  { tokenExchange: option }: AuthorizationServerOptions,
  holder: string,
): { may_act?: { sub: string } } {
  const { mayAct = {} } = typeof option === 'object' ? option : {}
  const next = mayAct[Object.hasOwn(mayAct, holder) ? holder : '*']
  return next ? { may_act: { sub: next } } : {}
}

/** Reads a presented token. Throws `invalid_request` if it is not acceptable for any reason (RFC 8693 section 2.2.2). */
async function present(
  ctx: Context,
  options: AuthorizationServerOptions,
  name: 'subject_token' | 'actor_token',
): Promise<PresentedToken> {
  const { params } = ctx.oidc
  const [type, token] = [params[`${name}_type`], params[name]]
  const found = await readPresentedToken(ctx as KoaContextWithOIDC, type, token, options)
  if (!found) throw new errors.InvalidRequest(`${name} is not a valid token of a supported type`)
  return found
}

/** Adds the actor in front of the previous ones (section 4.1), if the subject token allows it to act (section 4.4). */
async function chooseActor(
  ctx: Context,
  options: AuthorizationServerOptions,
  subject: PresentedToken,
  jkt: string | undefined,
): Promise<Actor | undefined> {
  const { params } = ctx.oidc
  if (params['actor_token'] === undefined) {
    if (params['actor_token_type'] !== undefined)
      throw new errors.InvalidRequest('actor_token_type without actor_token')
    // Impersonating the holder of a delegated token does not remove its actors.
    return subject.act
  }
  const { sub, clientId, jkt: bound } = await present(ctx, options, 'actor_token')
  // Otherwise, a thief, or an API that received an actor's token, could act in its name.
  if (clientId !== null && clientId !== ctx.oidc.client.clientId)
    throw new errors.InvalidRequest('actor_token was issued to another client')
  if (bound && bound !== jkt)
    throw new errors.InvalidRequest('actor_token is bound to a key that the request does not prove')
  // A refresh token does not carry `may_act` itself.
  const mayAct = subject.mayAct ?? buildMayAct(options, subject.act?.sub ?? subject.sub).may_act
  if (mayAct && mayAct.sub !== sub)
    throw new errors.InvalidRequest('the subject token does not allow this actor (may_act)')
  return { sub, ...(subject.act && { act: subject.act }) }
}

function targetsOf(ctx: Context): string[] {
  const { audience = [], resource = [] } = ctx.oidc.params
  return [audience, resource].flat()
}

/** Finds the single resource that all targets name, by identifier or audience; without targets, the subject token's resource. */
export function chooseResource(
  { resources = {} }: AuthorizationServerOptions,
  targets: string[],
  { audience }: Pick<PresentedToken, 'audience'>,
): string {
  const find = (target: string | undefined) =>
    Object.keys(resources).find((one) => one === target || (resources[one]!.audience ?? one) === target)
  const found = new Set((targets.length ? targets : [audience]).map(find))
  const [resource] = found
  // oidc-provider supports only one audience per token.
  if (!resource || found.size > 1) throw new errors.InvalidTarget()
  return resource
}

/** Narrows the scope to the requested one: never more than the subject token has, or than the resource supports. */
export function narrow(held: string[], asked: string | undefined, known: string): string {
  const allowed = held.filter((scope) => known.split(' ').includes(scope))
  const excess = asked?.split(' ').filter((scope) => !allowed.includes(scope))
  if (excess?.length) throw new errors.InvalidScope('the subject token does not have this scope', excess[0]!)
  return asked ?? allowed.join(' ')
}
