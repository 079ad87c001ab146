import { EnvironmentInjector, inject, runInInjectionContext } from '@angular/core'
import { Location } from '@angular/common'
import { Router } from '@angular/router'
import type { GuardResult } from '@angular/router'
import { guardNavigation, type LoginGuard } from '../bindings/login-guard.js'
import type { LoginOptions, State } from '../index.js'
import { injectAuth } from './provide-auth.js'

/** The target of a navigation. */
export interface NavigationTarget {
  /** The URL as the router sees it: path, query and fragment, without the base href. */
  url: string
}

/** Options of `requireLogin`. */
export interface RequireLoginOptions {
  /**
   * Where to send users who are not logged in: a path, or a function that returns a `GuardResult`. `inject` works in that function. Do not
   * guard that route.
   *
   * @default none: a redirect login starts, and returns to the target of the navigation
   * @example
   * import { inject } from '@angular/core'
   * import { Router } from '@angular/router'
   * import { requireLogin } from 'latchkey/angular'
   * const guard = requireLogin({
   *   loginRoute: ({ url }) => inject(Router).createUrlTree(['/login'], { queryParams: { returnTo: url } }),
   * })
   */
  loginRoute?: string | ((to: NavigationTarget, state: State) => GuardResult) | undefined
  /**
   * Options of the redirect login.
   *
   * @default none
   * @example
   * import { requireLogin } from 'latchkey/angular'
   * const guard = requireLogin({ login: { uiLocales: 'de' } })
   */
  login?: Omit<LoginOptions, 'mode' | 'returnTo' | 'signal'> | undefined
}

/**
 * Builds a guard for `canActivate`, `canActivateChild` or `canMatch` that waits for `ready()` and lets logged-in users through. It
 * sends everyone else to `loginRoute`. Without `loginRoute` it starts a redirect login, which returns to the target of the navigation;
 * if `login()` rejects, the navigation fails with the same error.
 *
 * After a redirect login that failed, the first navigation of the page fails once, with the error of that login, instead of starting
 * another one. `withNavigationErrorHandler` receives the error.
 *
 * On a server, the guard lets everyone through: only the browser knows who is logged in.
 *
 * @example
 * import { requireLogin } from 'latchkey/angular'
 * const routes = [{ path: 'orders', canActivate: [requireLogin({ loginRoute: '/login' })] }]
 */
export function requireLogin({ loginRoute, login }: RequireLoginOptions = {}): () => Promise<GuardResult> {
  return async () => {
    const { client } = injectAuth()
    const router = inject(Router)
    const location = inject(Location)
    const injector = inject(EnvironmentInjector)
    const navigation = router.currentNavigation()
    // `canMatch` runs before the final URL is known.
    const target = navigation?.finalUrl ?? navigation?.extractedUrl
    const to: NavigationTarget = { url: target ? router.serializeUrl(target) : router.url }
    const guard: LoginGuard<NavigationTarget, GuardResult> = {
      login,
      returnTo: ({ url }) => location.prepareExternalUrl(url),
      loginRoute:
        typeof loginRoute === 'function'
          ? (...parameters) => runInInjectionContext(injector, () => loginRoute(...parameters))
          : loginRoute,
    }
    const result = await guardNavigation(client, to, guard, !router.navigated)
    return typeof result === 'string' ? router.parseUrl(result) : result
  }
}
