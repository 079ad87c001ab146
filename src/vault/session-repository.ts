import type { DPoPKey } from '../api/dpop.js'
import type { Store, StoreRecord } from '../api/store.js'
import { buildView, type Stored } from './session-content.js'
import { nameSessionRecord, openSessionRecord, type SessionRecord } from './session-record.js'
import type { SessionView, Vault } from './vault.js'

/** What the start of a client needs of the stored session. A vault outside the page has it, too. */
export interface SessionAccess extends Pick<Vault, 'load' | 'clear'> {
  record: Pick<SessionRecord, 'getLastLogout'>
}

/** A vault outside the page. */
export type RemoteVault = Vault & SessionAccess

/** The stored session of one client, without anything that contacts the server. */
export interface SessionRepository extends SessionAccess {
  record: SessionRecord
  /** Reads the session. A session whose tokens are bound to another key counts as lost. */
  read(loggedOut?: number): Promise<Stored>
  /** Remembers what was written. */
  remember(stored: Stored): Stored
  /** Gets what was read or written last. */
  getLast(): Stored | undefined
  /** Returns the refresh token that `clear` was told to revoke, but only once. */
  takeUnrevoked(): string | undefined
  /** The name of the record of the server's metadata and keys. */
  serverName: string
  /** Gets that record as it was when the session was read. A renewal needs both, so one transaction reads them. */
  readServer(): Promise<StoreRecord | undefined>
}

/** Opens the session of one client in a store whose every operation settles. */
export function openSessionRepository(
  { issuer, clientId }: { issuer: string; clientId: string },
  store: Store,
  dpop: DPoPKey | undefined,
  onStoreFailure: (message: string) => void,
): SessionRepository {
  const record = openSessionRecord(store, nameSessionRecord(issuer, clientId), onStoreFailure)
  const serverName = `server ${issuer}`
  let serverRecord: Promise<StoreRecord | undefined> | undefined
  let last: Stored | undefined
  let unrevoked: string | undefined

  const remember = (stored: Stored): Stored => {
    last = stored
    dpop?.learnClock(stored.session?.clockAhead)
    return stored
  }

  const loadServer = () => (serverRecord = store.get(serverName).catch(() => undefined))

  /** Reads the record. Tokens that are bound to another key, or to none, cannot be used: the user must log in again. */
  const read = async (loggedOut?: number): Promise<Stored> => {
    void loadServer()
    const stored = await record.read(loggedOut)
    const isBound = async (again?: boolean) => stored.session!.jkt === (await dpop?.thumbprint(again))
    if (!stored.session || (await isBound()) || (await isBound(true))) return remember(stored)
    // One generation less, so that the session can be shown if its key is found later.
    return { generation: stored.generation - 1, session: null, reason: 'session_lost' }
  }

  return {
    record,
    read,
    remember,
    getLast: () => last,
    serverName,
    readServer: () => serverRecord ?? loadServer(),
    load: async (loggedOut): Promise<SessionView> => buildView(await read(loggedOut)),
    async clear(reason, { revoke, ifGeneration }) {
      // First, because it needs no store and no waiting.
      const note = reason === 'logout' ? record.noteLogout() : undefined
      const ended = await record.end(reason, { ifGeneration })
      const session = (await ended?.readBefore())?.session
      if (revoke) unrevoked = session?.refreshToken ?? unrevoked
      return {
        view: buildView(ended ?? (await read())),
        idTokenHint: session?.idToken,
        loggedOut: note?.at,
        stillStored: !note?.isStored && !!ended?.isUnstored,
      }
    },
    takeUnrevoked() {
      const token = unrevoked
      unrevoked = undefined
      return token
    },
  }
}
