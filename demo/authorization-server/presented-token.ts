import { createLocalJWKSet, jwtVerify, type JSONWebKeySet, type JWTPayload } from 'jose'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { get } from 'oidc-provider/lib/helpers/weak_cache.js'

/** Who acts, and before whom (RFC 8693 section 4.1). */
export interface Actor {
  sub: string
  act?: Actor
}

/** What a token says that was presented for an exchange. */
export interface PresentedToken {
  sub: string
  scope: string[]
  /** The client that it was issued to. */
  clientId: string
  /** When it ends, in seconds since 1970. */
  exp: number
  audience?: string | undefined
  /** The thumbprint of the key that it is bound to (RFC 9449 section 6). */
  jkt?: string | undefined
  act?: Actor | undefined
  /** Who may act for its subject (RFC 8693 section 4.4); anybody when it says nothing. */
  mayAct?: { sub?: string } | undefined
}

/** Where the registered token types begin (RFC 8693 section 3). */
export const tokenTypes = 'urn:ietf:params:oauth:token-type:'

type Read = (ctx: KoaContextWithOIDC, token: string) => Promise<PresentedToken | undefined>

const readAccessToken: Read = async (ctx, token) => {
  const claims = await verify(ctx, token, 'at+jwt')
  if (claims) return buildPresented(claims, String(claims['client_id']))
  const stored = await ctx.oidc.provider.AccessToken.find(token)
  if (!stored) return undefined
  const { accountId: sub, scope, aud, exp, clientId, extra, jkt } = stored
  return buildPresented({ ...extra, sub, scope, aud, exp, cnf: { jkt } }, clientId!)
}

const readIdToken: Read = async (ctx, token) => {
  const { clientId } = ctx.oidc.client!
  const claims = await verify(ctx, token, undefined)
  return claims?.aud === clientId ? buildPresented(claims, clientId) : undefined
}

const readRefreshToken: Read = async (ctx, token) => {
  const stored = await ctx.oidc.provider.RefreshToken.find(token)
  if (!stored || stored.consumed) return undefined
  const { accountId: sub, scope, exp, clientId, jkt } = stored
  return buildPresented({ sub, scope, exp, cnf: { jkt } }, clientId!)
}

/** How each token type is read. SAML assertions (`saml1`, `saml2`) would be two more entries. */
const readers: Record<string, Read> = {
  [`${tokenTypes}access_token`]: readAccessToken,
  [`${tokenTypes}id_token`]: readIdToken,
  [`${tokenTypes}refresh_token`]: readRefreshToken,
  [`${tokenTypes}jwt`]: async (ctx, token) =>
    (await verify(ctx, token, 'at+jwt')) ? readAccessToken(ctx, token) : readIdToken(ctx, token),
}

/** Reads a token of this server that is still good; undefined for any other, or of a type that it does not take. */
export async function readPresentedToken(
  ctx: KoaContextWithOIDC,
  type: unknown,
  token: unknown,
): Promise<PresentedToken | undefined> {
  const read = readers[String(type)]
  return read && typeof token === 'string' ? read(ctx, token) : undefined
}

/** Verifies signature, issuer, end and `typ` of a JWT of this server. An ID token has no `typ`, or says `JWT`. */
async function verify(
  ctx: KoaContextWithOIDC,
  token: string,
  type: 'at+jwt' | undefined,
): Promise<JWTPayload | undefined> {
  const { provider } = ctx.oidc
  const keys = createLocalJWKSet(get(provider).jwks as JSONWebKeySet)
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      issuer: provider.issuer,
      requiredClaims: ['sub', 'exp'],
    })
    const { typ } = protectedHeader
    return typ === type || (!type && typ === 'JWT') ? payload : undefined
  } catch {
    return undefined
  }
}

function buildPresented(claims: Record<string, unknown>, clientId: string): PresentedToken {
  const { sub, scope, exp, aud, act, may_act, cnf } = claims as JWTPayload & {
    scope?: string
    act?: Actor
    cnf?: { jkt?: string }
  }
  return {
    sub: sub!,
    scope: scope?.split(' ') ?? [],
    clientId,
    exp: exp!,
    audience: [aud].flat()[0],
    jkt: cnf?.jkt,
    act,
    mayAct: may_act as PresentedToken['mayAct'],
  }
}
