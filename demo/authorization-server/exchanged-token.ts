import { SignJWT } from 'jose'
import type { OIDCContext, ResourceServerInstance } from 'oidc-provider'
import { get } from 'oidc-provider/lib/helpers/weak_cache.js'
import type { Actor, PresentedToken } from './presented-token.js'
import type { Provider } from './provider-class.js'

/** The content of an exchanged token: its subject, audience, actor, and who may act next. */
export interface Issue {
  subject: PresentedToken
  audience: string
  scope?: string
  act: Actor | undefined
  may_act?: { sub: string }
}

/** The token endpoint's response to an exchange (RFC 8693 section 2.2.1). */
export interface ExchangeAnswer {
  access_token: string
  issued_token_type: string
  token_type: string
  expires_in: number
  scope?: string
}

/** The maximum lifetime of a JWT that is not an access token, in seconds. */
const longestLife = 300

/** Issues an access token that expires no later than the subject token, bound to the key `jkt` if there is one. */
export async function issueAccessToken(
  { client, provider }: OIDCContext,
  type: string,
  { subject, scope = '', act, may_act }: Issue,
  resourceServer: ResourceServerInstance,
  jkt: string | undefined,
): Promise<ExchangeAnswer> {
  // A separate grant, so that revoking it does not affect the session's grant, or the other way round.
  const grant = new provider.Grant({ accountId: subject.sub, clientId: client!.clientId })
  grant.addResourceScope(resourceServer.identifier(), scope)
  const token = new provider.AccessToken({
    client: client!,
    accountId: subject.sub,
    grantId: await grant.save(),
    gty: 'token_exchange',
    scope,
    resourceServer,
    extra: { ...(act && { act }), ...(may_act && { may_act }) },
  })
  if (jkt) token.setThumbprint('jkt', jkt)
  const expires_in = Math.min(token.expiration, subject.exp - now())
  Object.assign(token, { expiresIn: expires_in })
  return {
    access_token: await token.save(),
    issued_token_type: type,
    token_type: token.tokenType,
    expires_in,
    scope,
  }
}

/** Issues a JWT that is not an access token, such as an ID token, with the `token_type` `N_A`. */
export async function issueJwt(
  provider: Provider,
  type: string,
  { subject, audience, scope, act, may_act }: Issue,
): Promise<ExchangeAnswer> {
  const { keystore } = get(provider)
  const [key] = keystore.selectForSign({ alg: 'ES256', use: 'sig' })
  const expires_in = Math.min(longestLife, subject.exp - now())
  const claims = { ...(scope && { scope }), ...(act && { act }), ...(may_act && { may_act }) }
  const jwt = new SignJWT({ ...claims, sub: subject.sub, aud: audience })
    .setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid: key!.kid! })
    .setIssuer(provider.issuer)
    .setIssuedAt()
    .setExpirationTime(now() + expires_in)
  return {
    access_token: await jwt.sign(keystore.getKeyObject(key!)),
    issued_token_type: type,
    token_type: 'N_A',
    expires_in,
    ...(scope !== undefined && { scope }),
  }
}

function now(): number {
  return Math.floor(Date.now() / 1000)
}
