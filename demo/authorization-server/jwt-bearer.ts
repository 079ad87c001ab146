import { decodeJwt, importJWK, jwtVerify, type JWK, type JWTPayload } from 'jose'
import type { KoaContextWithOIDC, TokenEndpointGrantContext } from 'oidc-provider'
import { issueAccessToken } from './exchanged-token.js'
import type { AuthorizationServerOptions } from './options.js'
import type { PresentedToken } from './presented-token.js'
import { errors, type Provider } from './provider-class.js'
import { describeResourceServer } from './resource-servers.js'
import { isService } from './services.js'
import { chooseResource, narrow } from './token-exchange.js'

/** The grant type of an assertion that is a JWT (RFC 7523 section 2.1). */
export const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/** A partner whose identity provider signs JWTs. */
export interface TrustedJwtIssuer {
  /** The public key of its assertions, for ES256. */
  publicKey: object
  /** The scope that its users may get, space-separated: an assertion does not contain a scope. */
  scope: string
}

/** The longest validity that an assertion may have, in seconds. */
const longest = 600

type Context = TokenEndpointGrantContext<Record<string, string | string[] | undefined>>

/**
 * Adds the JWT bearer grant (RFC 7523) to a provider, for the assertions of `jwtIssuers`. Each assertion is accepted once: unlike a
 * SAML assertion here, it names its own ID (`jti`).
 */
export function enableJwtBearer(provider: Provider, options: AuthorizationServerOptions): void {
  const seen = new Map<string, number>()
  const grant = async (ctx: Context): Promise<void> => {
    const { params, client } = ctx.oidc
    const { payload, trusted } = await readAssertion(ctx as KoaContextWithOIDC, params['assertion'], options)
    const { iss, sub, exp, jti } = payload as Required<JWTPayload>
    takeOnce(seen, `${iss} ${jti}`, exp)
    const subject: PresentedToken = { sub, scope: trusted.scope.split(' '), clientId: null, exp }
    const targets = [params['resource'] ?? []].flat()
    const resource = chooseResource(options, targets, subject)
    const server = describeResourceServer(options, resource, client.clientId)
    const scope = narrow(subject.scope, params['scope'] as string | undefined, server.scope)
    const issue = { subject, audience: server.audience, scope, act: undefined }
    const { issued_token_type: _, ...answer } = await issueAccessToken(
      ctx.oidc,
      '',
      issue,
      new provider.ResourceServer(resource, server),
      undefined,
    )
    ctx.body = answer
  }
  provider.registerGrantType(jwtBearer, grant, ['assertion', 'scope', 'resource'], ['resource'])
}

/** Verifies an assertion (RFC 7523 section 3). Throws `invalid_grant` if it is invalid for any reason. */
async function readAssertion(
  { oidc: { provider } }: KoaContextWithOIDC,
  assertion: unknown,
  options: AuthorizationServerOptions,
): Promise<{ payload: JWTPayload; trusted: TrustedJwtIssuer }> {
  const { jwtIssuers = {} } = options
  try {
    const { iss = '' } = decodeJwt(String(assertion))
    const trusted = Object.hasOwn(jwtIssuers, iss) ? jwtIssuers[iss] : undefined
    if (!trusted) throw new errors.InvalidGrant('unknown issuer')
    const { payload } = await jwtVerify(
      String(assertion),
      await importJWK(trusted.publicKey as JWK, 'ES256'),
      {
        algorithms: ['ES256'],
        issuer: iss,
        audience: [provider.issuer, provider.urlFor('token')],
        requiredClaims: ['sub', 'exp', 'jti'],
      },
    )
    if (payload.exp! > Date.now() / 1000 + longest) throw new errors.InvalidGrant('valid for too long')
    if (isService(options, payload.sub!)) throw new errors.InvalidGrant('not a user')
    return { payload, trusted }
  } catch {
    throw new errors.InvalidGrant('the assertion is not valid')
  }
}

/** Remembers an assertion until it has expired; throws `invalid_grant` if it is already there. */
function takeOnce(seen: Map<string, number>, id: string, exp: number): void {
  for (const [old, until] of seen) if (until < Date.now() / 1000) seen.delete(old)
  if (seen.has(id)) throw new errors.InvalidGrant('the assertion was already used')
  seen.set(id, exp)
}
