import { LoginButton } from './login-button.js'

export { LoginButton }

declare global {
  interface HTMLElementTagNameMap {
    'login-button': LoginButton
  }
}

// Not on a server (SSR), and not twice: a page may load two bundles that contain it.
if (globalThis.customElements && !customElements.get('login-button'))
  customElements.define('login-button', LoginButton)
