import { goBackAnywhere } from '../../rig/app-page.js'
import type { Page } from '@playwright/test'
import type { LoginButton } from '../../../src/element.js'
import { withBackForwardCache } from '../../rig/back-forward-cache.js'
import { readReports, servePolicy, violatePolicy } from '../../rig/csp-reports.js'
import { expectAccessible } from '../../rig/demo.js'
import { expect, test, type TestAuthorizationServer } from '../../rig/fixtures.js'
import {
  buttonEvents,
  focusedText,
  giveClient,
  openButtonPage,
  watchButtons,
} from '../../rig/login-button-page.js'
import { popupOf, press, signIn } from '../../rig/sign-in.js'

test.beforeEach(({ context }) => watchButtons(context))

const buttonFor = ({ issuer, clientId }: TestAuthorizationServer, more = '', children = '') =>
  `<login-button issuer="${issuer}" client-id="${clientId}" scope="openid profile" ${more}>${children}</login-button>`
const named = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const startLogin = (page: Page) => popupOf(page, () => named(page, 'Log in').click())
const status = (page: Page) => page.getByRole('status').first()

async function logIn(page: Page, user = 'alice'): Promise<void> {
  await signIn(await startLogin(page), user)
  await expect(named(page, 'Log out')).toBeVisible()
}

test('logs in, shows each stage and the user name, and logs out, under a strict CSP with Trusted Types', async ({
  page,
  as,
  app,
}) => {
  servePolicy(
    app,
    `default-src 'self'; connect-src ${as.origin}; require-trusted-types-for 'script'; trusted-types 'none'`,
  )
  const metadata = as.fault('metadata', { hang: true })
  const token = as.fault('token', { hang: true })
  await openButtonPage(page, app, { markup: buttonFor(as) })
  const popup = await startLogin(page)
  await expect(status(page)).toHaveText('Opening the login page')
  metadata.end()
  metadata.release()
  await expect(status(page)).toHaveText('Continue in the login window')
  await signIn(popup)
  await expect(status(page)).toHaveText('Logging you in')
  await expect(named(page, 'Cancel')).toBeHidden()
  await expect(named(page, 'Show window')).toHaveAttribute('aria-disabled', 'true')
  token.release()
  await expect(named(page, 'Log out')).toBeVisible()
  await expect(status(page)).toHaveText(/Logged in\s*alice/i)
  expect(await focusedText(page)).toBe('Log out')
  expect(await buttonEvents(page)).toEqual([
    { type: 'login', detail: expect.objectContaining({ sub: 'alice' }) },
  ])
  await page.reload()
  await expect(named(page, 'Log out')).toBeVisible()
  expect(await buttonEvents(page)).toHaveLength(1)

  await Promise.all([page.waitForEvent('load'), named(page, 'Log out').click()])
  await expect(named(page, 'Log in')).toBeEnabled()
  expect(await buttonEvents(page)).toEqual([])
  expect(as.count('end_session')).toBe(1)
  await violatePolicy(page, app)
  expect(readReports(app)).toEqual([expect.stringMatching(/^img-src .*marker/)])
})

test('focuses the popup, cancels the login, and keeps the focus', async ({ page, as, app }) => {
  await openButtonPage(page, app, { markup: '<login-button></login-button>' })
  await expect(named(page, 'Log in')).toHaveAttribute('aria-disabled', 'true')
  await giveClient(page, { issuer: as.issuer, clientId: as.clientId })
  await expect(named(page, 'Log in')).toHaveAttribute('aria-disabled', 'false')
  const popup = await startLogin(page)
  await expect(status(page)).toHaveText('Continue in the login window')
  await named(page, 'Show window').click()
  expect(await page.title()).toBe('Button!')
  expect(page.context().pages()).toHaveLength(2)
  await Promise.all([popup.waitForEvent('close'), named(page, 'Cancel').click()])
  await expect(named(page, 'Log in')).toBeVisible()
  expect(await focusedText(page)).toBe('Log in')
  await expect(page.getByRole('alert')).toBeEmpty()
  expect(await buttonEvents(page)).toEqual([])
  expect(as.count('token')).toBe(0)
})

