import { checkText, scopeText } from '../base/check-option.js'
import { AuthError } from '../base/errors.js'
import type { TokenOptions } from '../api/token-options.js'
import type { TokenSet } from '../api/token-set.js'
import type { SessionView } from '../vault/vault.js'

/** What is known of a session while somebody is logged in. */
export type LiveSession = NonNullable<SessionView['session']>

/** How long a token that an API refuses is not renewed for that, in milliseconds since it came. */
const newFor = 10_000

/** Builds the key that an access token is kept under; empty for the login's own resource, scope and authorization details. */
export function buildTokenKey(
  { resource, scope, authorizationDetails: details }: TokenOptions,
  resources: string[],
): string {
  const [first] = resources
  if (scope === undefined && !details && (resource ?? first) === first) return ''
  const parts = [resource ?? first, ...split(scope).sort(), details ? JSON.stringify(details) : []]
  // Never that of the login's own resource: for no resource (empty) it is a word, which no URI is.
  return parts.flat().join(' ') || 'none'
}

/** Tells whether a token is good for so many seconds from now on. */
export function isFresh({ expiresAt }: Pick<TokenSet, 'expiresAt'>, seconds = 30): boolean {
  return expiresAt - Date.now() > seconds * 1000
}

/** Tells whether a token came a moment ago: whoever refuses it would refuse the next one as well. */
export function isNew({ receivedAt }: TokenSet): boolean {
  return Math.abs(Date.now() - receivedAt!) < newFor
}

/**
 * Gets the session that can give what is asked for. Refuses the rest without a request: the server could take the refresh
 * token for the attempt.
 */
export function requireSession({ session }: SessionView, { resource }: TokenOptions): LiveSession {
  if (!session) throw new AuthError('login_required', 'nobody is logged in: call login()')
  if (resource && !session.resources.includes(resource))
    throw new AuthError(
      'resource_not_requested',
      `the login did not request "resource" ${resource}: add it in createClient() or login()`,
    )
  return session
}

/** Whose session it is: the user's "sub", or when the login was, where there is no user (plain OAuth). */
export type Owner = string | number | undefined

/** Tells whose session it is; undefined when nobody is logged in. */
export function identifyOwner({ session }: SessionView): Owner {
  return session?.user?.sub ?? session?.loggedInAt
}

/** Refuses to go on in a session that is over, or another user's. */
export function checkOwner(view: SessionView, owner: Owner): void {
  requireSession(view, {})
  if (identifyOwner(view) !== owner)
    throw new AuthError('user_changed', 'another user has logged in since the call began')
}

/**
 * Refuses a token that covers less than was asked for. A URI can be granted by its last segment: Microsoft Entra ID answers
 * `User.Read` for `https://graph.microsoft.com/User.Read`. What the token allows is the server's affair; this is a report.
 */
export function checkScope(token: TokenSet, asked: string | undefined): TokenSet {
  if (!asked) return token
  const granted = split(token.scope)
  const missing = split(asked).filter(
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
