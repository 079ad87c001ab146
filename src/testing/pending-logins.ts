import type { LoginMode } from '../base/login-modes.js'
import type { LoginOptions } from '../api/login-options.js'
import type { LoginStage, State } from '../api/state.js'

/** A login that the test has not settled yet. */
export interface PendingLogin extends LoginOptions {
  mode: LoginMode
}

/** The pending logins of a test client. */
export interface PendingLogins {
  /** Adds a login and shows the stages of a popup or an overlay. Removes it when one of the signals is aborted. */
  add(login: PendingLogin, signals: (AbortSignal | undefined)[]): Promise<State>
  /** Returns the pending logins, oldest first. */
  list(): PendingLogin[]
  /** Settles all logins except redirects, whose promises are gone with their page. */
  resolve(state: State): void
  reject(error: Error): void
}

/** Tells whether a login stays on the page and has stages. */
export function hasStages(login: PendingLogin | undefined): boolean {
  return login?.mode === 'popup' || login?.mode === 'overlay' || login?.mode === 'external'
}

/** Creates an empty list. `showStage` shows the stage of a login. */
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
