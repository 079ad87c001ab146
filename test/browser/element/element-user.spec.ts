import type { LoginButton } from '../../../src/element.js'
import type { TestClient } from '../../../src/testing.js'
import { expect, test } from '../../rig/fixtures.js'
import { openButtonPage } from '../../rig/login-button-page.js'
import { popupOf, signIn } from '../../rig/sign-in.js'

const sub = '248289761001'
/** The claims of an ID token, and whom the button names then. */
const users: [shown: string, claims: Record<string, unknown>][] = [
  ['Alice', { name: 'Alice', preferred_username: 'ally', email: 'alice@example.com' }],
  ['ally', { preferred_username: 'ally', email: 'alice@example.com' }],
  ['alice@example.com', { name: '', email: 'alice@example.com' }],
  [sub, {}],
  [sub, { name: 1, email: null }],
]

test('names the user by the best claim that the ID token has', async ({ page, app }) => {
  await openButtonPage(page, app, { markup: '<login-button></login-button>' })
  for (const [shown, claims] of users) {
    await page.evaluate(`{
      const button = document.querySelector('login-button')
      button.client = latchkey.createTestClient({ status: 'logged-out' })
      button.client.test.logIn(${JSON.stringify({ sub, ...claims })})
    }`)
    await expect(page.locator('bdi')).toHaveText(shown)
  }
  // The control: without the scope openid nobody knows who it is, and the button says so much.
  await page.evaluate(() => {
    const button = document.querySelector('login-button') as LoginButton
    ;(button.client as TestClient).test.logOut()
    ;(button.client as TestClient).test.logIn(null)
  })
  await expect(page.locator('[part~=status]')).toHaveText('Logged in')
  await expect(page.locator('bdi')).toHaveCount(0)
})

test('names a user whose name the server gives at its userinfo endpoint alone', async ({ page, app, as }) => {
  as.tamperIdToken(({ name: _, ...claims }) => ({ claims }))
  const markup = `<login-button issuer="${as.issuer}" client-id="${as.clientId}"></login-button>`
  await openButtonPage(page, app, { markup })
  const popup = await popupOf(page, () => page.getByRole('button', { name: 'Log in' }).click())
  await signIn(popup)
  await expect(page.locator('bdi')).toHaveText('alice')
})
