import type { Page } from '@playwright/test'
import { press } from '../../rig/sign-in.js'
import { walkServer } from '../walk-server.js'

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
  const form = { grant_type: 'password', client_id: 'admin-cli', username: 'admin', password: 'admin' }
  const answer = await fetch(`${origin}/realms/master/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  })
  const { access_token } = (await answer.json()) as { access_token: string }
  const ended = await fetch(`${origin}/admin/realms/demo/users/${sub}/logout`, {
    method: 'POST',
    headers: { authorization: `Bearer ${access_token}` },
  })
  if (!ended.ok) throw new Error(`Keycloak did not end the session: ${ended.status}`)
}

walkServer({
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
})
