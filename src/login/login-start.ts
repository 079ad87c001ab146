import type { State } from '../api/state.js'
import { unlessAborted } from '../base/abort.js'
import type { Session } from '../session/session.js'
import { openLoginPopup, type LoginPopup } from './open-popup.js'
import type { StepUpLogin } from './step-up.js'

type Login = (options: StepUpLogin, signal: AbortSignal, popup?: LoginPopup) => Promise<State>

/** What the first step of a popup login needs from its client. */
export interface LoginStartParts {
  session: Pick<Session, 'showStage'>
  /** The windows of pending logins. */
  windows: Set<Window>
}

/** Opens the window of a popup login immediately, inside the gesture. The window stays empty until the engine is loaded. */
export async function openAndLogIn(
  { session, windows }: LoginStartParts,
  loadEngine: () => Promise<{ login: Login }>,
  options: StepUpLogin,
  signal: AbortSignal,
): Promise<State> {
  const popup = openLoginPopup()
  const { window } = popup
  const stageOwner = {}
  windows.add(window)
  session.showStage('opening', stageOwner)
  try {
    const { login } = await unlessAborted(loadEngine(), signal)
    return login(options, signal, popup)
  } catch (error) {
    session.showStage(undefined, stageOwner)
    windows.delete(window)
    window.close()
    throw error
  }
}
