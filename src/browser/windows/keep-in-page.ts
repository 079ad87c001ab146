import { fromDocument } from '../from-document.js'

/** How often to check whether the element is still in the page, in milliseconds. */
const pause = 50

/**
 * Adds an element to the page, and again whenever it was removed, until the signal is aborted. It is added at the end of the body: when
 * React hydrates a whole document, it ignores an unknown element there, but renders everything again for one beside the body.
 *
 * @param onAdded called each time: a frame that was removed starts again
 */
export function keepInPage(element: HTMLElement, signal: AbortSignal, onAdded: () => void): void {
  const add = () => {
    if (element.isConnected) return
    const place = fromDocument('body') ?? fromDocument('documentElement')
    place.appendChild(element)
    onAdded()
  }
  add()
  // Not with a MutationObserver: together with another one that removes the element, it would never stop.
  const timer = setInterval(add, pause)
  signal.addEventListener('abort', () => {
    clearInterval(timer)
    element.remove()
  })
}
