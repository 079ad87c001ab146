import { Route, Router } from '@solidjs/router'
import { hydrate, render } from 'solid-js/web'
import type { JSX } from 'solid-js'
import { createClient } from 'latchkey'
import { AuthProvider } from 'latchkey/solid'
import { createTestClient } from 'latchkey/testing'
import { countListeners } from '../count-listeners.js'
import { App, Guarded, Profile } from './app.js'

const switches = new URLSearchParams(location.search)
const options = { ...window.authDefaults, ...window.authAtLoad }
// `played` by the test, which finds `window.auth.test`, or the real one.
const client = countListeners(
  switches.has('played') ? createTestClient({ status: 'logged-out' }, options) : createClient(options),
)
Object.assign(window, { auth: client })
const place = document.getElementById('root')!

function buildApp(): JSX.Element {
  if (!switches.has('router')) return <App client={client} />
  return (
    <AuthProvider client={client}>
      <Router base="/ui">
        <Route component={Guarded}>
          <Route path="/orders" component={Profile} />
        </Route>
      </Router>
    </AuthProvider>
  )
}

let dispose: () => void
if (place.hasChildNodes()) {
  // As late as can be: the session is known by now, and the server did not know it.
  await client.ready()
  dispose = hydrate(buildApp, place)
} else {
  dispose = render(buildApp, place)
}

window.remount = (again) => {
  dispose()
  if (again) dispose = render(buildApp, place)
}
