import { withoutPrototype } from '../../base/without-prototype.js'
import { checkOption } from '../../base/check-option.js'
import { AuthError } from '../../base/errors.js'
import { parseActors, type Actor } from './actors.js'
import type { GrantServer } from '../../protocol/grant-server.js'
import { refuse } from '../../protocol/refuse.js'
import { toResources } from '../../protocol/resources.js'
import { toEnd } from '../../protocol/to-end.js'

/** The short name of a token type of RFC 8693 section 3: the last part of its URN. */
export type TokenTypeName = 'access_token' | 'refresh_token' | 'id_token' | 'jwt' | 'saml1' | 'saml2'

/** A token type: a short name of RFC 8693 section 3, or any URI. */
export type TokenType = TokenTypeName | (string & {})

/** The parameters of a token exchange (RFC 8693 section 2.1). An invalid value causes a `TypeError` that contains no token. */
export interface ExchangeRequest {
  /**
   * The token of the party that the new token is about. By default, the access token of the session, or its refresh token or ID
   * token if `subjectTokenType` is `refresh_token` or `id_token`.
   *
   * The server rejects a token with `invalid_request` or `invalid_grant`. If the token of the session is needed and nobody is logged
   * in, the call rejects with `login_required`. It rejects with `busy` while another tab is using the refresh token, and if the last
   * renewal got no response: call `getToken()` first.
   *
   * @default the token of the session
   * @example
   * import { exchangeToken } from 'latchkey/exchange'
   * const { token } = await exchangeToken(auth, { subjectToken: agentToken, scope: 'bills:read' })
   * @see RFC 8693 section 2.1
   */
  subjectToken?: string | undefined
  /**
   * The type of `subjectToken`, which is required for types other than `access_token`, `refresh_token` and `id_token`. If the ID token
   * of the session has expired, the session is renewed first. The server rejects a type with `invalid_request`.
   *
   * @default 'access_token'
   * @example
   * import { exchangeToken } from 'latchkey/exchange'
   * const { token } = await exchangeToken(auth, { subjectToken: agentToken, subjectTokenType: 'jwt' })
   * @see RFC 8693 section 3
   */
  subjectTokenType?: TokenType | undefined
  /**
   * The token of the acting party. With it, the exchange is a delegation; without it, an impersonation. The server rejects a token
   * with `invalid_request` or `invalid_grant`, and an actor that may not act for the subject with a code of its choice.
   *
   * @default none
   * @example
   * import { exchangeToken } from 'latchkey/exchange'
   * const { actors } = await exchangeToken(auth, { actorToken: agentToken })
   * @see RFC 8693 section 1.1, RFC 8693 section 2.1
   */
  actorToken?: string | undefined
  /**
   * The type of `actorToken`, which is required for types other than `id_token`. Without it, `id_token` means the ID token of the
   * session. The server rejects a type with `invalid_request`.
   *
   * @default 'access_token'
   * @example
   * import { exchangeToken } from 'latchkey/exchange'
   * const { actors } = await exchangeToken(auth, { actorToken: agentToken, actorTokenType: 'jwt' })
   * @see RFC 8693 section 3
   */
  actorTokenType?: TokenType | undefined
  /**
   * The logical name of the service that the new token is for. The server rejects an unknown one with `invalid_target`.
   *
   * @default none
   * @example
   * import { exchangeToken } from 'latchkey/exchange'
   * const { token } = await exchangeToken(auth, { audience: 'billing' })
   * @see RFC 8693 section 2.1
   */
  audience?: string | string[] | undefined
  /**
   * The URI of the service that the new token is for: an absolute URI without a fragment. The server rejects an unknown one with
   * `invalid_target`.
   *
   * @default none
   * @example
   * import { exchangeToken } from 'latchkey/exchange'
   * const { token } = await exchangeToken(auth, { resource: 'https://billing.example.com' })
   * @see RFC 8693 section 2.1, RFC 8707 section 2
   */
  resource?: string | string[] | undefined
  /**
   * The scope of the new token, space-separated. The server rejects a scope with `invalid_scope`; the granted scope is in the result.
   *
   * @default the server's choice
   * @example
   * import { exchangeToken } from 'latchkey/exchange'
   * const { token, scope } = await exchangeToken(auth, { scope: 'bills:read' })
   * @see RFC 8693 section 2.1
   */
  scope?: string | undefined
  /**
   * The type of the new token; not `refresh_token`. The server rejects a type with `invalid_request`. If it issues a refresh token
   * anyway, the call rejects with `invalid_token_response`.
   *
   * @default the server's choice
   * @example
   * import { exchangeToken } from 'latchkey/exchange'
   * const { token, issuedTokenType } = await exchangeToken(auth, { requestedTokenType: 'saml2' })
   * @see RFC 8693 section 2.1, RFC 8693 section 3
   */
  requestedTokenType?: TokenType | undefined
}

