import { createLocalJWKSet, jwtVerify, type JSONWebKeySet, type JWTPayload } from 'jose'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { get } from 'oidc-provider/lib/helpers/weak_cache.js'
import type { AuthorizationServerOptions } from './options.js'
import { isRevoked } from './revocable-jwts.js'
import { readSamlAssertion } from './saml-assertion.js'
import { isService } from './services.js'

/** An actor, and the actors before it (RFC 8693 section 4.1). */
export interface Actor {
  sub: string
  act?: Actor
}

/** The content of a token that was presented for an exchange. */
export interface PresentedToken {
  sub: string
  scope: string[]
  /** The client that it was issued to; null for a partner's assertion, which is not issued to a client of this server. */
  clientId: string | null
  /** Its expiry, in seconds since 1970. */
  exp: number
  audience?: string | undefined
  /** The thumbprint of the key that it is bound to (RFC 9449 section 6). */
  jkt?: string | undefined
  act?: Actor | undefined
  /** The party that may act for its subject (RFC 8693 section 4.4); anyone if undefined. */
  mayAct?: { sub?: string } | undefined
}

/** The prefix of the registered token types (RFC 8693 section 3). */
export const tokenTypes = 'urn:ietf:params:oauth:token-type:'

type Read = (
  ctx: KoaContextWithOIDC,
  token: string,
  options: AuthorizationServerOptions,
) => Promise<PresentedToken | undefined>

const readAccessToken: Read = async (ctx, token, options) => {
  const claims = await verify(ctx, token, 'at+jwt')
  if (claims && (await isRevoked(ctx.oidc.provider, token, options))) return undefined
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

const readSaml2: Read = async (ctx, token, options) => {
  const { samlIssuers: issuers = {} } = options
  const { provider } = ctx.oidc
  // Not `ctx.oidc.urlFor`, which uses the host of the request.
  const tokenEndpoint = provider.urlFor('token')
  const xml = decode(token)
  const reader = { issuers, audiences: [provider.issuer, tokenEndpoint], tokenEndpoint }
  const assertion = xml && readSamlAssertion(xml, reader)
  if (!assertion) return undefined
  const { issuer, subject: sub, exp } = assertion
  if (isService(options, sub)) return undefined
  // The partner issued it to its user and does not know our clients. It is a bearer assertion for this server, so any client that is
  // registered for the exchange may present it. Only its short lifetime limits what a thief can do with it.
  return { sub, scope: issuer.scope.split(' '), clientId: null, exp, audience: provider.issuer }
}

/** The readers by token type. A SAML 1.1 assertion (`saml1`) would be one more entry. */
const readers: Record<string, Read> = {
  [`${tokenTypes}access_token`]: readAccessToken,
  [`${tokenTypes}id_token`]: readIdToken,
  [`${tokenTypes}refresh_token`]: readRefreshToken,
  [`${tokenTypes}saml2`]: readSaml2,
  [`${tokenTypes}jwt`]: async (ctx, token, options) =>
    (await verify(ctx, token, 'at+jwt'))
      ? readAccessToken(ctx, token, options)
      : readIdToken(ctx, token, options),
}

/**
 * Reads a valid token of this server, or a valid assertion of a partner. Returns undefined for any other token and for unsupported
 * types.
 */
export async function readPresentedToken(
  ctx: KoaContextWithOIDC,
  type: unknown,
  token: unknown,
  options: AuthorizationServerOptions,
): Promise<PresentedToken | undefined> {
  // Own properties only, not inherited ones such as "constructor".
  const read = Object.hasOwn(readers, String(type)) ? readers[String(type)] : undefined
  return read && typeof token === 'string' ? read(ctx, token, options) : undefined
}

/** Decodes base64url-encoded UTF-8, the encoding of an assertion (RFC 7522 section 2.1). */
function decode(text: string): string | undefined {
  if (!/^[\w-]+={0,2}$/.test(text)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'base64url'))
  } catch {
    return undefined
  }
}

/** Verifies signature, issuer, expiry and `typ` of a JWT of this server. An ID token has no `typ`, or the value `JWT`. */
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
