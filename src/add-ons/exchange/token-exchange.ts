import {
  genericTokenEndpointRequest,
  processGenericTokenEndpointResponse,
  type AuthorizationServer,
} from 'oauth4webapi'
import { checkOption } from '../../base/check-option.js'
import { AuthError } from '../../base/errors.js'
import { parseActors, type Actor } from './actors.js'
import { refuse } from '../../protocol/to-auth-error.js'
import { toResources } from '../../protocol/resources.js'
import { callServer, clientAuthentication, type Caller } from '../../protocol/server-call.js'
import { checkAccessToken, revokeToken, toEnd } from '../../protocol/token-request.js'

/** The token types of RFC 8693 section 3, by the last word of their URN. */
export type TokenTypeName = 'access_token' | 'refresh_token' | 'id_token' | 'jwt' | 'saml1' | 'saml2'

/** A token type: one of RFC 8693 section 3 by its short name or its URN, or another one by its URI. */
export type TokenType = TokenTypeName | (string & {})

/** What is asked for (RFC 8693 section 2.1). A wrong value is a `TypeError`, which prints no token. */
export interface ExchangeRequest {
  /**
   * The token of the party that the new token is about. Without it: the client's own access token, or with the
   * `subjectTokenType` `refresh_token` or `id_token` that token of the session, which is filled in where it is kept.
   *
   * The server refuses one with `invalid_request` or `invalid_grant`. Nobody is logged in whose token could be sent:
   * `login_required`; another tab is using the refresh token, or its last renewal had no answer: `busy`, until a renewal has.
   *
   * @default the client's own
   * @example
   * import { exchangeToken } from 'latchkey/exchange'
   * const { token } = await exchangeToken(auth, { subjectToken: agentToken, scope: 'bills:read' })
   * @see RFC 8693 section 2.1
   */
  subjectToken?: string | undefined
  /**
   * What `subjectToken` is. One other than `access_token`, `refresh_token` and `id_token` needs a `subjectToken`. An ID token of the
   * session that has expired is renewed first, if a renewal brings one. The server refuses a type with `invalid_request`.
   *
   * @default 'access_token'
   * @example
   * import { exchangeToken } from 'latchkey/exchange'
   * const { token } = await exchangeToken(auth, { subjectToken: agentToken, subjectTokenType: 'jwt' })
   * @see RFC 8693 section 3
   */
  subjectTokenType?: TokenType | undefined
  /**
   * The token of the party that is going to act. With it, it is delegation; without it, impersonation. The server refuses one with
   * `invalid_request` or `invalid_grant`; for an actor that may not act it chooses the code.
   *
   * @default none
   * @example
   * import { exchangeToken } from 'latchkey/exchange'
   * const { actors } = await exchangeToken(auth, { actorToken: agentToken })
   * @see RFC 8693 section 1.1, RFC 8693 section 2.1
   */
  actorToken?: string | undefined
  /**
   * What `actorToken` is; sent with an actor token only, and always with one. `id_token` without an `actorToken` is the ID token of the
   * session, filled in where it is kept. The server refuses a type with `invalid_request`.
   *
   * @default 'access_token'
   * @example
   * import { exchangeToken } from 'latchkey/exchange'
   * const { actors } = await exchangeToken(auth, { actorToken: agentToken, actorTokenType: 'jwt' })
   * @see RFC 8693 section 3
   */
  actorTokenType?: TokenType | undefined
  /**
   * Where the new token is going to be used, by the name that the server knows it by; else `invalid_target`.
   *
   * @default none
   * @example
   * import { exchangeToken } from 'latchkey/exchange'
   * const { token } = await exchangeToken(auth, { audience: 'billing' })
   * @see RFC 8693 section 2.1
   */
  audience?: string | string[] | undefined
  /**
   * Where the new token is going to be used, absolute URIs without a fragment; one that the server does not know is
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
   * Space-separated scope of the new token. The server refuses one with `invalid_scope`; what it granted is in the answer.
   *
   * @default what the server makes of the subject token's
   * @example
   * import { exchangeToken } from 'latchkey/exchange'
   * const { token, scope } = await exchangeToken(auth, { scope: 'bills:read' })
   * @see RFC 8693 section 2.1
   */
  scope?: string | undefined
  /**
   * What the new token shall be; anything but a refresh token. The server refuses a type with `invalid_request`; a refresh token
   * that comes all the same is `invalid_token_response`.
   *
   * @default the server's choice
   * @example
   * import { exchangeToken } from 'latchkey/exchange'
   * const { token, issuedTokenType } = await exchangeToken(auth, { requestedTokenType: 'saml2' })
   * @see RFC 8693 section 2.1, RFC 8693 section 3
   */
  requestedTokenType?: TokenType | undefined
}

