import { checkOption } from '../../base/check-option.js'
import { AuthError } from '../../base/errors.js'
import { parseActors, type Actor } from './actors.js'
import type { GrantServer } from '../../protocol/grant-server.js'
import { refuse } from '../../protocol/refuse.js'
import { toResources } from '../../protocol/resources.js'
import { toEnd } from '../../protocol/to-end.js'

/** The token types of RFC 8693 section 3, by the last word of their URN. */
export type TokenTypeName = 'access_token' | 'refresh_token' | 'id_token' | 'jwt' | 'saml1' | 'saml2'

/** A token type: one of RFC 8693 section 3 by its short name or its URN, or another one by its URI. */
export type TokenType = TokenTypeName | (string & {})

/** What is asked for (RFC 8693 section 2.1). A wrong value is a `TypeError`, which prints no token. */
export interface ExchangeRequest {
  /**
   * The token of the party that the new token is about. Without it: the client's own access token, or with the
   * `subjectTokenType` `refresh_token` the refresh token of the session, which is filled in where it is kept.
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
   * What `subjectToken` is. One other than `access_token` and `refresh_token` needs a `subjectToken`. The server refuses a type
   * with `invalid_request`.
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
   * What `actorToken` is; sent with an actor token only, and always with one. The server refuses a type with `invalid_request`.
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
  const canFill = /:(access|refresh)_token$/.test(subject_token_type)
  checkOption('subjectToken', subjectToken || canFill, 'given with its type')
  // Else a token that is missing by mistake would turn delegation into impersonation.
  checkOption('actorToken', actorToken || !actorTokenType, 'given with its type')
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
    actor_token_type: actorToken && toUri('actorTokenType', actorTokenType ?? 'access_token'),
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
 * Asks for a token in exchange for another one: the session's refresh token, where none is among the parameters. Runs in the
 * vault. A refresh token that comes along is dropped: nobody here would keep it. It outlives the page, so it is revoked as well,
 * but not for a token of the session itself: a server may end the whole grant with it (RFC 7009 section 2.1).
 */
export async function requestExchange(
  server: GrantServer,
  parameters: [name: string, value: string][],
  getSession: () => Promise<{ refreshToken?: string | undefined } | null>,
): Promise<ExchangedToken> {
  const form = new URLSearchParams(parameters)
  if (!form.has('subject_token')) {
    const ours = (await getSession())?.refreshToken
    if (!ours)
      throw new AuthError(
        'login_required',
        'the session has no refresh token: enable refresh tokens at the server',
      )
    form.set('subject_token', ours)
  }
  // The type of a token that is not an access token (RFC 8693 section 2.2.1).
  const result = await server.requestToken(form, { n_a: () => {} })
  const { access_token: token, token_type: tokenType, issued_token_type: type } = result
  const issuedTokenType = typeof type === 'string' ? type.replace(prefix, '') : ''
  const isRefreshToken = issuedTokenType === 'refresh_token'
  const unwanted = isRefreshToken ? token : result.refresh_token
  if (unwanted) {
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

function toUri(option: string, type: string): string {
  // Not printed: a token where its type belongs is an easy mistake.
  checkOption(option, typeNames.test(type), 'a token type or a URI')
  return type.includes(':') ? type : prefix + type
}
