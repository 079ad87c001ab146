import { style } from './style.js'
import type { Look } from './look.js'
import { describeError, texts, type TextName } from './texts.js'

/** The shadow DOM of a button. */
export interface View {
  main: HTMLButtonElement
  cancel: HTMLButtonElement
  show(look: Look, error: Error | undefined): void
}

/** Builds the shadow DOM of a button without HTML strings or a style element, so that it works under every CSP. */
export function buildView(root: ShadowRoot): View {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(style)
  root.adoptedStyleSheets = [sheet]
  const main = build('button', { type: 'button' })
  const cancel = build('button', { type: 'button', part: 'button cancel' }, buildSlot('cancel'))
  // Not live until something happens: a page load should not be announced.
  const status = build('span', { role: 'status', 'aria-live': 'off' })
  const alert = build('span', { role: 'alert', part: 'error' })
  root.append(main, cancel, status, alert)
  let shown: Partial<Look> = {}
  let shownError: Error | undefined

  return {
    main,
    cancel,
    show(look, error) {
      const { action, off, loading, status: text, user, working } = look
      main.setAttribute('aria-disabled', `${!!off}`)
      main.setAttribute('part', `button ${action}`)
      main.toggleAttribute('data-loading', !!loading)
      // The same element for all actions, so that it keeps the focus. Texts are replaced only when they change: a screen reader would
      // announce them again.
      if (action !== shown.action) main.replaceChildren(buildSlot(action))
      const isFocused = root.activeElement === cancel
      cancel.hidden = !look.cancel
      if (isFocused && cancel.hidden) main.focus()
      if (text !== shown.status || user !== shown.user) {
        if (shown.action && !shown.loading) status.ariaLive = 'polite'
        status.setAttribute('part', working ? 'status progress' : user ? 'status user' : 'status')
        status.replaceChildren(...buildStatus(text, user))
      }
      if (error !== shownError) alert.replaceChildren(...(error ? [buildErrorSlot(error)] : []))
      shown = look
      shownError = error
    },
  }
}

function buildStatus(text: TextName | undefined, user: string | undefined): Node[] {
  if (!text) return []
  const slot = buildSlot(text)
  // For screen reader users only: sighted users see the name or the button.
  slot.toggleAttribute('data-unseen', !!user || text === 'logged-out')
  return user ? [slot, build('slot', { name: 'user' }, build('bdi', {}, user))] : [slot]
}

/** Prefers the app's text for this code, then its text for any error, then ours. */
function buildErrorSlot(error: Error): Node {
  const { name, text } = describeError(error)
  return build('slot', { name }, build('slot', { name: 'error' }, text))
}

function buildSlot(name: TextName): HTMLElement {
  return build('slot', { name }, texts[name])
}

function build<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Record<string, string>,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  // Past markup such as `<img name="createElement">`, which hides the method.
  const element = Document.prototype.createElement.call(document, name) as HTMLElementTagNameMap[Name]
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  element.append(...children)
  return element
}
