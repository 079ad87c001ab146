import { press, typeSignIn } from '../../rig/sign-in.js'
import type { RealServer } from '../real-server.js'
import { walkDemo } from '../walk-demo.js'
import { walkServer } from '../walk-server.js'

const admin = 'http://localhost:4445/admin/oauth2/auth/sessions'

/** Takes back what the user has allowed, and the tokens with it; then ends the session. */
async function endSession(sub: string): Promise<void> {
  for (const what of [`consent?subject=${sub}&all=true`, `login?subject=${sub}`]) {
    const { ok, status } = await fetch(`${admin}/${what}`, { method: 'DELETE' })
    if (!ok) throw new Error(`Hydra did not end the session: ${status}`)
  }
}

const hydra: RealServer = {
  issuer: 'http://localhost:4444',
  client: { clientId: 'spa', scope: 'openid offline_access profile email' },
  claims: { sub: 'alice', name: 'Alice Liddell' },
  userInfo: { email: 'alice@example.com' },
  signIn: (page) => typeSignIn(page),
  signInAgain: (page) => typeSignIn(page),
  rotation: true,
  unknownScope: { code: 'invalid_scope' },
  turnDown: { press: (page) => press(page, 'Cancel') },
  dpop: { missing: 'Hydra 2.3 has no DPoP' },
  par: { missing: 'Hydra 2.3 has no PAR' },
  stepUp: {
    acrValues: 'gold',
    confirm: async (page) => {
      await page.getByLabel('Code').fill('123456')
      await press(page, 'Sign in')
    },
  },
  logout: { returnTo: '/bye' },
  endSession,
  doctor: {
    iss: 'amber',
    dpop: 'grey',
    par: 'grey',
    logout: 'grey',
    'cors-dpop': 'grey',
    'cors-par': 'grey',
  },
  demo: {
    missing: [
      'Tokens bound to a key (DPoP)',
      'Pushed authorization requests (PAR)',
      'Token exchange',
      'Resource indicators',
      'The demo’s APIs',
    ],
  },
}

walkServer(hydra)

walkDemo(hydra)
