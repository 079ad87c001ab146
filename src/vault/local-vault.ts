import { AuthError } from '../base/errors.js'
import { isAuthError } from '../base/is-auth-error.js'
import { unlessAborted } from '../base/abort.js'
import type { Store } from '../api/store.js'
import { parseCallbackUrl, validateAuthorizationResponse } from '../protocol/authorization-response.js'
import { createGrantServer } from '../protocol/grant-server.js'
import { isProofError, isRefusal, isUnprocessed } from '../protocol/to-auth-error.js'
import { pushAuthorizationRequest } from '../protocol/pushed-request.js'
import type { Caller } from '../protocol/server-call.js'
import { isOpenId } from '../protocol/scope.js'
import type { Transaction } from '../protocol/transaction.js'
import { revokeToken } from '../protocol/token-endpoint.js'
import { redeemCode, redeemRefreshToken, type Grant } from '../protocol/token-request.js'
import { buildBusyError } from './busy-error.js'
import { mergeEnds } from './merge-ends.js'
import { openServerCache, type ServerOptions } from './server-cache.js'
import { buildView } from './session-content.js'
import type { CommitConditions } from './session-record.js'
import type { SessionRepository } from './session-repository.js'
import { openSessionWriter } from './session-writer.js'
import { buildStoreError } from './store-error.js'
import type { StoredSession } from './stored-session.js'
import type { SessionView, Vault } from './vault.js'
import { withoutPrototype } from '../base/without-prototype.js'

/** How long a revocation may take, in milliseconds. */
const revocationLimit = 2000

