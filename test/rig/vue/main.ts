import { createApp, createSSRApp, h, type App } from 'vue'
import { createRouter, createWebHistory, RouterView } from 'vue-router'
import { createClient } from 'latchkey'
import { createTestClient } from 'latchkey/testing'
import { createAuth, requireLogin, useAuth } from 'latchkey/vue'
import { countListeners } from '../count-listeners.js'
import { Page, Profile, RenderedPage } from './app.js'

const switches = new URLSearchParams(location.search)
const options = { ...window.authDefaults, ...window.authAtLoad }
// `played` by the test, which finds `window.auth.test`, or the real one.
const client = countListeners(
  switches.has('played') ? createTestClient({ status: 'logged-out' }, options) : createClient(options),
)
Object.assign(window, { auth: client, navigationErrors: [] })
const place = document.getElementById('root')!

function buildApp(): App {
  if (!switches.has('router')) return createApp(Page)
  const leave = () => requireLogin(client, { returnTo: (to) => router.resolve(to.fullPath).href })
  const router = createRouter({
    history: createWebHistory('/ui/'),
    routes: [
      { path: '/', component: Page },
      { path: '/login', component: { render: () => h('p', { id: 'login-page' }, location.search) } },
      { path: '/orders', component: Profile, beforeEnter: leave() },
      { path: '/parcels', component: Profile, beforeEnter: leave() },
      {
        path: '/bills',
        component: Profile,
        beforeEnter: requireLogin(client, {
          loginRoute: (to, { status }) => ({ path: '/login', query: { to: to.fullPath, status } }),
        }),
      },
    ],
  })
  router.onError((error: { code?: string }) => void window.navigationErrors.push(error.code))
  Object.assign(window, { router })
  return createApp(RouterView).use(router)
}

let app: App
if (place.hasChildNodes()) {
  // As late as can be: the session is known by now, and the server did not know it.
  // With `early` the news comes while the page is taken over.
  if (!switches.has('early')) await client.ready()
  app = createSSRApp(RenderedPage)
} else {
  app = buildApp()
}
app.use(createAuth(client))
window.outside = app.runWithContext(useAuth)
app.mount(place)
// Before the part that awaits was mounted.
if (switches.has('given-up')) app.unmount()

window.remount = (again) => {
  app.unmount()
  if (!again) return
  app = buildApp().use(createAuth(client))
  app.mount(place)
}
