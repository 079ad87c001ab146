import type { Page } from '@playwright/test'
import { press } from '../../rig/sign-in.js'
import type { RealServer } from '../real-server.js'
import { walkDemo } from '../walk-demo.js'
import { walkServer } from '../walk-server.js'
import { walkShop } from '../walk-shop.js'

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Username').fill('alice')
  await page.getByLabel('Password').fill('secret')
  await press(page, 'Sign in')
}

const spring: RealServer = {
  issuer: 'http://localhost:8092',
  client: { clientId: 'spa', scope: 'openid profile' },
  claims: { sub: 'alice', name: 'Alice Liddell' },
  userInfo: { sub: 'alice' },
  signIn,
  // It takes no notice of prompt=login and max_age.
  signInAgain: { refused: 'unmet_authentication_requirements' },
  // The page of the sign-in stays in the frame.
  nobody: 'frame_silent',
  rotation: { missing: 'Spring Authorization Server gives public clients no refresh token' },
  unknownScope: { code: 'invalid_scope' },
  turnDown: {
    client: { clientId: 'spa-consent', scope: 'openid profile' },
    press: async (page) => {
      await signIn(page)
      await press(page, 'Cancel')
    },
  },
  dpop: { clientId: 'spa' },
  par: { missing: 'the PAR endpoint takes no client without a secret' },
  stepUp: { missing: 'Spring Authorization Server knows no acr_values' },
  logout: { returnTo: '/bye' },
  endSession: { missing: 'there is no session but that of the browser' },
  doctor: {
    iss: 'amber',
    dpop: 'grey',
    par: 'amber',
    logout: 'grey',
    'cors-revocation': 'amber',
    'redirect-uri': 'amber',
    'silent-frame': 'amber',
  },
  demo: {
    missing: [
      'Pushed authorization requests (PAR)',
      'Resource indicators',
      'Token revocation',
      'The demo’s APIs',
    ],
    exchange: /service of yours/,
  },
}

walkServer(spring)

walkDemo(spring)

walkShop(spring, {
  app: { clientId: 'shop-app', scope: 'openid orders:read stock:read payments:read' },
  briefApp: { clientId: 'shop-app-brief', scope: 'openid orders:read stock:read payments:read' },
  targetParameter: 'resource',
  foreignAudience: { error: 'invalid_target' },
  foreignToken: { granted: 'it does not ask who the token was for' },
  wider: { granted: 'any scope that the service itself may use' },
  expired: { error: 'invalid_grant' },
  delegation: 'act',
  // 401 without a body.
  byApp: { code: 'invalid_token_response', message: /HTTP 401 .*service of yours/ },
  jwtBearer: { missing: 'Spring Authorization Server has no JWT bearer grant' },
})
