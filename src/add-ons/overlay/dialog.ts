import { overlayStyle } from './style.js'

/** A frame in a modal dialog over this page. */
export interface Overlay {
  frame: HTMLIFrameElement
  /** Loads a page into the frame. */
  load(url: string): void
  /** Shows the button that goes on in a window. */
  offerWindow(): void
}

/** What a user can do beside using the page in the frame. */
export interface OverlayActions {
  /** By the button or by Escape. */
  onClose(): void
  /** Called in the gesture of a click. */
  onWindow(): void
}

/**
 * Opens a modal dialog with an empty frame. It is removed when the signal is aborted, and the focus goes back to where it
 * was. Markup and styles are made of objects: a strict CSP and Trusted Types have nothing to forbid.
 */
export function openOverlay(
  texts: { title: string; close: string; trouble: string; openWindow: string },
  signal: AbortSignal,
  { onClose, onWindow }: OverlayActions,
): Overlay {
  // An element of its own name: no style that the page has for others is meant for it.
  const host = document.createElement('latchkey-overlay')
  const root = host.attachShadow({ mode: 'open' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(overlayStyle)
  root.adoptedStyleSheets = [sheet]

  const add = <Name extends keyof HTMLElementTagNameMap>(to: Node, name: Name, text = '') => {
    const element = document.createElement(name)
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
  // Passkeys work in a frame of another origin only where the page around it allows them.
  frame.allow = 'publickey-credentials-get; publickey-credentials-create'
  const footer = add(dialog, 'footer')
  const trouble = add(footer, 'span')
  trouble.setAttribute('role', 'status')
  const windowButton = add(footer, 'button', texts.openWindow)
  windowButton.type = 'button'
  windowButton.hidden = true

  closeButton.addEventListener('click', onClose, { signal })
  windowButton.addEventListener('click', onWindow, { signal })
  dialog.addEventListener('close', onClose, { signal })
  signal.addEventListener('abort', () => {
    // Closed before it is removed: that is what gives the focus back.
    dialog.close()
    host.remove()
  })
  document.documentElement.append(host)
  dialog.showModal()

  return {
    frame,
    load(url) {
      const { host } = new URL(url)
      address.textContent = host
      frame.title = `${texts.title}: ${host}`
      frame.src = url
    },
    offerWindow() {
      // Text that comes into a status is read out.
      trouble.textContent = texts.trouble
      windowButton.hidden = false
    },
  }
}
