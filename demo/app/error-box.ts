import { byId, element } from './element.js'
import { addFailure, describeError } from './failures.js'

/** Shows an error's code and message until the next action. */
export function showError(error: unknown): void {
  addFailure(error)
  const { code, message } = describeError(error)
  const box = byId('error')
  box.hidden = false
  box.replaceChildren(element('code', {}, code), element('p', {}, message))
  box.scrollIntoView({ block: 'nearest' })
}

/** Clears the last error. */
export function clearError(): void {
  const box = byId('error')
  box.hidden = true
  box.replaceChildren()
}
