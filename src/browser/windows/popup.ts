import { fromDocument } from '../from-document.js'
import { judgePopup, turn, unwatched, type PopupWatch } from './popup-verdict.js'

/**
 * Watches a window until the signal is aborted. Calls back once when COOP has severed it from this page, and once when it is gone.
 * Counts turns of this page's event loop, so that a busy page reads its messages before it decides anything.
 */
export function watchPopup(
  popup: Window,
  signal: AbortSignal,
  on: { cut(where: Exclude<PopupWatch['cut'], 'no'>): void; gone(): void },
): void {
  let watch: PopupWatch = unwatched
  const look = () => {
    if (signal.aborted) return
    const next = judgePopup(watch, {
      closed: popup.closed,
      away: isAway(popup),
      focused: fromDocument('hasFocus')(),
    })
    const before = watch
    watch = next
    if (next.cut !== 'no' && before.cut === 'no') on.cut(next.cut)
    if (next.gone) on.gone()
    else timer = setTimeout(look, turn)
  }
  let timer = setTimeout(look, 0)
  signal.addEventListener('abort', () => clearTimeout(timer))
}

function isAway(popup: Window): boolean {
  try {
    return popup.location.href !== 'about:blank'
  } catch {
    return true
  }
}
