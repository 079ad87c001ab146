import type { LoginStage, State } from '../api/state.js'
import { wait } from '../base/abort.js'
import { createEmitter, type Emitter } from '../base/emitter.js'
import { isAuthError, type AuthError } from '../base/errors.js'
import type { SessionView } from '../vault/vault.js'
import { reduce, type Action } from './reducer.js'

/** What tabs tell each other. `changed`: read the store again. A number: the user logged out then, whatever the store holds. */
export type TabMessage = 'changed' | number

/** How long further messages of other tabs are gathered before the store is read again, in milliseconds. */
const quiet = 50

/** What a view is shown with. */
export interface ShowOptions {
  /** What the app stored with the login. */
  appState?: unknown
  /** Why a redirect login failed. */
  error?: AuthError | undefined
}

/** The session of one client as this page knows it, and the state that the app sees. Everything that changes either goes through here. */
export interface Session {
  getState(): State
  getView(): SessionView
  subscribe: Emitter<State>['subscribe']
  /** Resolves with the first state after `loading`. */
  ready(): Promise<State>
  /** Adopts a view that is newer than the current one. A `change` is announced to the other tabs: this page made it. */
  apply(view: SessionView, change?: TabMessage, appState?: unknown): void
  /** Shows a view, whatever its generation. */
  show(view: SessionView, options?: ShowOptions): void
  /** Reads the stored session and adopts it. */
  sync(): Promise<SessionView>
  /** Shows at once that the user has logged out, before the store knows. */
  end(): void
  /** Shows how far a login has come; without a stage, that it is over, unless a later one is under way. */
  showStage(stage: LoginStage | undefined, login?: object): void
  /** Leaves `loading`: waits for a redirect login that came back, which resolves with its failure, then reads the store. */
  start(finishRedirect: () => Promise<AuthError | undefined>): Promise<void>
  /** Reacts to another tab: reads the store at once, and once more for everything that is said meanwhile. A logout does not wait. */
  hear(message: TabMessage): Promise<void>
}

/** What the owner of a session needs. */
export interface SessionOptions {
  /** Ends all changes of the state. */
  signal: AbortSignal
  /** Ends reading for other tabs. */
  ended: AbortSignal
  /** Reads the stored session; `loggedOut` when the user logged out in another tab then. */
  load(loggedOut?: number): Promise<SessionView>
  /** Tells the other tabs of a change. */
  announce(message: TabMessage): void
  initialState?: State
  initialView?: SessionView
}

/** Creates the owner of one client's session. */
export function createSession({
  signal,
  ended,
  load,
  announce,
  initialState = { status: 'loading' },
  initialView = { generation: -1, session: null },
}: SessionOptions): Session {
  const states = createEmitter<State>()
  let state = initialState
  let view = initialView
  let lastLogin: object | undefined

  let lastLogout = 0
  let isDue = false
  let isReading = false

  /** Reads the store for another tab. */
  const adopt = async (loggedOut?: number) => {
    const loaded = await load(loggedOut)
    // While a redirect login that came back is being finished, what is stored is not the answer.
    await session.ready()
    session.apply(loaded)
  }
  const dispatch = (action: Action) => {
    const next = reduce(state, action)
    if (next === state || signal.aborted) return
    state = next
    states.emit(state)
  }

  const session: Session = {
    getState: () => state,
    getView: () => view,
    subscribe: states.subscribe,
    ready: () =>
      new Promise((resolve) => {
        if (state.status !== 'loading') return resolve(state)
        const stop = states.subscribe((next) => {
          stop()
          resolve(next)
        })
      }),
    apply(next, change, appState) {
      if (change) announce(change)
      // A view that was read before the session moved on comes too late. That nothing is stored at all is news, though.
      if (next.generation > view.generation || next.generation === 0) session.show(next, { appState })
    },
    show(next, options) {
      view = next
      dispatch({ type: 'session', view, ...options })
    },
    async sync() {
      const loaded = await load()
      session.apply(loaded)
      return loaded
    },
    end: () => session.show({ ...view, session: null, reason: 'logout' }),
    showStage(stage, login) {
      if (stage) lastLogin = login
      if (login === lastLogin) dispatch({ type: 'login', stage })
    },
    async start(finishRedirect) {
      try {
        const error = await finishRedirect()
        // A redirect login that was finished has shown what it stored.
        if (!error && state.status !== 'loading') return
        const loaded = await load()
        if (error) session.show(loaded, { error })
        else session.apply(loaded)
      } catch (error) {
        // Whatever it is: `ready()` settles.
        session.show({ ...view, generation: 0 }, isAuthError(error) ? { error } : {})
        if (!isAuthError(error)) throw error
      }
    },
    async hear(message) {
      if (Number(message) > lastLogout) {
        lastLogout = Number(message)
        return adopt(lastLogout)
      }
      isDue = true
      if (isReading) return
      isReading = true
      while (isDue && !ended.aborted) {
        isDue = false
        await adopt()
        await wait(quiet, ended)
      }
      isReading = false
    },
  }
  return session
}
