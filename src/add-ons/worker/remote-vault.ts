import type { VaultPage } from '../../api/vault.js'
import { isAuthError } from '../../base/is-auth-error.js'
import { readLastLogout, storeLastLogout } from '../../browser/storage/last-logout.js'
import type { Config } from '../../session/config.js'
import { nameSessionRecord } from '../../vault/session-record.js'
import type { RemoteVault } from '../../vault/session-repository.js'
import type { Cleared, ServerHints, ServerView, SessionView, Vault } from '../../vault/vault.js'
import { createConnection } from './connection.js'
import { withoutPrototype } from '../../base/without-prototype.js'

/** Creates the page's side of a vault in a worker: every call goes to the worker, except what only a page can store. */
export function createRemoteVault(
  createWorker: () => SharedWorker | Worker,
  config: Config,
  { ended, getView, onNews }: VaultPage,
): RemoteVault {
  const { issuer, clientId, discovery, metadata, clockTolerance, tenants, timeouts } = config
  const name = nameSessionRecord(issuer, clientId)
  const getLastLogout = () => readLastLogout(name)
  const { call } = createConnection({
    createWorker,
    buildOpening() {
      const view = getView() as SessionView
      return {
        options: {
          issuer,
          clientId,
          discovery,
          metadata,
          clockTolerance,
          tenants,
          timeout: timeouts.request,
          dpop: !!config.dpop,
        },
        lastLogout: getLastLogout(),
        view: view.session ? view : undefined,
      }
    },
    ended,
    onNews,
  })
  const forward =
    <Name extends keyof Vault>(method: Name) =>
    (...parameters: Parameters<Vault[Name]>): Promise<any> =>
      call(method, parameters)
  /** Ends the session in this page if the worker does not respond. If it is only slow, it learns of the logout when it is read next. */
  const endSession = (error: unknown, loggedOut: number): SessionView => {
    if (!isAuthError(error) || error.code !== 'vault_unavailable') throw error
    const { generation } = getView() as SessionView
    return { generation: Math.max(loggedOut, generation + 1), session: null, reason: 'logout' }
  }
  /** A prepared login holds a reference to the hints, and sees later changes. */
  const hints: ServerHints = withoutPrototype({})

  return {
    record: { getLastLogout },
    async load(loggedOut = 0) {
      // The tab may have missed the message of another tab.
      const last = Math.max(loggedOut, getLastLogout())
      return call('load', [last]).catch((error: unknown) => {
        if (!loggedOut) throw error
        return endSession(error, loggedOut)
      })
    },
    async server(attempt) {
      const server: ServerView = await call('server', [attempt])
      const metadata = withoutPrototype(server.metadata)
      return { ...server, metadata, hints: Object.assign(hints, server.hints) }
    },
    async updateHints(change) {
      Object.assign(hints, change)
      // Nobody waits for a hint, and a worker that does not respond only misses it.
      await call('updateHints', [change]).catch(() => {})
    },
    warm: forward('warm'),
    push: forward('push'),
    prove: forward('prove'),
    redeem: forward('redeem'),
    token: forward('token'),
    idToken: forward('idToken'),
    revoke: forward('revoke'),
    // The worker has its own copies of the requests.
    grant: (parameters) => call('grant', [parameters]),
    async clear(reason, options) {
      const cleared: Cleared = await call('clear', [reason, options]).catch((error: unknown) => {
        if (reason !== 'logout') throw error
        const loggedOut = Math.max(Date.now(), getLastLogout() + 1)
        return { view: endSession(error, loggedOut), loggedOut }
      })
      if (cleared.loggedOut) storeLastLogout(name, cleared.loggedOut)
      return cleared
    },
  }
}
