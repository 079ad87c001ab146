import type { Page } from '@playwright/test'
import { expect, expectAccessible, test } from '../../rig/demo.js'
import { popupOf, press, signIn } from '../../rig/sign-in.js'

/** Gets a button of the app by all of its name. */
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

/** Expects a page to be no wider than its window. */
async function expectNoOverflow(page: Page): Promise<void> {
  const widths = () => page.evaluate(() => [document.documentElement.scrollWidth, innerWidth] as const)
  const [content, window] = await widths()
  expect(content).toBeLessThanOrEqual(window)
  // What is too wide would show.
  const wide = await page.evaluateHandle(() => document.body.appendChild(document.createElement('hr')))
  await wide.evaluate((element) => void (element.style.width = '110vw'))
  expect((await widths())[0]).toBeGreaterThan(window)
  await wide.evaluate((element) => element.remove())
}

/** Opens the demo's app and logs alice in, who allows what the app asks for. */
async function logIn(page: Page, url: string): Promise<void> {
  await page.goto(url)
  const popup = await popupOf(page, () => button(page, 'Log in').click())
  await signIn(popup)
  await press(popup, 'Allow')
  await expect(page.getByRole('status').first()).toHaveText('Logged in as Alice')
}

const lane = (page: Page, name: string) =>
  page.locator('.lane').filter({ has: page.getByRole('heading', { name }) })

/** The value that the app shows for a claim of a token. */
const claim = (page: Page, token: string, name: string) =>
  page
    .locator(`${token} div`)
    .filter({ has: page.getByText(name, { exact: true }) })
    .locator('dd')

test('logs in, gets a token, calls the API, stays logged in over a reload, and logs out in a second tab', async ({
  page,
  demo,
}) => {
  await logIn(page, demo.url)
  await button(page, 'Get token').click()
  await expect(page.getByText('getToken()', { exact: true }).last()).toBeVisible()
  await expect(page.locator('#life-time')).toHaveText(/^\d+:\d\d$/)
  await expect(page.locator('#life-text')).toHaveText('until the access token expires')
  await expect(claim(page, '#access-token', 'aud')).toHaveText(/^https?:\/\//)
  await expect(claim(page, '#id-token', 'sub')).toHaveText('alice')
  await button(page, 'Call API').click()
  await expect(page.locator('#api-answer li')).toHaveCount(4)
  await page.reload()
  await expect(page.locator('#user-name', { hasText: 'Alice' })).toBeVisible()
  const tab = await page.context().newPage()
  await tab.goto(demo.url)
  await button(tab, 'Log out').click()
  await expect(page.getByText('Nobody is logged in')).toBeVisible()
  // Chromium can take half a minute to close a tab that is just about to show another site.
  await tab.waitForURL('**/session/end?*')
})

test('logs in with redirect', async ({ page, demo }) => {
  await page.goto(demo.url)
  await button(page, 'Log in with redirect').click()
  await signIn(page)
  await press(page, 'Allow')
  await expect(page.locator('#user-name', { hasText: 'Alice' })).toBeVisible()
  expect(page.url()).toBe(`${demo.url}/`)
})

test('draws who called whom: impersonation next to delegation', async ({ page, demo }) => {
  await logIn(page, demo.url)
  await page.getByRole('button', { name: 'Stock' }).click()
  await expect(lane(page, 'Impersonation')).toContainText('Nothing shows that the orders API is calling')
  await expect(lane(page, 'Delegation')).toContainText('sees alice, and that orders-service acts for alice')
  await expect(lane(page, 'Delegation').locator('.acting')).toHaveText('Actororders-service')
  await expect(lane(page, 'Impersonation').locator('.acting')).toHaveCount(0)
  await expect(page.locator('button[aria-current]')).toHaveText('Stock')
  await expectAccessible(page)
})

test('draws the request of a service on its own behalf, and the introspection by the payments API', async ({
  page,
  demo,
}) => {
  await logIn(page, demo.url)
  await page.getByRole('button', { name: 'Supply' }).click()
  await expect(lane(page, 'own request').locator('.verdict')).toHaveText(
    'The inventory API sees orders-service itself. No user is involved.',
  )
  await page.getByRole('button', { name: 'Bills' }).click()
  await expect(page.locator('.party').last()).toHaveText('Payments APIintrospected the token at the server')
  await expect(page.locator('#api-answer li')).toHaveCount(4)
})

test('shows nothing of the previous call after a failed one, and copies the token on request', async ({
  page,
  demo,
}) => {
  await logIn(page, demo.url)
  await page.getByRole('button', { name: 'Supply' }).click()
  await expect(page.locator('.verdict')).toBeVisible()
  await page.route('**/bills', (route) => route.abort())
  await page.getByRole('button', { name: 'Bills' }).click()
  await expect(page.getByRole('alert')).toBeVisible()
  await expect(page.locator('.verdict')).toHaveCount(0)
  await expect(page.locator('#api-answer')).toHaveText('No call yet.')
  await page.getByRole('button', { name: 'Copy it' }).click()
  await expect(page.getByText('copied to the clipboard').last()).toBeVisible()
})

test("gives a partner's user access with a SAML assertion", async ({ page, demo }) => {
  await logIn(page, demo.url)
  await page.getByRole('button', { name: 'Partner (SAML)' }).click()
  await expect(lane(page, 'partner')).toContainText(
    'sees pat, vouched for by the partner’s identity provider',
  )
  await expect(lane(page, 'partner').locator('dl')).toContainText('Clientpartner-service')
  await expect(page.locator('#api-answer li')).toHaveCount(4)
})

test('asks for a second factor before showing refunds', async ({ page, demo }) => {
  await logIn(page, demo.url)
  const popup = await popupOf(page, () => page.getByRole('button', { name: 'Refunds' }).click())
  await popup.getByLabel('Code').fill('123456')
  await expectAccessible(popup)
  await press(popup, 'Confirm')
  await expect(page.locator('#api-status')).toContainText('GET /orders/refunds → 200')
})

test('passes the axe checks on all pages, in light and dark mode', async ({ page, demo }) => {
  for (const colorScheme of ['light', 'dark'] as const) {
    // Without the buttons' transitions, in the middle of which a colour is neither the old nor the new one.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.goto(demo.url)
    await expect(page.getByText('Nobody is logged in')).toBeVisible()
    await expectAccessible(page)
  }
  await button(page, 'Log in with redirect').click()
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await expectAccessible(page)
  await signIn(page)
  await expect(page.getByRole('button', { name: 'Allow' })).toBeVisible()
  await expectAccessible(page)
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`fits a phone, and its login pages a popup, in ${colorScheme} mode`, async ({ page, demo }) => {
    const [phone, popup] = [
      { width: 390, height: 844 },
      { width: 480, height: 680 },
    ]
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize(phone)
    await page.goto(demo.url)
    await expectNoOverflow(page)
    await button(page, 'Log in with redirect').click()
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
    // Firefox cannot resize a page in the middle of a navigation.
    await page.setViewportSize(popup)
    await expectNoOverflow(page)
    await signIn(page)
    await expect(page.getByRole('button', { name: 'Allow' })).toBeVisible()
    await expectNoOverflow(page)
    await page.setViewportSize(phone)
    await press(page, 'Allow')
    // With all that it shows of a session, its tokens and a call.
    await button(page, 'Stock').click()
    await expect(lane(page, 'Delegation')).toContainText('orders-service')
    await expectNoOverflow(page)
  })
}
