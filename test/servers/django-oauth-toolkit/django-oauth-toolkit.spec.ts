import type { Page } from '@playwright/test'
import { press } from '../../rig/sign-in.js'
import type { RealServer } from '../real-server.js'
import { walkDemo } from '../walk-demo.js'
import { walkServer } from '../walk-server.js'

const origin = 'http://localhost:8091'

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Username').fill('alice')
  await page.getByLabel('Password').fill('secret')
  await press(page, 'Sign in')
}

async function endSession(sub: string): Promise<void> {
  const { ok, status } = await fetch(`${origin}/end-session/${sub}/`, { method: 'POST' })
  if (!ok) throw new Error(`django-oauth-toolkit did not end the session: ${status}`)
}

const django: RealServer = {
  issuer: `${origin}/o`,
  client: { clientId: 'spa', scope: 'openid profile email' },
  claims: { name: 'Alice Liddell' },
  userInfo: { email: 'alice@example.com' },
  signIn,
  signInAgain: signIn,
  rotation: true,
  unknownScope: { code: 'invalid_scope', signsIn: true },
  turnDown: {
    client: { clientId: 'spa-consent' },
    press: async (page) => {
      await signIn(page)
      await press(page, 'Cancel')
    },
  },
  dpop: { missing: 'django-oauth-toolkit 3.4 has no DPoP' },
  par: { missing: 'django-oauth-toolkit 3.4 has no PAR' },
  stepUp: { missing: 'django-oauth-toolkit 3.4 knows no acr_values' },
  logout: { returnTo: '/bye' },
  endSession,
  doctor: {
    iss: 'amber',
    refresh: 'amber',
    dpop: 'grey',
    par: 'grey',
    'cors-dpop': 'grey',
    'cors-revocation': 'grey',
    'cors-par': 'grey',
  },
  demo: {
    missing: [
      'Tokens bound to a key (DPoP)',
      'Pushed authorization requests (PAR)',
      'Refresh tokens',
      'Token exchange',
      'Resource indicators',
      'Token revocation',
      'The demo’s APIs',
    ],
  },
}

walkServer(django)

walkDemo(django)
