import { createRemoteVault } from './add-ons/worker/remote-vault.js'
import type { VaultCapability } from './api/vault.js'
import { checkOption } from './base/check-option.js'

export type { VaultCapability } from './api/vault.js'

/**
 * Holds the session in a worker, so that no script in the page can read the refresh token or the DPoP key. The worker redeems the
 * code, renews and revokes tokens, and signs DPoP proofs; the page only gets access tokens.
 *
 * With a `SharedWorker`, all tabs share one session, which survives the reload of a tab while another one is open. With a `Worker`,
 * each tab has its own session. The worker keeps the session only in memory: after the only tab is reloaded, call
 * `login({ mode: 'silent' })`. Sessions are never passed from one worker to another.
 *
 * Serve the file `latchkey/worker.js` from your own origin, or build your own worker that imports `latchkey/worker/start`. The page's
 * CSP `worker-src` and Trusted Types apply to `createWorker`.
 *
 * A worker does not protect against XSS: a script in the page can still call `getToken()`, and can get tokens of its own with a
 * hidden iframe (RFC 10017 section 5.1.3).
 *
 * If the worker cannot be loaded, crashes or does not respond, calls reject with `vault_unavailable` within 5 s. No session ends
 * because of this, and the next call tries again. `createClient` throws a `TypeError` if the option `store` is set as well.
 *
 * @param createWorker creates the worker; called on the first call of the client, and again after the worker has failed
 * @example
 * import { createClient } from 'latchkey'
 * import { workerVault } from 'latchkey/worker'
 * const vault = workerVault(() => new SharedWorker('/latchkey-worker.js'))
 * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', vault })
 * @see RFC 10017 section 8.3
 */
export function workerVault(createWorker: () => SharedWorker | Worker): VaultCapability {
  checkOption('createWorker', typeof createWorker === 'function', 'a function that creates the worker')
  return {
    open(config, page) {
      checkOption('store', !('store' in config) || !config.store, 'left out with "vault": it has its own')
      return createRemoteVault(createWorker, config as Parameters<typeof createRemoteVault>[1], page)
    },
  }
}
