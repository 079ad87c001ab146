import type { AuthEvent } from './api/events.js'
import type { DPoPKey } from './api/dpop.js'
import type { Store } from './api/store.js'
import type { AuthError } from './base/errors.js'
import type { StepUp } from './fetch/authorized-fetch.js'
import { createLogins, type Logins } from './login/login-modes.js'
import { finishRedirect } from './login/redirect.js'
import type { Arrival } from './login/redirect-arrival.js'
import { createStepUp } from './login/step-up.js'
import { buildOAuthClient } from './protocol/server-call.js'
import type { Config } from './session/config.js'
import type { Renew } from './session/get-token.js'
import type { Lifetime } from './session/lifetime.js'
import { createRenewal } from './session/renewal.js'
import { logoutAtServer, type ServerLogout } from './session/server-logout.js'
import { createSessionLocks, type SessionLocks } from './session/session-lock.js'
import type { Session } from './session/session.js'
import { createLocalVault } from './vault/local-vault.js'
import type { RemoteVault, SessionRepository } from './vault/session-repository.js'
import type { Vault } from './vault/vault.js'

/** What the engine needs from the start of its client. */
export interface EngineParts {
  config: Config
  lifetime: Pick<Lifetime, 'signal' | 'ended' | 'finish'>
  session: Session
  store: Store
  repository: SessionRepository
  /** The vault, if it is outside the page. */
  remote: RemoteVault | undefined
  dpop: DPoPKey | undefined
  /** The windows of pending logins. */
  windows: Set<Window>
  emit(event: AuthEvent): void
}

/** Everything of a client that talks to the authorization server. */
export interface Engine extends Pick<Logins, 'login' | 'prepare'>, Pick<SessionLocks, 'withRefreshToken'> {
  vault: Vault
  renew: Renew
  stepUp: StepUp
  /**
   * Completes the redirect login that `take` returns, if there still is one once the engine is loaded. Resolves with the error if the
   * login fails.
   */
  finishRedirect(take: () => Arrival | undefined): Promise<AuthError | undefined>
  logoutAtServer(logout: ServerLogout): Promise<void>
}

/** The engine as the start of a client uses it. Its code may not be loaded yet. */
export interface ClientEngine extends Omit<Engine, 'vault'> {
  vault: Pick<Vault, 'server' | 'idToken' | 'grant' | 'prove'>
}

/** Creates the engine of one client. */
export function createEngine(start: EngineParts): Engine {
  const { config, lifetime, session, store, repository, remote, dpop } = start
  const { clientId, clockTolerance, tenants, timeouts } = config
  const { signal, ended, finish } = lifetime
  const base =
    remote ??
    createLocalVault(
      config,
      store,
      {
        client: buildOAuthClient(clientId, clockTolerance),
        clockTolerance,
        tenants,
        origin: globalThis.location?.origin,
        fetch: fetch.bind(globalThis),
        timeout: timeouts.request,
        signal: ended,
        secrets: [],
        dpop,
      },
      repository,
    )
  // Even if nobody waits for it any more, the response may contain the only refresh token that still works.
  const vault: Vault = { ...base, token: (request) => finish(() => base.token(request)) }
  const locks = createSessionLocks(config, session, signal)
  const parts = { ...start, vault, locks, signal }
  const { login, prepare, askInFrame } = createLogins(parts)
  return {
    vault,
    login,
    prepare,
    renew: createRenewal({ ...parts, askInFrame }),
    stepUp: createStepUp(config, session, login, signal),
    finishRedirect: (take) => finishRedirect(parts, take),
    logoutAtServer: (logout) => logoutAtServer(parts, logout),
    withRefreshToken: locks.withRefreshToken,
  }
}
