import { hydrate, mount, unmount } from 'svelte'
import { createClient } from 'latchkey'
import { createTestClient } from 'latchkey/testing'
import { countListeners } from '../count-listeners.js'
import App from './App.svelte'

const switches = new URLSearchParams(location.search)
const options = { ...window.authDefaults, ...window.authAtLoad }
// `played` by the test, which finds `window.auth.test`, or the real one.
const client = countListeners(
  switches.has('played') ? createTestClient({ status: 'logged-out' }, options) : createClient(options),
)
Object.assign(window, { auth: client })
const target = document.getElementById('root')!
const props = { client, isGuarded: switches.has('router') }

let app: Record<string, unknown>
if (target.hasChildNodes()) {
  // As late as can be: the session is known by now, and the server did not know it.
  await client.ready()
  app = hydrate(App, { target, props })
} else {
  app = mount(App, { target, props })
}

window.remount = (again) => {
  void unmount(app)
  if (again) app = mount(App, { target, props })
}

declare global {
  interface Window {
    renders?: number
    listeners: number
    remount: (again: boolean) => void
    authDefaults: { issuer: string; clientId: string }
    authAtLoad: object | undefined
  }
}
