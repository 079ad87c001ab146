import { AuthError } from '../base/errors.js'
import { unlessAborted } from '../base/abort.js'
import type { ReliableStore } from '../browser/storage/fallback-store.js'
import { parseCallbackUrl, validateAuthorizationResponse } from '../protocol/authorization-response.js'
import { isUnprocessed } from '../protocol/to-auth-error.js'
import { pushAuthorizationRequest } from '../protocol/pushed-request.js'
import type { Caller } from '../protocol/server-call.js'
import { redeemCode, redeemRefreshToken, revokeToken, type Grant } from '../protocol/token-request.js'
import { openServerKnowledge, type ServerOptions } from './server-cache.js'
import { buildView, nameSessionRecord, openSessionRecord, type Stored } from './session-record.js'
import type { Session } from './stored-session.js'
import type { SessionView, Vault } from './vault.js'

/** How long a revocation may take, in milliseconds. */
const revocationLimit = 2000
/** How long a store that failed before may take for the tombstone of a logout, in milliseconds. */
const tombstoneLimit = 1000

/** Creates the vault that lives in this thread, over a store. */
export function createLocalVault(options: ServerOptions, store: ReliableStore, caller: Caller): Vault {
  const { issuer } = options
  const name = nameSessionRecord(issuer, caller.client.client_id)
  const record = openSessionRecord(store, name)
  const server = openServerKnowledge(store, `server ${issuer}`, caller, options)
  const { getKeys, metadata, hints, learn } = server
  let last: Session | null = null
  let fellBack = false

  /** Reads the record. After a fall back to memory the session goes on, without the refresh token that other tabs hold. */
  const read = async (): Promise<Stored> => {
    let stored = await record.read()
    if (store.failed && !fellBack && last && !stored.generation)
      stored = (await record.write({ ...last, refreshToken: undefined }))!
    fellBack = store.failed
    // Tokens of another key, or of none, are of no use: the user logs in again.
    if (stored.session && stored.session.jkt !== (await caller.dpop?.thumbprint()))
      stored = { ...stored, session: null, reason: 'session_lost' }
    last = stored.session
    return stored
  }

  const revoke = async (token: string | undefined) => {
    if (token)
      await unlessAborted(
        // The metadata too can be what never comes.
        metadata().then((as) => (as.revocation_endpoint ? revokeToken(caller, as, token) : undefined)),
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
      last = session
      return buildView(stored)
    }
    // Not after another login: the server may have made it part of the same grant.
    if (!(await read()).session) await revoke(refreshToken ?? tokenSet.accessToken).catch(() => {})
    throw new AuthError(
      'login_required',
      'the user logged out, or the session changed, before the token was there',
    )
  }

  return {
    async load(endedElsewhere) {
      if (endedElsewhere && !store.shared) await record.write('logout')
      return buildView(await read())
    },
    server: async () => ({
      metadata: await metadata(),
      hints: await hints(),
      jkt: await caller.dpop?.thumbprint(),
    }),
    push: async (url) => pushAuthorizationRequest(caller, await metadata(), new URL(url).searchParams),
    prove: (request) => caller.dpop!.prove(request),
    warm: () => getKeys(false),
    learn,

    async redeem({ reply, transaction, key, renews, over, hints: learned }) {
      // The answer has come: a logout from now on is the last word.
      const { generation, session: current } = await read()
      const as = await metadata()
      const { redirectUri, state, nonce, scope, resources, params: raw, authorizationDetails } = transaction
      const params =
        'href' in reply ? parseCallbackUrl(reply.href, redirectUri) : new URLSearchParams(reply.params)
      const valid = validateAuthorizationResponse(as, caller.client, params, state)
      const before = renews ? current : null
      const grant = await redeemCode(
        caller,
        as,
        transaction,
        valid,
        before?.user?.sub ?? transaction.sub,
        getKeys,
      )
      const { claims, idToken, refreshToken, tokenSet } = grant
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
        ...(full && claims && { user: claims, idToken }),
        ...(full && refreshToken && { refreshToken, nonce, inDoubt: false }),
        tokens: { ...before?.tokens, [key]: tokenSet },
      }
      const view = await commit(session, over, grant, transaction.since ?? generation)
      if (learned) await learn(learned)
      return view
    },

    async token({ key, ...request }) {
      const as = await metadata()
      const { generation, session } = await read()
      if (!session?.refreshToken) throw new AuthError('login_required', 'there is no refresh token')
      const { refreshToken, user, tokens } = session
      // Marked before it is sent: whoever finds the mark knows that the server may have rotated it.
      const marked = await record.write({ ...session, inDoubt: true }, generation)
      if (!marked) throw new AuthError('busy', 'the session changed at the same moment')
      let grant: Grant
      try {
        grant = await redeemRefreshToken(
          caller,
          as,
          refreshToken,
          request,
          { ...session, sub: user?.sub },
          getKeys,
        )
      } catch (thrown) {
        const error = thrown as AuthError
        // By the token endpoint's own word. Not processed: it is as good as before. Refused: it is gone. Anything else leaves
        // the mark, a forged answer too: what came with that is nobody's we know, and where the server does not rotate the old
        // one is still good.
        const gone = error.code === 'invalid_grant' && { ...session, refreshToken: undefined, inDoubt: false }
        const next = isUnprocessed(error) ? session : gone
        if (next) await record.write(next, marked.generation)
        throw error
      }
      const { claims, idToken, unjudged } = grant
      const next: Session = {
        ...session,
        ...(claims && !request.scope && !unjudged && { user: claims, idToken }),
        refreshToken: grant.refreshToken ?? refreshToken,
        inDoubt: false,
        tokens: unjudged ? tokens : { ...tokens, [key]: grant.tokenSet },
      }
      const view = await commit(next, marked.generation, grant)
      if (unjudged) throw unjudged
      return view
    },

    grant: async (parameters, request) =>
      request(caller, await metadata(), parameters, async () => (await read()).session),

    async clear(reason, { revoke: andRevoke, over }) {
      const ended = await record.write(reason, over)
      const session = (await ended?.before())?.session
      // After a fall back to memory the other tabs still read the store: it may have come to its senses.
      // Only the user's own word goes that far: what is lost here can be alive there.
      if (store.failed && reason === 'logout')
        await unlessAborted(
          openSessionRecord(store.original, name).write(reason),
          AbortSignal.timeout(tombstoneLimit),
        ).catch(() => {})
      return {
        view: buildView(ended ?? (await read())),
        idTokenHint: session?.idToken,
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
