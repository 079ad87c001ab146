import type { Destination } from '../../api/login-transport.js'
import { fromDocument } from '../from-document.js'
import { keepInPage } from './keep-in-page.js'
import { delegateLocalNetwork } from './local-network.js'
import { isTooLong, submitForm } from './visit.js'
import { createWindowName } from './window-name.js'

/**
 * Loads a page of the server in a hidden frame, which is removed when the signal is aborted. Waits until this page has been parsed: a
 * frame among its markup would shift what a framework expects there.
 */
export function openFrame(to: Destination, signal: AbortSignal): HTMLIFrameElement {
  const frame = fromDocument('createElement')('iframe')
  frame.hidden = true
  frame.title = 'silent login'
  frame.name = createWindowName()
  delegateLocalNetwork(frame)
  const isForm = isTooLong(to.url)
  // Set before the frame is added to the page, or it would load an empty document first. Only a form needs a frame that is already in
  // the page. A frame that was removed and added again loads its URL by itself.
  if (!isForm) frame.src = to.url
  const add = () => keepInPage(frame, signal, () => isForm && submitForm(to, frame.name))
  if (fromDocument('readyState') === 'loading')
    addEventListener('DOMContentLoaded', add, { once: true, signal })
  else add()
  return frame
}
