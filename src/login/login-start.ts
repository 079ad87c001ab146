import type { State } from '../api/state.js'
import { unlessAborted } from '../base/abort.js'
import type { Config } from '../session/config.js'
import type { Session } from '../session/session.js'
import { openLoginPopup, type LoginPopup } from './open-popup.js'
import type { StepUpLogin } from './step-up.js'

type Login = (options: StepUpLogin, signal: AbortSignal, popup?: LoginPopup) => Promise<State>

/** What logs in, there or still to be loaded. */
interface LoginLoader {
  get(): { login: Login } | undefined
  load(): Promise<{ login: Login }>
}

/**
 * Creates the first step of logins. Where what logs in is still to be loaded, a popup opens empty, since the gesture lasts no longer, and
 * waits for it.
 */
export function createLoginStart(
  { mode: usual }: Pick<Config, 'mode'>,
  { showStage }: Pick<Session, 'showStage'>,
  loader: LoginLoader,
): (options: StepUpLogin, signal: AbortSignal) => Promise<State> {
  const loadAndLogIn: Login = async (options, signal) => {
    const popup = (options.mode ?? usual) === 'popup' ? openLoginPopup() : undefined
    const waiting = {}
    if (popup) showStage('opening', waiting)
    try {
      const { login } = await unlessAborted(loader.load(), signal)
      return login(options, signal, popup)
    } catch (error) {
      popup?.window.close()
      showStage(undefined, waiting)
      throw error
    }
  }
  return (options, signal) => (loader.get()?.login ?? loadAndLogIn)(options, signal)
}