test('resets when the back button returns from the server', async ({ as, app, browserName }) => {
  test.skip(browserName === 'firefox', 'starts a Chromium of its own')
  await withBackForwardCache(async (browser) => {
    const page = await browser.newPage({ baseURL: app.origin })
    await watchButtons(page.context())
    await openButtonPage(page, app, { markup: buttonFor(as, 'mode="redirect"') })
    await page.evaluate(() => Object.assign(window, { kept: true }))
    await named(page, 'Log in').click()
    await expect(page.getByLabel('User name')).toBeVisible()
    await goBackAnywhere(page)
    await expect(named(page, 'Log in')).toHaveAttribute('aria-disabled', 'false')
    // The same page, not loaded again.
    expect(await page.evaluate('kept')).toBe(true)
    await expect(page.getByRole('alert')).toBeEmpty()
    expect(await buttonEvents(page)).toEqual([])
  })
})

test('does nothing while disabled, and works once enabled again', async ({ page, as, app }) => {
  await openButtonPage(page, app, { markup: buttonFor(as, 'disabled') })
  const set = (disabled: boolean) =>
    page.locator('login-button').evaluate((button: LoginButton, value) => (button.disabled = value), disabled)
  const main = named(page, 'Log in')
  await expect(main).toHaveAttribute('aria-disabled', 'true')
  await main.click({ force: true })
  await main.press('Enter')
  await expect(status(page)).toBeEmpty()
  expect(page.context().pages()).toHaveLength(1)
  await set(false)
  await expect(main).toHaveAttribute('aria-disabled', 'false')
  await logIn(page)
  await set(true)
  await expect(named(page, 'Log out')).toHaveAttribute('aria-disabled', 'true')
  // The client of the button is still the same.
  expect(await buttonEvents(page)).toHaveLength(1)
})

/** Gives the one window that the next click may open to somebody else. */
const takeNextWindow = (page: Page) =>
  page.evaluate(() => {
    const take = () => void open('/', '', 'popup')
    document.addEventListener('click', take, { capture: true, once: true })
  })

test('shows why a login failed, until the next login', async ({ page, as, app }) => {
  await openButtonPage(page, app, { markup: buttonFor(as) })
  const alert = page.getByRole('alert')
  await takeNextWindow(page)
  await named(page, 'Log in').click()
  await expect(alert).toHaveText(/^Your browser blocked the login window/)
  expect(await focusedText(page)).toBe('Log in')
  const popup = await startLogin(page)
  await expect(alert).toBeEmpty()
  await press(popup, 'Cancel')
  await expect(alert).toHaveText('Login was declined.')
  as.fault('authorize', { error: 'temporarily_unavailable' })
  await startLogin(page)
  await expect(alert).toHaveText('Login failed (temporarily_unavailable). Try again.')
  const codes = ['popup_blocked', 'access_denied', 'temporarily_unavailable']
  expect(await buttonEvents(page)).toEqual(codes.map((detail) => ({ type: 'login-error', detail })))
})

test('uses the texts of the page for one error, for all other errors, and on the buttons', async ({
  page,
  as,
  app,
}) => {
  const slots = {
    'log-in': 'Anmelden',
    cancel: 'Abbrechen',
    error: 'Geht nicht',
    waiting: 'Bitte dort weiter',
  }
  const words = Object.entries({ ...slots, 'error-access_denied': 'Abgelehnt' })
    .map(([slot, text]) => `<span slot="${slot}">${text}</span>`)
    .join('')
  await openButtonPage(page, app, { markup: buttonFor(as, '', words) })
  await expect(page.getByText('Geht nicht')).toBeHidden()
  const popup = await popupOf(page, () => named(page, 'Anmelden').click())
  await expect(page.getByText('Bitte dort weiter')).toBeVisible()
  await expect(named(page, 'Abbrechen')).toBeVisible()
  await press(popup, 'Cancel')
  await expect(page.getByText('Abgelehnt')).toBeVisible()
  await expect(page.getByText('Geht nicht')).toBeHidden()
  await takeNextWindow(page)
  await named(page, 'Anmelden').click()
  await expect(page.getByText('Geht nicht')).toBeVisible()
  await expect(page.getByText('Abgelehnt')).toBeHidden()
})

