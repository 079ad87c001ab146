import type { AuthorizationServer } from 'oauth4webapi'
import { memoryStore } from '../../browser/storage/memory-store.js'
import { buildOAuthClient } from '../../protocol/server-call.js'
import { createLocalVault } from '../../vault/local-vault.js'
import { openSessionRepository } from '../../vault/session-repository.js'
import { openSessionWriter } from '../../vault/session-writer.js'
import type { SessionView, Vault } from '../../vault/vault.js'
import { openKeyInStore } from '../dpop/key-in-store.js'
import { findRequest } from './find-request.js'
import type { WorkerVaultOptions } from './messages.js'

/** A vault in this worker, as its ports call it. */
export interface OpenVault {
  vault: Vault
  /**
   * Continues a session whose worker has crashed, without its refresh token, unless this vault has ever held a session or the user has
   * logged out since.
   */
  restore(view: SessionView): Promise<unknown>
}

/**
 * Opens a vault in this worker. Session, metadata and keys are in memory: anything that a worker can store, the page can read (RFC
 * 10017 section 8.2).
 */
export function openVault(options: WorkerVaultOptions): OpenVault {
  const { issuer, clientId, clockTolerance, tenants, timeout, dpop: usesDPoP } = options
  const store = memoryStore()
  const dpop = usesDPoP ? openKeyInStore(store, issuer, clientId) : undefined
  const repository = openSessionRepository(options, store, dpop, () => {})
  const vault = createLocalVault(
    { ...options, metadata: options.metadata as AuthorizationServer | undefined },
    store,
    {
      client: buildOAuthClient(clientId, clockTolerance),
      clockTolerance,
      tenants,
      origin: location.origin,
      fetch: fetch.bind(globalThis),
      timeout,
      signal: new AbortController().signal,
      secrets: [],
      dpop,
    },
    repository,
  )
  return {
    vault: { ...vault, grant: (parameters) => vault.grant(parameters, findRequest(parameters)) },
    async restore({ session }) {
      const { refreshable: _, inDoubt: __, refused: ___, ...rest } = session!
      return openSessionWriter(store, repository.record).commit(rest, { ifGeneration: 0 })
    },
  }
}
