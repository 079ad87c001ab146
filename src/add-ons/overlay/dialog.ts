import type { Destination } from '../../api/login-transport.js'
import { fromDocument } from '../../browser/from-document.js'
import { keepInPage } from '../../browser/windows/keep-in-page.js'
import { delegateLocalNetwork } from '../../browser/windows/local-network.js'
import { visit } from '../../browser/windows/visit.js'
import { createWindowName } from '../../browser/windows/window-name.js'
import { overlayStyle } from './style.js'

/** A frame in a modal dialog over the page. */
export interface Overlay {
  frame: HTMLIFrameElement
  /** Loads a page of the server into the frame. */
  load(to: Destination): void
  /** Shows the button that continues in a window. */
  offerWindow(): void
}

/** The actions of the user outside the frame. */
export interface OverlayActions {
  /** Called when the user closes the dialog, with the button or Escape. */
  onClose(): void
  /** Called when the user asks for a window, within the click, so that a popup may open. */
  onWindow(): void
}

/**
 * Opens a modal dialog with an empty frame. When the signal is aborted, the dialog is removed and the focus returns to where it
 * was. It uses no HTML strings or style elements, so that it works under every CSP and with Trusted Types.
 */
export function openOverlay(
  texts: { title: string; close: string; trouble: string; openWindow: string },
  signal: AbortSignal,
  { onClose, onWindow }: OverlayActions,
): Overlay {
  // With its own element name, so that styles of the page do not match it.
  const create = fromDocument('createElement')
  const host = create('latchkey-overlay')
  const root = host.attachShadow({ mode: 'open' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(overlayStyle)
  root.adoptedStyleSheets = [sheet]

  const add = <Name extends keyof HTMLElementTagNameMap>(to: Node, name: Name, text = '') => {
    const element = create(name)
    element.textContent = text
    to.appendChild(element)
    return element
  }
  const dialog = add(root, 'dialog')
  dialog.setAttribute('aria-label', texts.title)
  const header = add(dialog, 'header')
  add(header, 'h2', texts.title)
  const address = add(header, 'span')
  const closeButton = add(header, 'button', '✕')
  closeButton.type = 'button'
  closeButton.title = texts.close
  closeButton.setAttribute('aria-label', texts.close)
  const frame = add(dialog, 'iframe')
  frame.title = texts.title
  frame.name = createWindowName()
  // Passkeys work in a cross-origin frame only if the embedding page allows it. Not only for the origin of `src`, which is the default: a
  // login can lead to another origin, and a frame that a form was sent to has no `src`.
  frame.allow = 'publickey-credentials-get *; publickey-credentials-create *'
  delegateLocalNetwork(frame)
  const footer = add(dialog, 'footer')
  const trouble = add(footer, 'span')
  trouble.setAttribute('role', 'status')
  const windowButton = add(footer, 'button', texts.openWindow)
  windowButton.type = 'button'
  windowButton.hidden = true

  closeButton.addEventListener('click', onClose, { signal })
  windowButton.addEventListener('click', onWindow, { signal })
  dialog.addEventListener('close', onClose, { signal })
  // Closed before it is removed, because closing restores the focus.
  signal.addEventListener('abort', () => dialog.close())
  let destination: Destination | undefined
  const load = (url: string) => {
    // A frame that was removed from the page loads its URL again when it is put back.
    if (frame.src !== url) frame.src = url
  }
  keepInPage(host, signal, () => {
    // A dialog that was removed is no longer modal, although it still has the attribute `open`.
    dialog.open = false
    dialog.showModal()
    if (destination) visit(destination, frame.name, load)
  })

  return {
    frame,
    load(to) {
      const { host } = new URL(to.url)
      address.textContent = host
      frame.title = `${texts.title}: ${host}`
      destination = to
      visit(to, frame.name, load)
    },
    offerWindow() {
      // Screen readers announce text that is added to a status.
      trouble.textContent = texts.trouble
      windowButton.hidden = false
    },
  }
}
