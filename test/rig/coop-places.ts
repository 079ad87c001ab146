import type { AppServer } from './app-server.js'
import type { TestAuthorizationServer } from './authorization-server.js'

/** The header that cuts a window off from the page that opened it. */
export const coop = { 'cross-origin-opener-policy': 'same-origin' }

/** Where it can be sent, with what sends it there from now on. */
export const coopPlaces: Record<string, (as: TestAuthorizationServer, app: AppServer) => void> = {
  "the server's pages": (as) => void (as.headers = { all: coop }),
  'the app': (_as, app) => void (app.headers['/'] = coop),
  "the server's pages and the app": (as, app) => {
    as.headers = { all: coop }
    app.headers['/'] = coop
  },
}
