import { AuthError } from '../base/errors.js'
import { isAuthError } from '../base/is-auth-error.js'
import { unlessAborted } from '../base/abort.js'
import type { Store } from '../api/store.js'
import { parseCallbackUrl, validateAuthorizationResponse } from '../protocol/authorization-response.js'
import { isProofError, isRefusal, isUnprocessed } from '../protocol/to-auth-error.js'
import { pushAuthorizationRequest } from '../protocol/pushed-request.js'
import type { Caller } from '../protocol/server-call.js'
import { isOpenId } from '../protocol/scope.js'
import type { Transaction } from '../protocol/transaction.js'
import { redeemCode, redeemRefreshToken, revokeToken, type Grant } from '../protocol/token-request.js'
import { buildBusyError } from './busy-error.js'
import { openServerCache, type ServerOptions } from './server-cache.js'
import { buildView, type CommitConditions } from './session-record.js'
import type { SessionRepository } from './session-repository.js'
import type { StoredSession } from './stored-session.js'
import type { SessionView, Vault } from './vault.js'

/** How long a revocation may take, in milliseconds. */
const revocationLimit = 2000

/** Creates the vault that lives in this thread, over the stored session and a store whose every operation settles. */
export function createLocalVault(
  options: ServerOptions,
  store: Store,
  caller: Caller,
  repository: SessionRepository,
): Vault {
  const { record, read, remember, load, clear } = repository
  const cacheStore = { ...store, get: repository.readServer }
  const server = openServerCache(cacheStore, repository.serverName, caller, options)
  const { getKeys, metadata, hints, learn, use } = server
  /** Whether an attempt to log in is under way, or came to nothing. */
  let unanswered = false

  const revoke = async (token: string | undefined) => {
    if (!token) return
    // The metadata too can be what never comes.
    const revocation = use(async (as) =>
      as.revocation_endpoint ? revokeToken(caller, as, token) : undefined,
    )
    try {
      await unlessAborted(revocation, AbortSignal.timeout(revocationLimit))
    } catch (error) {
      throw isAuthError(error)
        ? error
        : new AuthError('timeout', 'the revocation endpoint did not answer in time')
    }
  }

  /** Commits what was received. Where a logout was quicker, it is revoked; after another login it is dropped. */
  const commit = async (
    session: StoredSession,
    { refreshToken, tokenSet }: Grant,
    conditions: CommitConditions,
  ): Promise<SessionView> => {
    const stored = await record.commit(session, conditions)
    if (stored) return buildView(remember(stored))
    const now = (await read()).session
    // Not after another login: the server may have made it part of the same grant.
    if (!now) await revoke(refreshToken ?? tokenSet.accessToken).catch(() => {})
    // Another tab has renewed the same session: nobody has to log in.
    if (now?.loggedInAt === session.loggedInAt) throw buildBusyError()
    throw new AuthError(
      'login_required',
      'the user logged out, or the session changed, before the token arrived: call login()',
    )
  }

  return {
    load,
    clear,
    async server(attempt) {
      const fresh = attempt && (unanswered || attempt === 'again')
      if (attempt) unanswered = true
      return {
        metadata: await metadata(fresh),
        hints: await hints(),
        jkt: await caller.dpop?.thumbprint(true),
        idTokenHint: repository.getLast()?.session?.idToken,
      }
    },
    push: (url) => use((as) => pushAuthorizationRequest(caller, as, new URL(url).searchParams)),
    prove: (request) => caller.dpop!.prove(request),
    warm: () => getKeys(false),
    learn,

    async redeem({ reply, transaction, key, renews, over, hints: learned }) {
      unanswered = false
      // The answer has come: a logout from now on is the last word.
      const { generation, session: current } = await read()
      const { redirectUri } = transaction
      const params =
        'href' in reply ? parseCallbackUrl(reply.href, redirectUri) : new URLSearchParams(reply.params)
      const valid = await use(async (as) =>
        validateAuthorizationResponse(as, caller.client, params, transaction),
      )
      // Beside the request for the token. A failure is none yet: they are asked for again when they are needed.
      if (isOpenId(transaction.scope)) getKeys(false).catch(() => {})
      const before = renews ? current : null
      const sub = before?.user?.sub ?? transaction.sub
      const grant = await use(
        (as) => redeemCode(caller, as, transaction, valid, sub, getKeys),
        'token_endpoint',
      )
      const base = before ?? startSession(transaction, await caller.dpop?.thumbprint())
      // A renewal for less brings a token, and nothing that the session would rest on.
      const isFull = nameRights(base) === nameRights(transaction)
      const session = addToken(isFull ? renewSession(base, grant, transaction.nonce) : base, key, grant)
      const view = await commit(session, grant, {
        ifGeneration: over,
        noLogoutAfter: transaction.since ?? generation,
      })
      if (learned) void learn(learned)
      return view
    },

    async token({ key, over, ...request }) {
      // Before the mark: where they are not to be had, nothing was sent.
      await metadata()
      const last = repository.getLast()
      const stored = last?.session?.refreshToken && last.generation === over ? last : await read()
      const { generation, session } = stored
      if (generation !== over) throw buildBusyError()
      if (!session?.refreshToken)
        throw new AuthError(
          'login_required',
          'the session has no refresh token: enable refresh tokens at the server',
        )
      const { refreshToken, user } = session
      // Marked before it is sent: whoever finds the mark knows that the server may have rotated it. One of many gets to do that.
      const marked = await record.mark(stored)
      if (!marked) throw buildBusyError()
      remember(marked)
      const ifGeneration = marked.generation
      let grant: Grant
      try {
        grant = await use(
          (as) =>
            redeemRefreshToken(caller, as, refreshToken, request, { ...session, sub: user?.sub }, getKeys),
          'token_endpoint',
        )
      } catch (thrown) {
        const error = thrown as AuthError
        // By the token endpoint's own answer. Not processed: the token is what it was before. Refused: it is gone. Anything else
        // leaves the mark: a gateway's answer, and a forged one, may hide that the server has rotated it. So may a refusal of
        // less than the login asked for (a key of its own): oidc-provider rotates before it looks at `resource`.
        if (isUnprocessed(error) || isProofError(error.code)) await record.commit(session, { ifGeneration })
        else if (error.code === 'invalid_grant' || (!key && isRefusal(error)))
          await record.commit(
            { ...session, refreshToken: undefined, inDoubt: false, refused: true },
            { ifGeneration },
          )
        throw error
      }
      const { unjudged } = grant
      const isFull = !request.scope && !unjudged
      const renewed: StoredSession = {
        ...session,
        ...(isFull && readIdToken(grant)),
        refreshToken: grant.refreshToken ?? refreshToken,
        inDoubt: false,
      }
      const view = await commit(unjudged ? renewed : addToken(renewed, key, grant), grant, { ifGeneration })
      if (unjudged) throw unjudged
      return view
    },

    grant: async (parameters, request) =>
      use(
        (as) => request(caller, as, parameters, async () => (await read()).session, getKeys),
        new Map(parameters).has('grant_type') ? 'token_endpoint' : undefined,
      ),

    revoke: () => revoke(repository.takeUnrevoked()),
  }
}

