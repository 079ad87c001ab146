import { checkText, scopeText } from '../base/check-option.js'
import { AuthError } from '../base/errors.js'
import type { TokenOptions } from '../api/token-options.js'
import type { TokenSet } from '../api/token-set.js'
import type { SessionView } from '../vault/vault.js'
import type { Session } from './session.js'

/** The session while a user is logged in. */
export type LiveSession = NonNullable<SessionView['session']>

/** How long after its arrival a token is not renewed just because an API refuses it, in milliseconds. */
const newFor = 10_000

/** Builds the key that an access token is stored under. It is empty for the login's own resource, scope and authorization details. */
export function buildTokenKey(
  { resource, scope, authorizationDetails: details }: TokenOptions,
  resources: string[],
): string {
  const [first] = resources
  if (scope === undefined && !details && (resource ?? first) === first) return ''
  const parts = [resource ?? first, ...split(scope).sort(), details ? JSON.stringify(details) : []]
  // Without a resource (an empty one), the key must differ from the login's own. A plain word cannot be mistaken for a URI.
  return parts.flat().join(' ') || 'none'
}

/** Tells whether a token is valid for at least that many more seconds. */
export function isFresh({ expiresAt }: Pick<TokenSet, 'expiresAt'>, seconds = 30): boolean {
  return expiresAt - Date.now() > seconds * 1000
}

/** Tells whether a token has just arrived. An API that refuses it would refuse the next one as well. */
export function isNew({ receivedAt }: TokenSet): boolean {
  return Math.abs(Date.now() - receivedAt!) < newFor
}

/**
 * Returns the session if it covers the options. Other options are rejected without a request, because a server may revoke the refresh
 * token for the attempt.
 */
export function requireSession({ session }: SessionView, options?: TokenOptions): LiveSession {
  const resource = options?.resource
  if (!session) throw new AuthError('login_required', 'nobody is logged in: call login()')
  if (resource && !session.resources.includes(resource))
    throw new AuthError(
      'resource_not_requested',
      `the login did not request "resource" ${resource}: add it in createClient() or login()`,
    )
  return session
}

/** Gets the view of the session. Asks the vault if nothing is known: nobody has logged in, or the vault did not respond. */
export async function getKnownView(session: Pick<Session, 'getView' | 'sync'>): Promise<SessionView> {
  const view = session.getView()
  return view.generation ? view : session.sync()
}

/** The owner of a session: the "sub" of the user, or the time of the login if there is no user (plain OAuth). */
export type Owner = string | number | undefined

/** Identifies the owner of the session; undefined if nobody is logged in. */
export function identifyOwner({ session }: SessionView): Owner {
  return session?.user?.sub ?? session?.loggedInAt
}

/** Throws if the session is over, or belongs to another user. */
export function checkOwner(view: SessionView, owner: Owner): void {
  requireSession(view)
  if (identifyOwner(view) !== owner)
    throw new AuthError('user_changed', 'another user has logged in since the call began')
}

/**
 * Throws if a token covers less than the scope. The last segment of a URI counts as the URI: Microsoft Entra ID grants `User.Read`
 * for `https://graph.microsoft.com/User.Read`. This is only a report; the server enforces the scope.
 */
export function checkScope(token: TokenSet, scope: string | undefined): TokenSet {
  if (!scope) return token
  const granted = split(token.scope)
  const missing = split(scope).filter(
    (one) => !granted.includes(one) && !granted.includes(one.replace(/^\w+:\/\/.*\//, '')),
  )
  if (!missing.length) return token
  throw new AuthError(
    'insufficient_scope',
    `the server did not grant the scope "${missing.join(' ')}": request it in login(), or allow it for the client`,
  )
}

function split(scope = ''): string[] {
  checkText('scope', scope, scopeText)
  return scope.split(' ').filter(Boolean)
}
