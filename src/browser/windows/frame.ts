import type { Destination } from '../../api/login-transport.js'
import { fromDocument } from '../from-document.js'
import { keepInPage } from './keep-in-page.js'
import { visit } from './visit.js'
import { createWindowName } from './window-name.js'

/**
 * Loads a page of the server in a hidden frame, once this page was parsed: markup that comes after the frame would be in another
 * place than where a framework looks for it. The frame is removed when the signal is aborted.
 */
export function openFrame(to: Destination, signal: AbortSignal): HTMLIFrameElement {
  const frame = fromDocument('createElement')('iframe')
  frame.hidden = true
  frame.title = 'silent login'
  frame.name = createWindowName()
  const load = (url: string) => {
    // One that was taken out loads it by itself as soon as it is back.
    if (frame.src !== url) frame.src = url
  }
  const add = () => keepInPage(frame, signal, () => visit(to, frame.name, load))
  if (fromDocument('readyState') === 'loading')
    addEventListener('DOMContentLoaded', add, { once: true, signal })
  else add()
  return frame
}
