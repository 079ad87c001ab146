import type { LoginStage, State } from '../api/state.js'
import { wait } from '../base/abort.js'
import { isTime } from '../base/is-time.js'
import { createEmitter, type Emitter } from '../base/emitter.js'
import { AuthError } from '../base/errors.js'
import type { SessionView } from '../vault/vault.js'
import { reduce, type Action } from './reducer.js'
import { withoutPrototype } from '../base/without-prototype.js'

/**
 * A message between tabs. `changed`: read the store again. A number: the user logged out at that time, regardless of what the store
 * contains.
 */
export type TabMessage = 'changed' | number

/** How long to collect messages of other tabs before the store is read again, in milliseconds. */
const collectTime = 50

/** Additions to a view, for the state. */
export interface ShowOptions {
  /** What the app stored with the login. */
  appState?: unknown
  /** Why a redirect login failed. */
  error?: AuthError | undefined
}

/** Owns the session of one client in this page, and the state that the app sees. Every change of either is made here. */
export interface Session {
  getState(): State
  getView(): SessionView
  subscribe: Emitter<State>['subscribe']
  /** Resolves with the first state after `loading`. */
  ready(): Promise<State>
  /** Adopts a view if it is newer than the current one. Announces `change` to the other tabs, for changes that this page made. */
  apply(view: SessionView, change?: TabMessage, appState?: unknown): void
  /** Adopts a view, regardless of its generation. */
  show(view: SessionView, options?: ShowOptions): void
  /** Reads the stored session and adopts it. */
  sync(): Promise<SessionView>
  /** Shows immediately that the user has logged out, before that is stored. */
  end(): void
  /** Shows the stage of a login. Without a stage, the login is over. Ignored if a later login is pending. */
  showStage(stage: LoginStage | undefined, login?: object): void
  /** Leaves `loading`: waits for a returning redirect login, which resolves with its error if it fails, then reads the store. */
  start(finishRedirect: () => Promise<AuthError | undefined>): Promise<void>
  /**
   * Handles a message of another tab: reads the store, and reads it once more for all messages that arrive
   * meanwhile. A logout is handled at once.
   */
  hear(message: TabMessage): Promise<void>
}

/** What the owner of a session needs from its client. */
export interface SessionOptions {
  /** Ends all changes of the state. */
  signal: AbortSignal
  /** Ends the handling of messages. */
  ended: AbortSignal
  /** Reads the stored session. `loggedOut` is the time of a logout in another tab. */
  load(loggedOut?: number): Promise<SessionView>
  /** Announces a change to the other tabs. */
  announce(message: TabMessage): void
  initialState?: State
  initialView?: SessionView
}

/** Creates the owner of one client's session. */
export function createSession(options: SessionOptions): Session {
  const { signal, ended, load, announce } = options
  const states = createEmitter<State>()
  let state: State = options.initialState ?? { status: 'loading' }
  let view: SessionView = options.initialView ?? { generation: -1, session: null }
  let lastLogin: object | undefined

  let lastLogout = 0
  let isDue = false
  let isReading = false

  const readAgain = async (loggedOut?: number) => {
    // A vault outside the page may not respond. The next call asks it again.
    const loaded = await load(loggedOut).catch(() => view)
    // While a returning redirect login is being completed, the stored session is not the result.
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
      // A view that was read before the last change is outdated. Generation 0 is an exception: it means that the store was emptied.
      if (next.generation > view.generation || next.generation === 0) session.show(next, { appState })
    },
    show(next, additions) {
      view = { ...next, session: next.session && withoutPrototype(next.session) }
      dispatch({ type: 'session', view, ...additions })
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
        // A completed redirect login has already applied its session.
        if (!error && state.status !== 'loading') return
        const loaded = await load()
        if (error) session.show(loaded, { error })
        else session.apply(loaded)
      } catch (error) {
        // `ready()` has to settle, no matter what failed.
        const isKnown = error instanceof AuthError
        session.show({ ...view, generation: 0 }, isKnown ? { error } : {})
        if (!isKnown) throw error
      }
    },
    async hear(message) {
      if (isTime(message) && message > lastLogout) {
        lastLogout = message
        return readAgain(lastLogout)
      }
      isDue = true
      if (isReading) return
      isReading = true
      while (isDue && !ended.aborted) {
        isDue = false
        await readAgain()
        await wait(collectTime, ended)
      }
      isReading = false
    },
  }
  return session
}