test('reports a missing or invalid attribute', async ({ page, app }) => {
  const reported: string[] = []
  page.on('pageerror', ({ message }) => reported.push(message))
  await openButtonPage(page, app, { markup: '<login-button issuer="https://id.example"></login-button>' })
  await expect(page.getByRole('alert')).toContainText('"clientId" must be')
  expect(await buttonEvents(page)).toMatchObject([
    { type: 'login-error', detail: expect.stringContaining('clientId') },
  ])
  await expect.poll(() => reported).toEqual([expect.stringContaining('clientId')])
  await page.locator('login-button').evaluate((button) => button.setAttribute('client-id', 'spa'))
  await expect(page.getByRole('alert')).toBeEmpty()
  await expect(named(page, 'Log in')).toHaveAttribute('aria-disabled', 'false')
})

/** Asks axe, in the colours for a light page and in those for a dark one. */
async function expectAccessibleInBoth(page: Page): Promise<void> {
  for (const scheme of ['light', 'dark']) {
    await page.evaluate((one) => {
      document.documentElement.style.colorScheme = one
      // What a page without a background shows; axe takes it for white.
      document.body.style.background = 'Canvas'
    }, scheme)
    await expectAccessible(page)
  }
}

test('passes the axe checks while it logs in, in light and dark mode', async ({ page, as, app }) => {
  await openButtonPage(page, app, { markup: `<h1>Shop</h1>${buttonFor(as)}` })
  await expect(named(page, 'Log in')).toHaveAttribute('aria-disabled', 'false')
  await expectAccessibleInBoth(page)
  const popup = await startLogin(page)
  await expect(status(page)).toHaveText('Continue in the login window')
  await expectAccessibleInBoth(page)
  await press(popup, 'Cancel')
  await expect(page.getByRole('alert')).not.toBeEmpty()
  await expectAccessibleInBoth(page)
})

test('passes the axe checks once the user is logged in, in light and dark mode', async ({
  page,
  as,
  app,
}) => {
  await openButtonPage(page, app, { markup: `<h1>Shop</h1>${buttonFor(as)}` })
  await logIn(page)
  await expectAccessibleInBoth(page)
  // Colours too light for their ground are found: the control.
  await page.locator('login-button').evaluate((button) => (button.style.color = '#8888'))
  await expect(expectAccessible(page)).rejects.toThrow('color-contrast')
})

test('works with the keyboard only', async ({ page, as, app }) => {
  await openButtonPage(page, app, { markup: buttonFor(as) })
  await expect(named(page, 'Log in')).toHaveAttribute('aria-disabled', 'false')
  await page.keyboard.press('Tab')
  expect(await focusedText(page)).toBe('Log in')
  const popup = await popupOf(page, () => page.keyboard.press('Enter'))
  await expect(status(page)).toHaveText('Continue in the login window')
  expect(await focusedText(page)).toBe('Show window')
  await page.bringToFront()
  await page.keyboard.press('Tab')
  expect(await focusedText(page)).toBe('Cancel')
  await Promise.all([popup.waitForEvent('close'), page.keyboard.press('Enter')])
  await expect(named(page, 'Cancel')).toBeHidden()
  expect(await focusedText(page)).toBe('Log in')
  await signIn(await popupOf(page, () => page.keyboard.press('Space')))
  await expect(named(page, 'Log out')).toBeFocused()
})

test('closes only its own client when it is removed or changed', async ({ page, as, app }) => {
  await openButtonPage(page, app, { markup: buttonFor(as) })
  const found = await page.evaluate(async () => {
    const button = document.querySelector('login-button') as LoginButton
    const given = window.latchkey.createClient({ issuer: 'https://id.example', clientId: 'spa' })
    const isOpen = (client: LoginButton['client']) =>
      client!.getToken().then(
        () => true,
        ({ code }: { code: string }) => code !== 'client_closed',
      )
    const first = button.client
    document.body.prepend(button)
    await null
    const kept = button.client === first && (await isOpen(first))
    button.setAttribute('scope', 'openid')
    button.setAttribute('mode', 'popup')
    await null
    const second = button.client
    const changed = [second !== first, await isOpen(first), await isOpen(second)]
    button.remove()
    await null
    const removed = [button.client, await isOpen(second)]
    document.body.append(button)
    const third = button.client
    const again = await isOpen(third)
    button.client = given
    const replaced = [button.client === given, await isOpen(third)]
    button.setAttribute('scope', 'openid email')
    await null
    const ignored = button.client === given
    button.remove()
    await null
    return { kept, changed, removed, again, replaced, ignored, given: await isOpen(given) }
  })
  expect(found).toEqual({
    kept: true,
    changed: [true, false, true],
    removed: [undefined, false],
    again: true,
    replaced: [true, false],
    ignored: true,
    given: true,
  })
})

