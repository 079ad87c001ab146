import { AuthError } from '../base/errors.js'
import { unlessAborted } from '../base/abort.js'
import type { TokenOptions } from '../api/token-options.js'
import type { TokenSet } from '../api/token-set.js'
import { readChallenge } from './challenge.js'
import type { Vault } from '../vault/vault.js'
import type { Config, ResolvedApi } from '../session/config.js'
import type { GetTokenSet } from '../session/get-token.js'
import type { Session } from '../session/session.js'
import { checkOwner, identifyOwner, type Owner } from '../session/tokens.js'
import { withoutPrototype } from '../base/without-prototype.js'

/**
 * Path segments that some servers resolve, but no URL parser does: encoded dots, slashes and backslashes, however often encoded, and a
 * dot segment with a parameter (`..;/`).
 */
const evasivePath = /%(25)*(2[ef]|5c)|\/\.\.?(;|%3b)/i

/**
 * Finds the API that a URL belongs to: same origin, and the path of the API or one below it, which must not lead out of it. The longest
 * path wins. `http:` is limited to localhost when the options are checked.
 */
export function findApi(apis: ResolvedApi[], href: string): ResolvedApi | undefined {
  const { origin, pathname } = new URL(href)
  return apis
    .filter(({ url }) => {
      const api = new URL(url)
      const folder = api.pathname.replace(/\/$/, '')
      if (origin !== api.origin) return false
      if (!`${pathname}/`.startsWith(`${folder}/`)) return false
      return !folder || !evasivePath.test(pathname.slice(folder.length))
    })
    .sort((one, other) => other.url.length - one.url.length)[0]
}

/**
 * Logs in again if the response of an API requires a stronger or more recent login (RFC 9470 section 4) or more scope (RFC 6750
 * section 3.1). Returns the added scope, which may be empty, or undefined if the response requires no login. Rejects if another user
 * has logged in since, or if the session has no ID token that identifies the user.
 */
export type StepUp = (response: Response, owner: Owner, signal: AbortSignal) => Promise<string | undefined>

/** What an authorized fetch needs from its client. */
export interface FetchParts {
  config: Pick<Config, 'apis' | 'dpop'>
  session: Pick<Session, 'getView'>
  vault: Pick<Vault, 'prove'>
  getTokenSet: GetTokenSet
}

/** Tells whether an API rejected the token as invalid (RFC 6750 section 3.1). The API must expose `WWW-Authenticate`. */
export function refusesToken(response: Response): boolean {
  return response.status === 401 && readChallenge(response, 'error') === 'invalid_token'
}

/** Tells whether a response requires another login or more scope (RFC 9470 section 3, RFC 6750 section 3.1). */
export function requiresLogin(response: Response): boolean {
  return /^insufficient_(scope|user_authentication)$/.test(readChallenge(response, 'error'))
}

/**
 * Fetches from an API with its token. After a 401 `invalid_token`, sends the request once more with a new token, unless the rejected
 * one was new; after a step-up, once more with the token of that login. Returns any other response as is. Never sends the token of a
 * user who logged in after the call, and rejects as soon as the signal of the request is aborted.
 *
 * @param stepUp undefined if the token does not belong to the session. Its owner is then not checked, and the first response is final
 */
export async function authorizedFetch(
  { config, session, vault, getTokenSet }: FetchParts,
  stepUp: StepUp | undefined,
  input: RequestInfo | URL,
  init: RequestInit | undefined,
): Promise<Response> {
  const request = new Request(input, init)
  const { url, signal } = request
  signal.throwIfAborted()
  const api = findApi(config.apis, url)
  if (!api)
    throw new AuthError(
      'origin_not_allowed',
      `no entry of "apis" covers ${url.split(/[?#]/)[0]}: add it in createClient()`,
    )
  let owner = identifyOwner(session.getView())
  const getOwnToken = async (options: TokenOptions, refused?: string): Promise<TokenSet> => {
    const token = await unlessAborted(getTokenSet(options, refused), signal)
    // If the store was still being read at the call, the owner is only known now.
    owner ??= identifyOwner(session.getView())
    if (stepUp) checkOwner(session.getView(), owner)
    return token
  }
  // Sending a stream again would require keeping all of it, so the first response is final.
  const isReplayable = !(init?.body instanceof ReadableStream)
  // Never follow redirects: the target could be a server that must not get the token.
  const redirect = request.redirect === 'error' ? 'error' : 'manual'
  const send = async ({ accessToken }: TokenSet, original: Request): Promise<Response> => {
    const authorized = new Request(original, withoutPrototype<RequestInit>({ redirect }))
    authorized.headers.set('authorization', `Bearer ${accessToken}`)
    const response = await (config.dpop
      ? config.dpop.send(authorized, accessToken, vault.prove, isReplayable)
      : fetch(authorized))
    if (response.type === 'opaqueredirect' && request.redirect !== 'manual')
      throw new AuthError(
        'redirect_refused',
        `${api.url} answered with a redirect, which is not followed: fetch its target directly`,
      )
    return response
  }
  const copy = stepUp && isReplayable && request.clone()
  const token = await getOwnToken(api)
  const response = await send(token, request)
  if (!copy) return response
  if (refusesToken(response)) {
    const next = await getOwnToken(api, token.accessToken)
    return next.accessToken === token.accessToken ? response : send(next, copy)
  }
  const addedScope = await stepUp(response, owner, signal)
  if (addedScope === undefined) return response
  const scope = api.scope && `${api.scope} ${addedScope}`
  return send(await getOwnToken({ ...api, scope }), copy)
}