/** The result of a token exchange (RFC 8693 section 2.2.1). */
export interface ExchangedToken {
  /** The new token. It is not validated: that is up to its recipient. */
  token: string
  /** How to use the token, in lower case: `bearer`, `dpop`, or `n_a` if it is not an access token (RFC 8693 section 2.2.1). */
  tokenType: string
  /** The type of the token: a short name such as `access_token` for the URNs of RFC 8693, otherwise a URI. */
  issuedTokenType: TokenType
  /** The expiry, in milliseconds since 1970 by this device's clock; `Number.MAX_SAFE_INTEGER` if the server gave none. */
  expiresAt: number
  /** The granted scope, space-separated. If the server did not return one, the requested scope, or an empty string. */
  scope: string
  /**
   * Who acts for the subject, from the `act` claim of the token: the current actor first, then the previous one, and so on
   * (RFC 8693 section 4.1). Empty if the token names no actor, undefined if it is not a JWT. Not verified: for display only.
   */
  actors: Actor[] | undefined
}

/** The grant type of a token exchange (RFC 8693 section 2.1). */
export const exchangeGrantType = 'urn:ietf:params:oauth:grant-type:token-exchange'
const prefix = 'urn:ietf:params:oauth:token-type:'
const typeNames = /^((access|refresh|id)_token|jwt|saml[12]|.+:.+)$/

/**
 * Builds the form of a token exchange. Without a `subjectToken` it has no `subject_token`: the token of the session is added later.
 * Throws a `TypeError` that names the option and contains no token.
 */
export function buildExchangeForm(options: ExchangeRequest): URLSearchParams {
  const request = withoutPrototype(options)
  const { subjectToken, subjectTokenType, actorToken, actorTokenType, requestedTokenType } = request
  const subject_token_type = toUri('subjectTokenType', subjectTokenType ?? 'access_token')
  const canFill = /:(access|refresh|id)_token$/.test(subject_token_type)
  checkOption('subjectToken', subjectToken || canFill, 'given with its type')
  // Otherwise a token that is missing by mistake would turn delegation into impersonation.
  const actor_token_type = actorTokenType && toUri('actorTokenType', actorTokenType)
  checkOption(
    'actorToken',
    actorToken || !actor_token_type || (isIdToken(actor_token_type) && !('actorToken' in request)),
    'given with its type',
  )
  checkOption(
    'requestedTokenType',
    !/\brefresh_token$/.test(`${requestedTokenType}`),
    'a type other than refresh_token',
  )
  const parameters = {
    grant_type: exchangeGrantType,
    subject_token: subjectToken,
    subject_token_type,
    actor_token: actorToken,
    actor_token_type: actor_token_type ?? (actorToken && toUri('actorTokenType', 'access_token')),
    audience: request.audience,
    resource: toResources(request.resource),
    scope: request.scope,
    requested_token_type: requestedTokenType && toUri('requestedTokenType', requestedTokenType),
  }
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters))
    for (const one of [value ?? []].flat()) {
      checkOption(name, one && typeof one === 'string', 'a non-empty string')
      form.append(name, one)
    }
  return form
}

