import { click, createAuth, openApp, outcome, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { clickOverlay, expectClosed, frameOf, openOverlay } from '../../rig/overlay.js'
import { openRecipe } from '../../rig/recipe.js'
import { popupOf } from '../../rig/sign-in.js'
import { addAuthenticator, forge } from '../../rig/virtual-authenticator.js'

test.skip(({ browserName }) => browserName !== 'chromium', 'BiDi has no virtual authenticator')
test.use({ asOptions: { passkeys: true } })

const create = 'Create a passkey'
const use = 'Log in with a passkey'
const loggedIn = { status: 'logged-in', user: { sub: 'carol' } }
/** More than fits into a URL: sent as a form, so that the frame of an overlay never has a `src`. */
const long = { claims: { id_token: { email: { values: ['x'.repeat(5000)] } } } }

declare const window: Window & { recipe: Record<'logIn' | 'logInHere', () => Promise<unknown>> }

test('logs in with a passkey in a popup, but not with a forged one, and again in an overlay', async ({
  page,
  app,
  as,
}) => {
  await openRecipe(page, app, 'passkeys.ts', {
    replace: { 'https://id.example.com': as.issuer, "'spa'": `'${as.clientId}'` },
    names: ['logIn', 'logInHere'],
  })
  const popup = await popupOf(page, () => click(page, () => window.recipe.logIn()))
  const { created } = await addAuthenticator(popup)
  await popup.getByLabel('User name').fill('carol')
  await popup.getByRole('button', { name: create }).click({ noWaitAfter: true })
  expect((await outcome(page)).value).toMatchObject(loggedIn)
  const passkey = await created

  // Another session of the browser: the server does not know the user by a cookie.
  const logOut = async () => {
    await page.evaluate(() => window.auth.logout({ local: true }))
    await page.context().clearCookies()
  }
  await logOut()
  const next = await popupOf(page, () => click(page, () => window.recipe.logIn()))
  const authenticator = await addAuthenticator(next)
  await authenticator.hold(forge(passkey))
  await next.getByRole('button', { name: use }).click()
  await expect(next.getByRole('alert')).toHaveText('Error: the signature is not valid')
  expect(await state(page)).toMatchObject({ status: 'logged-out', login: 'waiting' })
  await authenticator.hold(passkey)
  await next.getByRole('button', { name: use }).click({ noWaitAfter: true })
  expect((await outcome(page)).value).toMatchObject(loggedIn)

  await logOut()
  await (await addAuthenticator(page)).hold({ ...passkey, signCount: 10 })
  await click(page, () => window.recipe.logInHere())
  await frameOf(page).getByRole('button', { name: use }).click()
  expect((await outcome(page)).value).toMatchObject(loggedIn)
  await expectClosed(page)
})

for (const sent of ['in its URL', 'as a form'] as const)
  test.describe(`a login request ${sent}`, () => {
    test.use({ asOptions: { passkeys: true, httpPost: true, sameSite: 'none' } })

    test('creates a passkey in the frame of an overlay, unless a header of the app forbids it', async ({
      page,
      app,
      as,
    }) => {
      void as
      const login = { prompt: 'login', ...(sent === 'as a form' && long) } as const
      await addAuthenticator(page)
      // The control: the browser does look at what is delegated to the frame.
      app.headers['/'] = { 'permissions-policy': 'publickey-credentials-create=(self)' }
      await openOverlay(page, { par: false }, login)
      await frameOf(page).getByLabel('User name').fill('carol')
      await frameOf(page).getByRole('button', { name: create }).click()
      await expect(frameOf(page).getByRole('alert')).toContainText('NotAllowedError')

      app.headers = {}
      await openApp(page)
      await createAuth(page, { overlay: {}, par: false })
      await clickOverlay(page, login)
      await frameOf(page).getByLabel('User name').fill('carol')
      await frameOf(page).getByRole('button', { name: create }).click()
      expect((await outcome(page)).value).toMatchObject(loggedIn)
    })
  })
