import type { LoginOptions } from '../api/login-options.js'
import type { LoginStage, State } from '../api/state.js'

/** A login that nobody has answered yet. */
export interface PendingLogin extends LoginOptions {
  mode: 'popup' | 'overlay' | 'redirect' | 'silent'
}

/** The logins of a test client that wait for the test. */
export interface PendingLogins {
  /** Adds one, with the stages that a window or an overlay goes through; it is forgotten when one of the signals is aborted. */
  add(login: PendingLogin, signals: (AbortSignal | undefined)[]): Promise<State>
  /** Those that are left, oldest first. */
  list(): PendingLogin[]
  /** Settles all but redirects: their promises went with their page. */
  resolve(state: State): void
  reject(error: Error): void
}

/** Tells whether the page stays and shows how far a login is. */
export function hasStages(login: PendingLogin | undefined): boolean {
  return login?.mode === 'popup' || login?.mode === 'overlay'
}

/** Creates the list; `showStage` shows how far a login is. */
export function createPendingLogins(showStage: (stage: LoginStage | undefined) => void): PendingLogins {
  type Settle = { resolve: (state: State) => void; reject: (error: Error) => void }
  const pending = new Map<PendingLogin, Settle>()
  const settle = (how: (login: Settle) => void) => {
    const all = [...pending]
    pending.clear()
    showStage(undefined)
    for (const [{ mode }, login] of all) if (mode !== 'redirect') how(login)
  }
  return {
    async add(login, signals) {
      const answered = new Promise<State>((resolve, reject) => pending.set(login, { resolve, reject }))
      for (const signal of signals)
        signal?.addEventListener('abort', () => {
          if (pending.delete(login) && hasStages(login)) showStage(undefined)
        })
      if (hasStages(login)) {
        showStage('opening')
        await null
        if (pending.has(login)) showStage('waiting')
      }
      return answered
    },
    list: () => [...pending.keys()],
    resolve: (state) => settle((login) => login.resolve(state)),
    reject: (error) => settle((login) => login.reject(error)),
  }
}