/** Names what a grant was asked for, to be compared. */
function nameRights({ scope, authorizationDetails }: Pick<StoredSession, 'scope' | 'authorizationDetails'>) {
  return JSON.stringify([scope, authorizationDetails])
}

/** Starts the session of a login, without anything that a grant brings. */
function startSession(transaction: Transaction, jkt: string | undefined): StoredSession {
  return {
    user: null,
    scope: transaction.scope,
    resources: transaction.resources,
    params: transaction.params,
    authorizationDetails: transaction.authorizationDetails,
    tokens: {},
    loggedInAt: Date.now(),
    jkt,
  }
}

/** Continues a session by a new grant of all that its login asked for. */
function renewSession(session: StoredSession, grant: Grant, nonce: string | undefined): StoredSession {
  const renewed = { ...session, ...readIdToken(grant) }
  if (!grant.refreshToken) return renewed
  return { ...renewed, refreshToken: grant.refreshToken, nonce, inDoubt: false, refused: false }
}

function addToken(session: StoredSession, key: string, { tokenSet }: Grant): StoredSession {
  return { ...session, tokens: { ...session.tokens, [key]: tokenSet } }
}

/** Reads what the session keeps of an ID token, where one came. */
function readIdToken({ claims, idToken }: Grant): Partial<StoredSession> | undefined {
  return claims && { user: claims, idToken, clockAhead: claims.iat - Date.now() / 1000 }
}
