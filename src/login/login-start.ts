import type { State } from '../api/state.js'
import { unlessAborted } from '../base/abort.js'
import type { Config } from '../session/config.js'
import type { Session } from '../session/session.js'
import { openLoginPopup, type LoginPopup } from './open-popup.js'
import type { StepUpLogin } from './step-up.js'

type Login = (options: StepUpLogin, signal: AbortSignal, popup?: LoginPopup) => Promise<State>

/** What the first step of a login needs of its client. */
export interface LoginStartParts {
  config: Pick<Config, 'mode'>
  session: Pick<Session, 'showStage'>
  /** The windows of the logins under way. */
  windows: Set<Window>
  /** What logs in, there or still to be loaded. */
  engine: { get(): { login: Login } | undefined; load(): Promise<{ login: Login }> }
}

/** Creates the first step of logins. A popup opens at once, since the gesture passes, and stays empty while the rest is being loaded. */
export function createLoginStart({ config, session, windows, engine }: LoginStartParts): Login {
  const loadAndLogIn: Login = async (options, signal) => {
    const popup = (options.mode ?? config.mode) === 'popup' ? openLoginPopup() : undefined
    const waiting = {}
    if (popup) {
      windows.add(popup.window)
      session.showStage('opening', waiting)
    }
    try {
      const { login } = await unlessAborted(engine.load(), signal)
      return login(options, signal, popup)
    } catch (error) {
      session.showStage(undefined, waiting)
      if (popup) {
        windows.delete(popup.window)
        popup.window.close()
      }
      throw error
    }
  }
  return (options, signal) => (engine.get()?.login ?? loadAndLogIn)(options, signal)
}
