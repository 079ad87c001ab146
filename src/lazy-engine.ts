import { AuthError } from './base/errors.js'
import { share } from './base/once.js'
import type { ClientEngine, createEngine, Engine, EngineParts } from './engine.js'
import { requiresLogin } from './fetch/authorized-fetch.js'
import { openAndLogIn } from './login/login-start.js'
import { dropArrivals, noteSession } from './login/redirect-arrival.js'
import { findToken } from './session/get-token.js'

/** The module of the engine. */
interface EngineModule {
  createEngine: typeof createEngine
}

/**
 * Creates an engine that loads its code when it is first needed, or when the session is known and the page is idle. A call waits for
 * the code, and rejects with `code_not_loaded` if it cannot be loaded. Later calls reach the code synchronously.
 */
export function createLazyEngine(importFile: () => Promise<EngineModule>, parts: EngineParts): ClientEngine {
  const { config, session, repository, remote, dpop } = parts
  let engine: Engine | undefined
  const load = share(async () => {
    const { createEngine } = await importEngine(importFile)
    return (engine = createEngine(parts))
  })
  const use = async <T>(work: (engine: Engine) => Promise<T>): Promise<T> => work(engine ?? (await load()))

  /** Loads the code before it is needed, because a later deploy could replace its file. A failure is ignored. */
  const preload = () => void load().catch(() => {})
  void session.ready().then(({ status }) => {
    const isRenewalDue = status === 'logged-in' && !findToken(session.getView())
    // In that case, the first call of the app needs the engine.
    if (isRenewalDue) preload()
    // Safari has no idle callbacks.
    else (globalThis.requestIdleCallback ?? setTimeout)(preload)
  })

  return {
    vault: {
      server: (attempt) => use(({ vault }) => vault.server(attempt)),
      idToken: () => use(({ vault }) => vault.idToken()),
      grant: (parameters, request) => use(({ vault }) => vault.grant(parameters, request)),
      prove: (request) => (remote ?? dpop!).prove(request),
    },
    login(options, signal) {
      const isPopup = (options.mode ?? config.mode) === 'popup'
      if (isPopup && !engine) return openAndLogIn(parts, load, options, signal)
      return use(({ login }) => login(options, signal))
    },
    prepare: () => use(({ prepare }) => prepare()),
    renew: (...request) => use(({ renew }) => renew(...request)),
    stepUp: async (response, owner, until) =>
      config.stepUp && requiresLogin(response)
        ? use(({ stepUp }) => stepUp(response, owner, until))
        : undefined,
    async finishRedirect(take) {
      const noted = engine ? Promise.resolve(true) : noteSession(config, remote ?? repository)
      try {
        const { finishRedirect } = await load()
        await noted
        return await finishRedirect(take)
      } catch (error) {
        // The engine could not be loaded. A reload completes the login, unless the session changes first.
        if (!(await noted)) dropArrivals(config)
        return error as AuthError
      }
    },
    logoutAtServer: (logout) => use(({ logoutAtServer }) => logoutAtServer(logout)),
    withRefreshToken: (work) => use(({ withRefreshToken }) => withRefreshToken(work)),
  }
}

async function importEngine(importFile: () => Promise<EngineModule>): Promise<EngineModule> {
  try {
    return await importFile()
  } catch {
    // A deploy may have replaced the file, or the server answered with a page. Firefox before 155 never requests it again.
    throw new AuthError(
      'code_not_loaded',
      'a script file of the app could not be loaded: try again, or reload the page',
    )
  }
}
