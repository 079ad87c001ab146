import { fromDocument } from '../from-document.js'

/** How often a look is taken whether an element is still there, in milliseconds. */
const pause = 50

/**
 * Adds an element to the page, and again whenever it was taken out, until the signal is aborted. It stands at the end of the body:
 * React hydrates a whole document, and leaves alone what comes last there, but throws all away for a stranger beside the body.
 *
 * @param onAdded called each time; a frame that was taken out begins anew
 */
export function keepInPage(element: HTMLElement, signal: AbortSignal, onAdded: () => void): void {
  const add = () => {
    if (element.isConnected) return
    const place = fromDocument('body') ?? fromDocument('documentElement')
    place.appendChild(element)
    onAdded()
  }
  add()
  // Not by a MutationObserver: with one that takes the element out it would play without end.
  const timer = setInterval(add, pause)
  signal.addEventListener('abort', () => {
    clearInterval(timer)
    element.remove()
  })
}