/** A token that was issued in exchange for another one (RFC 8693 section 2.2.1). */
export interface ExchangedToken {
  /** The new token. It is not looked into: whether it is good is for its receiver to say. */
  token: string
  /** How to use it, in lower case: `bearer`, or `n_a` when it is no access token (RFC 8693 section 2.2.1). */
  tokenType: string
  /** What it is: the last word of a URN under `urn:ietf:params:oauth:token-type:`, such as `access_token`; else a URI. */
  issuedTokenType: TokenType
  /** When it ends, in milliseconds since 1970 by this device's clock; `Number.MAX_SAFE_INTEGER` when the server named no end. */
  expiresAt: number
  /** The scope that was granted, space-separated; what was asked for when the server named none, else empty. */
  scope: string
  /**
   * Who acts for the subject, out of the token's `act` claim: the current actor first, then the one before, and so on
   * (RFC 8693 section 4.1). Empty when the token names nobody, undefined when it is no JWT. For display: it was not verified.
   */
  actors: Actor[] | undefined
}

const grant_type = 'urn:ietf:params:oauth:grant-type:token-exchange'
const prefix = 'urn:ietf:params:oauth:token-type:'
const typeNames = /^((access|refresh|id)_token|jwt|saml[12]|.+:.+)$/

/**
 * Builds the form of a request. Left out is the subject token where none was given: the session's own is filled in.
 * Throws a `TypeError` that names the option or parameter, and prints no token.
 */
export function buildExchangeForm(request: ExchangeRequest): URLSearchParams {
  const { subjectToken, subjectTokenType, actorToken, actorTokenType, requestedTokenType } = request
  const subject_token_type = toUri('subjectTokenType', subjectTokenType ?? 'access_token')
  const canFill = /:(access|refresh|id)_token$/.test(subject_token_type)
  checkOption('subjectToken', subjectToken || canFill, 'given with its type')
  const actor_token_type = actorTokenType && toUri('actorTokenType', actorTokenType)
  // Else a token that is missing by mistake would turn delegation into impersonation.
  checkOption(
    'actorToken',
    actorToken || !actor_token_type || isIdToken(actor_token_type),
    'given with its type',
  )
  checkOption(
    'requestedTokenType',
    !/\brefresh_token$/.test(`${requestedTokenType}`),
    'a type other than refresh_token',
  )
  const parameters = {
    grant_type,
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
 * Asks for a token in exchange for another one: the session's refresh or ID token, where none is among the parameters. Runs in the
 * vault. A refresh token that comes along is dropped: nobody here would keep it. It outlives the page, so it is revoked as well,
 * but not for a token of the session itself: a server may end the whole grant with it (RFC 7009 section 2.1).
 */
export function requestExchange(
  caller: Caller,
  as: AuthorizationServer,
  parameters: [name: string, value: string][],
  getSession: () => Promise<OwnTokens | null>,
): Promise<ExchangedToken> {
  const { client } = caller
  const exchange = callServer(caller, 'the token endpoint', as.token_endpoint!, async (options) => {
    const form = new URLSearchParams(parameters)
    await fillIn(form, 'subject_token', getSession)
    if (form.has('actor_token_type')) await fillIn(form, 'actor_token', getSession)
    const response = await genericTokenEndpointRequest(
      as,
      client,
      clientAuthentication,
      grant_type,
      form,
      options,
    )
    const result = await processGenericTokenEndpointResponse(as, client, response, {
      // RFC 8693 section 2.2.1: `N_A` is the type of what is no access token.
      recognizedTokenTypes: { n_a: () => {} },
    })
    const { access_token: token, token_type: tokenType, issued_token_type: type } = result
    if (tokenType !== 'n_a') checkAccessToken(token)
    const issuedTokenType = typeof type === 'string' ? type.replace(prefix, '') : ''
    const isRefreshToken = issuedTokenType === 'refresh_token'
    const unwanted = isRefreshToken ? token : result.refresh_token
    if (unwanted) {
      const sent = form.get('subject_token')!
      // Some servers do not rotate: what comes is what was sent.
      const isOurs = unwanted.includes(sent) || JSON.stringify(await getSession()).includes(sent)
      if (!isOurs) revokeToken(caller, as, unwanted).catch(() => {})
    }
    if (!issuedTokenType || isRefreshToken) throw refuse('invalid_token_response', 'issued_token_type')
    if (caller.dpop && tokenType === 'bearer') throw refuse('invalid_token_response', 'token_type')
    return {
      token,
      tokenType,
      issuedTokenType,
      expiresAt: toEnd(result.expires_in),
      // Left out means: as asked for (RFC 8693 section 2.2.1).
      scope: result.scope ?? form.get('scope') ?? '',
      actors: parseActors(token),
    }
  })
  return exchange.catch(advise)
}

/** The refusals of servers that exchange no tokens of public clients; the last is Keycloak's for a client that is not enabled. */
const refusesApps = /^(invalid_client|un(authorized_client|supported_grant_type))|exchange is not enabled/

/** Adds to a refusal what an app can do instead: few servers let it exchange tokens. */
function advise(refusal: AuthError): never {
  // Spring Authorization Server answers 401 without a body.
  if (refusal.status === 401 || refusesApps.test(refusal.code) || refusesApps.test(refusal.message))
    refusal.message +=
      '; if apps may not exchange here, send the access token to a service of yours and exchange it there (docs/beyond-the-login.md#token-exchange)'
  throw refusal
}

/** The tokens of a session that can be sent without being handed out. */
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
  // Not printed: a token where its type belongs is an easy mistake.
  checkOption(option, typeNames.test(type), 'a token type or a URI')
  return type.includes(':') ? type : prefix + type
}
