import type { DPoPKey } from '../api/dpop.js'
import type { Store } from '../api/store.js'
import {
  buildView,
  nameSessionRecord,
  openSessionRecord,
  type SessionRecord,
  type Stored,
} from './session-record.js'
import type { Session } from './stored-session.js'
import type { SessionView, Vault } from './vault.js'

/** The stored session of one client, without anything that would ask the server. */
export interface SessionRepository extends Pick<Vault, 'load' | 'clear'> {
  record: SessionRecord
  /** Reads the session. One whose tokens are bound to another key counts as lost. */
  read(loggedOut?: number): Promise<Stored>
  /** Notes down what was written. */
  remember(session: Session | null): void
  /** Gets what was read or written last. */
  getLast(): Session | null
  /** Gives, once, the refresh token that `clear` was told to revoke. */
  takeUnrevoked(): string | undefined
}

/** Opens the session of one client over a store whose every operation settles. */
export function openSessionRepository(
  { issuer, clientId }: { issuer: string; clientId: string },
  store: Store,
  dpop: DPoPKey | undefined,
  onStoreFailure: (message: string) => void,
): SessionRepository {
  const record = openSessionRecord(store, nameSessionRecord(issuer, clientId), onStoreFailure)
  let last: Session | null = null
  let unrevoked: string | undefined

  const remember = (session: Session | null) => {
    last = session
    dpop?.learnClock(session?.clockAhead)
  }

  /** Reads the record. Tokens of another key, or of none, are of no use: the user logs in again. */
  const read = async (loggedOut?: number): Promise<Stored> => {
    const stored = await record.read(loggedOut)
    const isBound = async (again?: boolean) => stored.session!.jkt === (await dpop?.thumbprint(again))
    if (!stored.session || (await isBound()) || (await isBound(true))) {
      remember(stored.session)
      return stored
    }
    // A generation less: the session can still show, should its key turn up.
    return { generation: stored.generation - 1, session: null, reason: 'session_lost' }
  }

  return {
    record,
    read,
    remember,
    getLast: () => last,
    load: async (loggedOut): Promise<SessionView> => buildView(await read(loggedOut)),
    async clear(reason, { revoke, over }) {
      // First of all what needs no store and no wait.
      const note = reason === 'logout' ? record.noteLogout() : undefined
      const ended = await record.write(reason, over)
      const session = (await ended?.before())?.session
      if (revoke) unrevoked = session?.refreshToken ?? unrevoked
      return {
        view: buildView(ended ?? (await read())),
        idTokenHint: session?.idToken,
        loggedOut: note?.at,
        stillStored: !note?.isKept && !!ended?.isUnstored,
      }
    },
    takeUnrevoked() {
      const token = unrevoked
      unrevoked = undefined
      return token
    },
  }
}
