import { StrictMode, type ReactNode } from 'react'
import { createRoot, hydrateRoot, type Root } from 'react-dom/client'
import { createBrowserRouter, RouterProvider, type LoaderFunctionArgs } from 'react-router'
import { createClient } from 'latchkey'
import { AuthProvider } from 'latchkey/react'
import { createTestClient, type TestClient } from 'latchkey/testing'
import { countListeners } from '../count-listeners.js'
import { App, Profile } from './app.js'
import { Rows } from './rows.js'

const switches = new URLSearchParams(location.search)
const options = { ...window.authDefaults, ...window.authAtLoad }
// `played` by the test, which finds `window.auth.test`, or the real one.
const client = countListeners(
  switches.has('played') ? createTestClient({ status: 'logged-out' }, options) : createClient(options),
)
Object.assign(window, { auth: client })
const place = document.getElementById('root')!

/** Lets nobody in but users, before anything is rendered: a redirect login starts where there is none. */
async function requireUser({ request }: LoaderFunctionArgs): Promise<string> {
  const state = await client.ready()
  if (state.status !== 'logged-in') await client.login({ mode: 'redirect', returnTo: request.url })
  return client.getUser()!.sub
}

function buildApp(): ReactNode {
  if (switches.has('router')) {
    const router = createBrowserRouter([{ path: '/ui/*', loader: requireUser, element: <Profile /> }])
    return (
      <AuthProvider client={client}>
        <RouterProvider router={router} />
      </AuthProvider>
    )
  }
  const rows = switches.get('rows')
  if (rows) return <Rows client={client as TestClient} naive={rows === 'naive'} />
  const resource = switches.get('resource')
  const app = <App client={client} throwErrors={switches.has('throw')} {...(resource && { resource })} />
  return switches.has('strict') ? <StrictMode>{app}</StrictMode> : app
}

let root: Root
if (place.hasChildNodes()) {
  // As late as can be: the session is known by now, and the server did not know it.
  await client.ready()
  root = hydrateRoot(place, buildApp())
} else {
  root = createRoot(place)
  root.render(buildApp())
}

window.remount = (again) => {
  root.unmount()
  if (!again) return
  root = createRoot(place)
  root.render(buildApp())
}
