import { APP_BASE_HREF } from '@angular/common'
import { HttpClient, provideHttpClient, withFetch, withInterceptors } from '@angular/common/http'
import {
  inject,
  PendingTasks,
  provideEnvironmentInitializer,
  provideZoneChangeDetection,
  type ApplicationRef,
  type EnvironmentProviders,
  type Provider,
} from '@angular/core'
import { bootstrapApplication, provideClientHydration } from '@angular/platform-browser'
import { provideRouter, Router, withNavigationErrorHandler, type Routes } from '@angular/router'
import { createClient } from 'latchkey'
import { authInterceptor, provideAuth, requireLogin } from 'latchkey/angular'
import { dpop } from 'latchkey/dpop'
import { createTestClient } from 'latchkey/testing'
import { countListeners } from '../count-listeners.js'
import { LoginPage, Page, Profile, Root, RouterRoot } from './app.js'

const switches = new URLSearchParams(location.search)
const { dpop: bound, ...atLoad } = (window.authAtLoad ?? {}) as { dpop?: boolean }
const options = { ...window.authDefaults, ...atLoad, ...(bound && { dpop: dpop() }) }
// `played` by the test, which finds `window.auth.test`, or the real one.
const client = countListeners(
  switches.has('played') ? createTestClient({ status: 'logged-out' }, options) : createClient(options),
)
Object.assign(window, { auth: client, navigationErrors: [] })
const place = document.getElementById('root')!
const isRendered = place.hasChildNodes()

const routes: Routes = [
  { path: '', pathMatch: 'full', component: Page },
  { path: 'login', component: LoginPage },
  { path: 'orders', component: Profile, canActivate: [requireLogin()] },
  { path: 'parcels', component: Profile, canMatch: [requireLogin()] },
  {
    path: 'bills',
    component: Profile,
    canActivate: [
      requireLogin({
        loginRoute: ({ url }, { status }) =>
          inject(Router).createUrlTree(['/login'], { queryParams: { to: url, status } }),
      }),
    ],
  },
]

function buildProviders(): (Provider | EnvironmentProviders)[] {
  return [
    provideAuth(client),
    provideHttpClient(withFetch(), withInterceptors([authInterceptor])),
    'Zone' in globalThis ? provideZoneChangeDetection() : [],
    isRendered ? provideClientHydration() : [],
    // An app that hydrates until the test ends that.
    switches.has('pending')
      ? provideEnvironmentInitializer(
          () => void Object.assign(window, { finish: inject(PendingTasks).add() }),
        )
      : [],
    switches.has('router')
      ? [
          { provide: APP_BASE_HREF, useValue: '/ui/' },
          provideRouter(
            routes,
            withNavigationErrorHandler(
              ({ error }) => void window.navigationErrors.push((error as { code?: string }).code),
            ),
          ),
        ]
      : [],
  ]
}

async function start(): Promise<ApplicationRef> {
  if (!isRendered) place.append(document.createElement('app-root'))
  const started = await bootstrapApplication(switches.has('router') ? RouterRoot : Root, {
    providers: buildProviders(),
  })
  Object.assign(window, {
    http: started.injector.get(HttpClient),
    ...(switches.has('router') && { router: started.injector.get(Router) }),
  })
  return started
}

/** Runs the test app. */
export async function run(): Promise<void> {
  // As late as can be: the session is known by now, and the server did not know it.
  if (isRendered) await client.ready()
  let app = await start()
  window.remount = async (again) => {
    app.destroy()
    if (again) app = await start()
  }
}
