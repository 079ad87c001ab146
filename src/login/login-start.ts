import type { State } from '../api/state.js'
import { unlessAborted } from '../base/abort.js'
import type { Config } from '../session/config.js'
import type { Session } from '../session/session.js'
import { openLoginPopup, type LoginPopup } from './open-popup.js'
import type { StepUpLogin } from './step-up.js'

type Login = (options: StepUpLogin, signal: AbortSignal, popup?: LoginPopup) => Promise<State>

/** The engine, which may not be loaded yet. */
interface LoginEngine {
  get(): { login: Login } | undefined
  load(): Promise<{ login: Login }>
  use<T>(work: (engine: { login: Login }) => Promise<T>): Promise<T>
}

/** What the first step of a login needs from its client. */
export interface LoginStartParts {
  config: Pick<Config, 'mode'>
  session: Pick<Session, 'showStage'>
  /** The windows of pending logins. */
  windows: Set<Window>
  engine: LoginEngine
}

/** Creates the first step of logins. A popup opens immediately, inside the gesture, and stays empty until the engine is loaded. */
export function createLoginStart({ config, session, windows, engine }: LoginStartParts): Login {
  const openAndLogIn: Login = async (options, signal) => {
    const popup = openLoginPopup()
    const { window } = popup
    const stageOwner = {}
    windows.add(window)
    session.showStage('opening', stageOwner)
    try {
      const { login } = await unlessAborted(engine.load(), signal)
      return login(options, signal, popup)
    } catch (error) {
      session.showStage(undefined, stageOwner)
      windows.delete(window)
      window.close()
      throw error
    }
  }
  return (options, signal) => {
    const isPopup = (options.mode ?? config.mode) === 'popup'
    if (isPopup && !engine.get()) return openAndLogIn(options, signal)
    return engine.use(({ login }) => login(options, signal))
  }
}
