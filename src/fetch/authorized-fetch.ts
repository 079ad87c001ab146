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

/**
 * What some servers take for a step up or another folder, and no URL parser does: encoded dots, slashes and backslashes, however often
 * encoded, and a dot segment with a parameter (`..;/`).
 */
const evasive = /%(25)*(2[ef]|5c)|\/\.\.?(;|%3b)/i

/**
 * Finds the API that a URL belongs to: the same origin, and its path or one below it, which must not lead out of there. The longest
 * path wins. That `http:` is only for this device itself was checked with the options.
 */
export function findApi(apis: ResolvedApi[], href: string): ResolvedApi | undefined {
  const { origin, pathname } = new URL(href)
  return apis
    .filter(({ url }) => {
      const api = new URL(url)
      const folder = api.pathname.replace(/\/$/, '')
      if (origin !== api.origin) return false
      if (!`${pathname}/`.startsWith(`${folder}/`)) return false
      return !folder || !evasive.test(pathname.slice(folder.length))
    })
    .sort((one, other) => other.url.length - one.url.length)[0]
}

/**
 * Logs in again where an API's answer asks for a stronger or fresher login (RFC 9470 section 4) or for more scope (RFC 6750
 * section 3.1), and gives the scope that was added, which can be empty; undefined when the answer says nothing of the kind.
 * Nobody is asked to log in for the request of another user, nor in a session without an ID token, where nobody could tell.
 */
export type StepUp = (response: Response, owner: Owner, signal: AbortSignal) => Promise<string | undefined>

/** What an authorized fetch needs of its client. */
export interface FetchParts {
  config: Pick<Config, 'apis' | 'dpop'>
  session: Pick<Session, 'getView'>
  vault: Pick<Vault, 'prove'>
  getTokenSet: GetTokenSet
}

/** Tells whether an answer says that the token was not good (RFC 6750 section 3.1). Needs `WWW-Authenticate` to be exposed. */
export function refusesToken(response: Response): boolean {
  return response.status === 401 && readChallenge(response, 'error') === 'invalid_token'
}

/** Tells whether an answer asks for another login, or for more scope (RFC 9470 section 3, RFC 6750 section 3.1). */
export function asksForLogin(response: Response): boolean {
  return /^insufficient_(scope|user_authentication)$/.test(readChallenge(response, 'error'))
}

/**
 * Fetches from a named API with its token; after a 401 `invalid_token` once more with a fresh one, unless the refused one was
 * fresh; after a step-up once more with what that gave. Any other answer is given back untouched. Nothing is sent with the token of
 * another user than the one who was logged in when it was called, nor waited for once the request's signal is aborted.
 *
 * @param stepUp undefined where the token is none of the session's: whose it is does not matter here, and the first answer stands
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
      `no entry of "apis" covers ${url.split(/[?#]/)[0]}: add it in createClient() (an entry with a path covers no encoded dots or slashes)`,
    )
  let owner = identifyOwner(session.getView())
  const getOwnToken = async (options: TokenOptions, refused?: string): Promise<TokenSet> => {
    const token = await unlessAborted(getTokenSet(options, refused), signal)
    // The store was still being read when it was called: nobody was shown until now.
    owner ??= identifyOwner(session.getView())
    if (stepUp) checkOwner(session.getView(), owner)
    return token
  }
  // A stream could be sent again only by keeping all of it: the answer speaks for itself then.
  const isReplayable = !(init?.body instanceof ReadableStream)
  // Never followed: a redirect could carry the token to where it does not belong.
  const redirect = request.redirect === 'error' ? 'error' : 'manual'
  const send = async ({ accessToken }: TokenSet, from: Request): Promise<Response> => {
    const authorized = new Request(from, { redirect })
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
  const spare = stepUp && isReplayable && request.clone()
  const token = await getOwnToken(api)
  const response = await send(token, request)
  if (!spare) return response
  if (refusesToken(response)) {
    const next = await getOwnToken(api, token.accessToken)
    return next.accessToken === token.accessToken ? response : send(next, spare)
  }
  const addedScope = await stepUp(response, owner, signal)
  if (addedScope === undefined) return response
  const scope = api.scope && `${api.scope} ${addedScope}`
  return send(await getOwnToken({ ...api, scope }), spare)
}
