export { injectAuth, provideAuth, type Auth } from './angular/provide-auth.js'
export { requireLogin, type NavigationTarget, type RequireLoginOptions } from './angular/require-login.js'
export { authInterceptor } from './angular/auth-interceptor.js'