/**
 * Requests a token in exchange for another one: for the refresh token or ID token of the session, if `parameters` has no subject
 * token. Runs in the vault. A refresh token in the response is discarded, because nothing here stores it. It would outlive the
 * page, so it is also revoked, unless the subject is a token of the session: the server may then revoke the whole grant along with
 * it (RFC 7009 section 2.1).
 */
export async function requestExchange(
  server: GrantServer,
  parameters: [name: string, value: string][],
  getSession: () => Promise<OwnTokens | null>,
): Promise<ExchangedToken> {
  const form = new URLSearchParams(parameters)
  const sendsOwnToken =
    !form.has('subject_token') || (form.has('actor_token_type') && !form.has('actor_token'))
  await fillIn(form, 'subject_token', getSession)
  if (form.has('actor_token_type')) await fillIn(form, 'actor_token', getSession)
  // The type of a token that is not an access token (RFC 8693 section 2.2.1).
  const result = await server.requestToken(form, { n_a: () => {} }).catch(advise)
  const { access_token: token, token_type: tokenType, issued_token_type: type } = result
  const issuedTokenType = typeof type === 'string' ? type.replace(prefix, '') : ''
  const isRefreshToken = issuedTokenType === 'refresh_token'
  const unwanted = isRefreshToken ? token : result.refresh_token
  if (unwanted && !sendsOwnToken) {
    const subject = form.get('subject_token')!
    // Some servers do not rotate refresh tokens: the new one is the one that was sent.
    const isOurs = unwanted.includes(subject) || JSON.stringify(await getSession()).includes(subject)
    if (!isOurs) server.revokeToken(unwanted).catch(() => {})
  }
  if (!issuedTokenType || isRefreshToken) throw refuse('invalid_token_response', 'issued_token_type')
  if (server.caller.dpop && tokenType === 'bearer') throw refuse('invalid_token_response', 'token_type')
  return {
    token,
    tokenType,
    issuedTokenType,
    expiresAt: toEnd(result.expires_in),
    // Without `scope` in the response, the granted scope is the requested one (RFC 8693 section 2.2.1).
    scope: result.scope ?? form.get('scope') ?? '',
    actors: parseActors(token),
  }
}

/**
 * Matches the refusals of servers that do not exchange tokens for public clients. The last one is Keycloak's, if the client has it
 * disabled.
 */
const refusesApps = /^(invalid_client|un(authorized_client|supported_grant_type))|exchange is not enabled/

/** Adds advice to a refusal, because few servers let an app exchange tokens. */
function advise(refusal: AuthError): never {
  // Spring Authorization Server answers 401 without a body.
  if (refusal.status === 401 || refusesApps.test(refusal.code) || refusesApps.test(refusal.message))
    refusal.message +=
      '; if apps may not exchange here, send the access token to a service of yours and exchange it there (docs/beyond-the-login.md#token-exchange)'
  throw refusal
}

/** The tokens of a session that the vault can send without exposing them to the page. */
interface OwnTokens {
  refreshToken?: string | undefined
  idToken?: string | undefined
}

/** Fills in a token of the session, if the parameter is missing. */
async function fillIn(
  form: URLSearchParams,
  name: 'subject_token' | 'actor_token',
  getSession: () => Promise<OwnTokens | null>,
): Promise<void> {
  if (form.has(name)) return
  const session = await getSession()
  const usesIdToken = isIdToken(form.get(`${name}_type`)!)
  const token = usesIdToken ? session?.idToken : session?.refreshToken
  if (!token)
    throw new AuthError(
      'login_required',
      usesIdToken
        ? 'the session has no ID token: log in with the scope "openid"'
        : 'the session has no refresh token: enable refresh tokens at the server',
    )
  form.set(name, token)
}

/** Checks whether the URI of a token type is that of ID tokens. */
export function isIdToken(type: string): boolean {
  return type === `${prefix}id_token`
}

function toUri(option: string, type: string): string {
  // The value is not printed: passing a token in place of its type is an easy mistake.
  checkOption(option, typeNames.test(type), 'a token type or a URI')
  return type.includes(':') ? type : prefix + type
}