test('uses a client that was set before the element was defined', async ({ page, as, app }) => {
  await openButtonPage(page, app, { markup: '' })
  const { issuer, clientId } = as
  await page.evaluate(
    (options) => {
      const other = document.implementation.createHTMLDocument()
      const button = other.createElement('login-button') as LoginButton
      button.client = window.latchkey.createClient(options)
      if (button instanceof window.latchkey.LoginButton) throw new Error('upgraded too early')
      document.body.append(button)
    },
    { issuer, clientId },
  )
  await logIn(page)
})

test('shows a link without JavaScript, and only the button with it', async ({ page, as, app }) => {
  const markup = buttonFor(as, '', '<a href="/login">Log in without JavaScript</a>')
  await openButtonPage(page, app, { markup, head: '' })
  await expect(page.getByRole('link')).toBeVisible()
  await openButtonPage(page, app, { markup })
  await expect(named(page, 'Log in')).toBeVisible()
  await expect(page.getByRole('link')).toHaveCount(0)
  await expect(page.getByText('without JavaScript')).toBeHidden()
})

test('two buttons with one client stay in sync, and the one that started the login cancels it', async ({
  page,
  as,
  app,
}) => {
  await openButtonPage(page, app, { markup: '<login-button></login-button><login-button></login-button>' })
  await giveClient(page, { issuer: as.issuer, clientId: as.clientId })
  const popup = await popupOf(page, () => named(page, 'Log in').last().click())
  await expect(named(page, 'Show window')).toHaveCount(2)
  await expect(named(page, 'Cancel')).toHaveCount(1)
  await signIn(popup)
  await expect(named(page, 'Log out')).toHaveCount(2)
  await named(page, 'Log out').first().dispatchEvent('click', { detail: 2 })
  await expect(named(page, 'Log out')).toHaveCount(2)
  await page.evaluate(() => window.auth.logout({ local: true }))
  await expect(named(page, 'Log in')).toHaveCount(2)
  expect((await buttonEvents(page)).map(({ type }) => type)).toEqual(['login', 'login', 'logout', 'logout'])
})

test('prepares the login on hover or focus, and ignores errors of that', async ({ page, as, app }) => {
  as.fault('metadata', { status: 503, times: 1 })
  await openButtonPage(page, app, { markup: buttonFor(as) })
  await expect(named(page, 'Log in')).toHaveAttribute('aria-disabled', 'false')
  expect(as.count('metadata')).toBe(0)
  await page.locator('login-button').focus()
  await expect.poll(() => as.count('metadata')).toBe(1)
  await named(page, 'Log in').hover()
  await expect.poll(() => as.count('jwks')).toBe(1)
  expect(as.count('metadata')).toBe(2)
  await expect(page.getByRole('alert')).toBeEmpty()
  await logIn(page)
  expect(as.count('metadata')).toBe(2)
})

test('logs in by redirect, and shows the result on return', async ({ page, as, app }) => {
  await openButtonPage(page, app, { markup: buttonFor(as, 'mode="redirect"') })
  await named(page, 'Log in').click()
  await page.waitForURL(`${as.origin}/**`)
  await press(page, 'Cancel')
  await expect(page.getByRole('alert')).toHaveText('Login was declined.')
  expect(await buttonEvents(page)).toEqual([{ type: 'login-error', detail: 'access_denied' }])
  await named(page, 'Log in').click()
  await page.waitForURL(`${as.origin}/**`)
  await signIn(page)
  await expect(named(page, 'Log out')).toBeVisible()
  expect(await buttonEvents(page)).toMatchObject([{ type: 'login' }])
})
