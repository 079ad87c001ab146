import type { Page } from '@playwright/test'
import { press } from '../../rig/sign-in.js'
import type { RealServer } from '../real-server.js'
import { walkDemo } from '../walk-demo.js'
import { walkServer } from '../walk-server.js'
import { walkShop } from '../walk-shop.js'
import { callAdmin } from './admin.js'

const origin = 'http://localhost:8090'

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Username or email').fill('alice')
  await enterPassword(page)
}

/** The page knows the user's name already. */
async function enterPassword(page: Page): Promise<void> {
  await page.getByRole('textbox', { name: 'Password' }).fill('secret')
  await press(page, 'Sign In')
}

/** Signs the user out of all sessions, as the administrator of the server. */
async function endSession(sub: string): Promise<void> {
  await callAdmin('POST', `/users/${sub}/logout`)
}

const keycloak: RealServer = {
  issuer: `${origin}/realms/demo`,
  client: { clientId: 'spa', scope: 'openid profile email' },
  claims: { name: 'Alice Liddell', email: 'alice@example.com' },
  userInfo: { preferred_username: 'alice' },
  signIn,
  signInAgain: enterPassword,
  rotation: true,
  unknownScope: { code: 'invalid_scope' },
  turnDown: {
    client: { clientId: 'spa-consent' },
    press: async (page) => {
      await signIn(page)
      await press(page, 'No')
    },
  },
  dpop: { clientId: 'spa-dpop' },
  par: { client: { clientId: 'spa-par' }, without: 'invalid_request' },
  stepUp: { client: { clientId: 'spa-step-up' }, acrValues: 'gold', confirm: enterPassword },
  logout: { returnTo: '/bye' },
  endSession,
  doctor: {},
  demo: {
    missing: ['Pushed authorization requests (PAR)', 'Resource indicators', 'The demo’s APIs'],
    exchange: /service of yours/,
  },
}

walkServer(keycloak)

walkDemo(keycloak)

walkShop(keycloak, {
  app: { clientId: 'shop-app', scope: 'openid orders:read stock:read payments:read' },
  briefApp: { clientId: 'shop-app-brief', scope: 'openid orders:read stock:read payments:read' },
  targetParameter: 'audience',
  foreignAudience: { error: 'invalid_client' },
  foreignToken: { error: 'access_denied' },
  wider: { granted: 'any scope that the service itself may use' },
  expired: { error: 'invalid_request', description: /Invalid token/ },
  delegation: 'ignored',
  byApp: {
    code: 'invalid_client',
    message: /Public client is not allowed to exchange token.*service of yours/,
  },
  jwtBearer: { reuse: { error: 'invalid_grant' } },
})
