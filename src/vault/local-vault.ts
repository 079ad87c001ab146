import { AuthError } from '../base/errors.js'
import { unlessAborted } from '../base/abort.js'
import type { Store } from '../api/store.js'
import { parseCallbackUrl, validateAuthorizationResponse } from '../protocol/authorization-response.js'
import { isProofError, isRefusal, isUnprocessed } from '../protocol/to-auth-error.js'
import { pushAuthorizationRequest } from '../protocol/pushed-request.js'
import type { Caller } from '../protocol/server-call.js'
import { redeemCode, redeemRefreshToken, revokeToken, type Grant } from '../protocol/token-request.js'
import { openServerKnowledge, type ServerOptions } from './server-cache.js'
import { buildView, nameSessionRecord, openSessionRecord, type Stored } from './session-record.js'
import type { Session } from './stored-session.js'
import type { SessionView, Vault } from './vault.js'

/** How long a revocation may take, in milliseconds. */
const revocationLimit = 2000

/** Creates the vault that lives in this thread, over a store whose every operation settles. */
export function createLocalVault(
  options: ServerOptions,
  store: Store,
  caller: Caller,
  onStoreFailure: (message: string) => void,
): Vault {
  const { issuer } = options
  const name = nameSessionRecord(issuer, caller.client.client_id)
  const record = openSessionRecord(store, name, onStoreFailure)
  const server = openServerKnowledge(store, `server ${issuer}`, caller, options)
  const { getKeys, metadata, hints, learn, use } = server
  /** Whether an attempt to log in is under way, or came to nothing. */
  let unanswered = false

  let last: Session | null = null

  const remember = (session: Session | null) => {
    last = session
    caller.dpop?.learnClock(session?.clockAhead)
  }

  /** Reads the record. Tokens of another key, or of none, are of no use: the user logs in again. */
  const read = async (loggedOut?: number): Promise<Stored> => {
    const stored = await record.read(loggedOut)
    const isBound = async (again?: boolean) => stored.session!.jkt === (await caller.dpop?.thumbprint(again))
    if (!stored.session || (await isBound()) || (await isBound(true))) {
      remember(stored.session)
      return stored
    }
    // A generation less: the session can still show, should its key turn up.
    return { generation: stored.generation - 1, session: null, reason: 'session_lost' }
  }

  const revoke = async (token: string | undefined) => {
    if (token)
      await unlessAborted(
        // The metadata too can be what never comes.
        use(async (as) => (as.revocation_endpoint ? revokeToken(caller, as, token) : undefined)),
        AbortSignal.timeout(revocationLimit),
      )
  }

  /** Writes over what was read. Where a logout was quicker, what was received is revoked; after another login it is dropped. */
  const commit = async (
    session: Session,
    over: number | undefined,
    { refreshToken, tokenSet }: Grant,
    since?: number,
  ): Promise<SessionView> => {
    const stored = await record.write(session, over, since)
    if (stored) {
      remember(session)
      return buildView(stored)
    }
    const now = (await read()).session
    // Not after another login: the server may have made it part of the same grant.
    if (!now) await revoke(refreshToken ?? tokenSet.accessToken).catch(() => {})
    // Another tab has renewed the same session: nobody has to log in.
    if (now?.loggedInAt === session.loggedInAt)
      throw new AuthError('busy', 'another tab is still renewing the token: try again')
    throw new AuthError(
      'login_required',
      'the user logged out, or the session changed, before the token arrived: call login()',
    )
  }

  return {
    load: async (loggedOut) => buildView(await read(loggedOut)),
    async server(attempt) {
      const fresh = attempt && (unanswered || attempt === 'again')
      if (attempt) unanswered = true
      return {
        metadata: await metadata(fresh),
        hints: await hints(),
        jkt: await caller.dpop?.thumbprint(true),
        idTokenHint: last?.idToken,
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
      const { redirectUri, nonce, scope, resources, params: raw, authorizationDetails } = transaction
      const params =
        'href' in reply ? parseCallbackUrl(reply.href, redirectUri) : new URLSearchParams(reply.params)
      const valid = await use(async (as) =>
        validateAuthorizationResponse(as, caller.client, params, transaction),
      )
      const before = renews ? current : null
      const sub = before?.user?.sub ?? transaction.sub
      const grant = await use(
        (as) => redeemCode(caller, as, transaction, valid, sub, getKeys),
        'token_endpoint',
      )
      const { refreshToken, tokenSet } = grant
      // A renewal for less brings a token, and nothing that the session would rest on.
      const full = !before || nameRights(before) === nameRights(transaction)
      const session: Session = {
        scope,
        resources,
        ...(!before && { params: raw, authorizationDetails }),
        loggedInAt: Date.now(),
        user: null,
        jkt: await caller.dpop?.thumbprint(),
        ...before,
        ...(full && readIdToken(grant)),
        ...(full && refreshToken && { refreshToken, nonce, inDoubt: false, refused: false }),
        tokens: { ...before?.tokens, [key]: tokenSet },
      }
      const view = await commit(session, over, grant, transaction.since ?? generation)
      if (learned) await learn(learned)
      return view
    },

    async token({ key, over, ...request }) {
      // Before the mark: where they are not to be had, nothing was sent.
      await metadata()
      const { generation, session } = await read()
      const busy = new AuthError('busy', 'another tab is still renewing the token: try again')
      if (generation !== over) throw busy
      if (!session?.refreshToken)
        throw new AuthError(
          'login_required',
          'the session has no refresh token: enable refresh tokens at the server',
        )
      const { refreshToken, user, tokens } = session
      // Marked before it is sent: whoever finds the mark knows that the server may have rotated it. One of many gets to do that.
      const marked = await record.write({ ...session, inDoubt: true }, over)
      if (!marked) throw busy
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
        const untouched = isUnprocessed(error) || isProofError(error.code)
        const refused = error.code === 'invalid_grant' || (!key && isRefusal(error))
        const gone = refused && { ...session, refreshToken: undefined, inDoubt: false, refused }
        const next = untouched ? session : gone
        if (next) await record.write(next, marked.generation)
        throw error
      }
      const { unjudged } = grant
      const next: Session = {
        ...session,
        ...(!request.scope && !unjudged && readIdToken(grant)),
        refreshToken: grant.refreshToken ?? refreshToken,
        inDoubt: false,
        tokens: unjudged ? tokens : { ...tokens, [key]: grant.tokenSet },
      }
      const view = await commit(next, marked.generation, grant)
      if (unjudged) throw unjudged
      return view
    },

    grant: async (parameters, request) =>
      use(
        (as) => request(caller, as, parameters, async () => (await read()).session, getKeys),
        new Map(parameters).has('grant_type') ? 'token_endpoint' : undefined,
      ),

    async clear(reason, { revoke: andRevoke, over }) {
      // First of all what needs no store and no wait.
      const note = reason === 'logout' ? record.noteLogout() : undefined
      const ended = await record.write(reason, over)
      const session = (await ended?.before())?.session
      return {
        view: buildView(ended ?? (await read())),
        idTokenHint: session?.idToken,
        loggedOut: note?.at,
        stillStored: !note?.isKept && !!ended?.isUnstored,
        revoked: andRevoke ? revoke(session?.refreshToken) : Promise.resolve(),
      }
    },
  }
}

/** Names what a grant was asked for, to be compared. */
function nameRights({
  scope,
  authorizationDetails,
}: Pick<Session, 'scope' | 'authorizationDetails'>): string {
  return JSON.stringify([scope, authorizationDetails])
}

/** Reads what the session keeps of an ID token, where one came. */
function readIdToken({ claims, idToken }: Grant): Partial<Session> | undefined {
  return claims && { user: claims, idToken, clockAhead: claims.iat - Date.now() / 1000 }
}
