import type { State } from 'latchkey'
import { byId } from './element.js'
import { revocationButtons } from './revocation.js'

/** The page's buttons, by action. */
export const buttons = {
  login: byId('log-in') as HTMLButtonElement,
  redirect: byId('log-in-redirect') as HTMLButtonElement,
  cancel: byId('cancel') as HTMLButtonElement,
  getToken: byId('get-token') as HTMLButtonElement,
  callApi: byId('call-api') as HTMLButtonElement,
  refunds: byId('refunds') as HTMLButtonElement,
  bills: byId('bills') as HTMLButtonElement,
  pay: byId('pay') as HTMLButtonElement,
  stock: byId('stock') as HTMLButtonElement,
  supply: byId('supply') as HTMLButtonElement,
  partner: byId('partner') as HTMLButtonElement,
  partnerJwt: byId('partner-jwt') as HTMLButtonElement,
  copy: byId('copy') as HTMLButtonElement,
  logout: byId('log-out') as HTMLButtonElement,
}

/** Marks the button whose call the page shows; without an argument, clears the mark. */
export function markCalled(called?: HTMLButtonElement): void {
  for (const button of document.querySelectorAll('button[aria-current]'))
    button.removeAttribute('aria-current')
  called?.setAttribute('aria-current', 'true')
}

/** Keeps a button disabled; the element with this ID says why. */
export function withhold(button: HTMLButtonElement, reasonId: string): void {
  button.setAttribute('aria-describedby', reasonId)
  button.title = byId(reasonId).textContent ?? ''
  button.disabled = true
}

/** Tells whether a button stays disabled, whatever the state. */
export function isWithheld(button: HTMLButtonElement): boolean {
  return button.hasAttribute('aria-describedby')
}

/** Enables the buttons that make sense in a state. */
export function enableButtons(state: State): void {
  const loggedIn = state.status === 'logged-in'
  const loggedOut = state.status === 'logged-out'
  const underWay = loggedOut && state.login !== undefined
  const focused = document.activeElement

  // Login stays enabled while a popup is open: it may be hidden behind this window.
  buttons.login.disabled = !loggedOut
  buttons.redirect.disabled = !loggedOut || underWay
  buttons.cancel.hidden = !underWay
  const { getToken, callApi, refunds, bills, pay, stock, supply, partner, partnerJwt, copy, logout } = buttons
  const { call, revoke, renew } = revocationButtons
  const forApis = [callApi, refunds, bills, pay, stock, supply, partner, partnerJwt, call, revoke, renew]
  for (const button of [getToken, ...forApis, copy, logout]) button.disabled = !loggedIn || isWithheld(button)

  // If the button in focus is now disabled or hidden, move the focus, or keyboard users would lose their place.
  if (focused instanceof HTMLButtonElement && (focused.disabled || focused.hidden)) {
    const next = loggedIn ? buttons.getToken : buttons.login
    next.focus({ preventScroll: true })
  }
}
