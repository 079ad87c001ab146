import { byId, element } from './element.js'
import { addFailure, describeError } from './failures.js'

/** Shows a failure by its code and message until the next action. */
export function showError(error: unknown): void {
  addFailure(error)
  const { code, message } = describeError(error)
  const box = byId('error')
  box.hidden = false
  box.replaceChildren(element('code', {}, code), element('p', {}, message))
  box.scrollIntoView({ block: 'nearest' })
}

/** Takes the last failure away. */
export function clearError(): void {
  const box = byId('error')
  box.hidden = true
  box.replaceChildren()
}