/** Creates a vault in this thread, over the stored session and a store whose every operation settles. */
export function createLocalVault(
  options: ServerOptions,
  store: Store,
  caller: Caller,
  repository: SessionRepository,
): Vault {
  const { read, remember, load, clear } = repository
  const writer = openSessionWriter(store, repository.record)
  const cacheStore = { ...store, get: repository.readServer }
  const server = openServerCache(cacheStore, repository.serverName, caller, options)
  const { getKeys, use, updateHints } = server
  /** Whether the last login has received no response yet. */
  let unanswered = false

  const revoke = async (token: string | undefined) => {
    if (!token) return
    // The time limit includes the metadata, which may have to be requested first.
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

  /** Stores a new grant. If the user has logged out meanwhile, it is revoked; if another login was faster, it is discarded. */
  const commit = async (
    session: StoredSession,
    { refreshToken, tokenSet }: Grant,
    conditions: CommitConditions,
  ): Promise<SessionView> => {
    const stored = await writer.commit(session, conditions)
    if (stored) return buildView(remember(stored))
    const current = (await read()).session
    // Not after another login: the server may have made it part of the same grant.
    if (!current) await revoke(refreshToken ?? tokenSet.accessToken).catch(() => {})
    // Another tab has renewed the same session: nobody has to log in.
    if (current?.loggedInAt === session.loggedInAt) throw buildBusyError()
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
        metadata: await server.metadata(fresh),
        hints: await server.hints(),
        jkt: await caller.dpop?.thumbprint(true),
        idTokenHint: repository.getLast()?.session?.idToken,
      }
    },
    push: (url) => use((as) => pushAuthorizationRequest(caller, as, new URL(url).searchParams)),
    prove: (request) => caller.dpop!.prove(request),
    warm: () => getKeys(false),
    updateHints,

    async redeem({ reply, transaction, key, renews, ifGeneration }) {
      unanswered = false
      // Read before the code is sent: a logout from now on wins.
      const { generation, session: current, isWithheld } = await read()
      const { redirectUri } = transaction
      const params =
        'href' in reply ? parseCallbackUrl(reply.href, redirectUri) : new URLSearchParams(reply.params)
      const code = await use(async (as) =>
        validateAuthorizationResponse(as, caller.client, params, transaction),
      )
      // In parallel with the token request. If this fails, they are requested again when they are needed.
      if (isOpenId(transaction.scope)) getKeys(false).catch(() => {})
      const before = renews ? current : null
      const sub = before?.user?.sub ?? transaction.sub
      const iss = sub ? current?.user?.iss : undefined
      const grant = await use(
        (as) => redeemCode(caller, as, transaction, code, { sub, iss }, getKeys),
        'token_endpoint',
      )
      const base = before ?? startSession(transaction, await caller.dpop?.thumbprint())
      // A renewal that requests less only adds its token to the session.
      const isFull = nameRights(base) === nameRights(transaction)
      const session = addToken(isFull ? renewSession(base, grant, transaction.nonce) : base, key, grant)
      session.sessionState = params.get('session_state')
      // Once the store responds, this would replace the session that has the refresh token.
      if (before && isWithheld && !session.refreshToken) throw buildStoreError()
      const view = await commit(session, grant, {
        ifGeneration,
        noLogoutAfter: transaction.since ?? generation,
      })
      // A response that arrived in a frame shows that frames work, and a login may have changed whether they do.
      void updateHints({ silentFrames: 0 })
      return view
    },

    async token({ key, ifGeneration: expected, resource, scope, authorization_details }) {
      // By name: a script in the page can send any other parameter to a vault in a worker.
      const request = { resource, scope, authorization_details }
      // Before the mark: if the metadata is not available, nothing is sent.
      await server.metadata()
      const last = repository.getLast()
      const stored = last?.session?.refreshToken && last.generation === expected ? last : await read()
      const { generation } = stored
      const session = stored.session && withoutPrototype(stored.session)
      if (generation !== expected) throw buildBusyError()
      if (!session?.refreshToken)
        throw new AuthError(
          'login_required',
          'the session has no refresh token: enable refresh tokens at the server',
        )
      const { refreshToken, user } = session
      // Marked before it is sent: a tab that finds the mark knows that the server may have rotated it. Only one tab can set the mark.
      const marked = await writer.mark(stored)
      if (!marked) throw buildBusyError()
      remember(marked)
      const ifGeneration = marked.generation
      let grant: Grant
      try {
        grant = await use(
          (as) =>
            redeemRefreshToken(
              caller,
              as,
              refreshToken,
              request,
              { ...session, sub: user?.sub, iss: user?.iss },
              getKeys,
            ),
          'token_endpoint',
        )
      } catch (thrown) {
        const error = thrown as AuthError
        // If the token endpoint did not process it, the token is still valid. If it refused the token, the token is deleted. In any
        // other case the mark stays: a response of a gateway, or a forged one, can hide that the server has rotated the token. So can
        // the refusal of a request for less than the login requested (`key`): oidc-provider rotates before it checks `resource`.
        if (isUnprocessed(error) || isProofError(error)) await writer.commit(session, { ifGeneration })
        else if (error.code === 'invalid_grant' || (!key && isRefusal(error)))
          await writer.commit(
            { ...session, refreshToken: undefined, ends: undefined, inDoubt: false, refused: true },
            { ifGeneration },
          )
        throw error
      }
      const { unverified } = grant
      const isFull = !request.scope && !unverified
      const renewed: StoredSession = {
        ...session,
        ...(isFull && readIdToken(grant)),
        ends: mergeEnds(session.ends, grant.ends),
        refreshToken: grant.refreshToken ?? refreshToken,
        inDoubt: false,
      }
      const view = await commit(unverified ? renewed : addToken(renewed, key, grant), grant, { ifGeneration })
      if (unverified) throw unverified
      return view
    },

    async idToken() {
      const { idToken, user } = (await read()).session ?? {}
      return { idToken, user }
    },

    grant: async (parameters, request) =>
      use(
        (as) =>
          request(createGrantServer(caller, as, getKeys), parameters, async () => (await read()).session),
        new Map(parameters).has('grant_type') ? 'token_endpoint' : undefined,
      ),

    revoke: () => revoke(repository.takeUnrevoked()),
  }
}

/** Describes what a grant requested, for comparison. */
function nameRights({ scope, authorizationDetails }: Pick<StoredSession, 'scope' | 'authorizationDetails'>) {
  return JSON.stringify([scope, authorizationDetails])
}

/** Starts the session of a login, without the results of its grant. */
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

/** Continues a session with a new grant of everything that its login requested. */
function renewSession(session: StoredSession, grant: Grant, nonce: string | undefined): StoredSession {
  const ends = mergeEnds(session.ends, grant.ends)
  const renewed = { ...session, ...readIdToken(grant), ends }
  if (!grant.refreshToken) return renewed
  return { ...renewed, refreshToken: grant.refreshToken, nonce, inDoubt: false, refused: false }
}

function addToken(session: StoredSession, key: string, { tokenSet }: Grant): StoredSession {
  return { ...session, tokens: { ...session.tokens, [key]: tokenSet } }
}

/** Gets what the session stores of an ID token, if there is one. */
function readIdToken({ claims, idToken }: Grant): Partial<StoredSession> | undefined {
  return claims && { user: claims, idToken, clockAhead: claims.iat - Date.now() / 1000 }
}
