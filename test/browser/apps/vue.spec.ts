import type { Page } from '@playwright/test'
import {
  count,
  expect,
  play,
  test,
  type FrameworkApp,
  type FrameworkWindow,
} from '../../rig/framework-page.js'
import type { Auth } from '../../../src/vue.js'
import { popupOf, press, signIn } from '../../rig/sign-in.js'
import { test as demoTest } from '../../rig/demo.js'

test.use({ framework: 'vue' })

const navigationErrors = (page: Page) =>
  page.evaluate(() => (window as unknown as { navigationErrors: unknown[] }).navigationErrors)

/** Navigates within the app, as a click on a link does. */
const goTo = (page: Page, path: string) =>
  page.evaluate((to) => {
    const { router } = window as unknown as { router: { push: (path: string) => Promise<unknown> } }
    // Not awaited: a redirect login leaves the page. What it rejects with is in `navigationErrors`.
    router.push(to).catch(() => {})
  }, path)

/** What refs say that the app keeps in a place of its own. */
const valuesOf = (page: Page, place: 'outside' | 'store') =>
  page.evaluate((key) => {
    const { status, user } = (window as unknown as Record<typeof key, Auth>)[key]
    return [status.value, user.value?.sub]
  }, place)

/** Starts at a guarded route, and turns the login down that its guard begins. */
async function turnDownAtOrders(page: Page, ui: FrameworkApp): Promise<void> {
  await ui.open('router', 'orders')
  await press(page, 'Cancel')
  await expect.poll(() => navigationErrors(page).catch(() => [])).toEqual(['access_denied'])
}

test('a guard reports a failed login, and retries only at the next click', async ({ page, ui, as }) => {
  await turnDownAtOrders(page, ui)
  expect(as.count('authorize')).toBe(1)
  await goTo(page, '/orders')
  await signIn(page)
  await expect(page.locator('#name')).toHaveText('alice')
  expect(as.count('authorize')).toBe(2)
})

test('the click after a failed login logs in, even at a route with another guard', async ({
  page,
  ui,
  as,
}) => {
  await turnDownAtOrders(page, ui)
  await goTo(page, '/parcels')
  await signIn(page)
  await expect(page.locator('#name')).toHaveText('alice')
  await expect(page).toHaveURL(/\/ui\/parcels$/)
  expect(as.count('authorize')).toBe(2)
})

test('a guard does not report a failed login that the app has already shown, and logs in', async ({
  page,
  ui,
  as,
}) => {
  await ui.open('router')
  await page.click('#leave')
  await press(page, 'Cancel')
  await expect(page.locator('#fallback')).toHaveText('access_denied')
  await goTo(page, '/orders?page=2')
  await signIn(page)
  await expect(page.locator('#name')).toHaveText('alice')
  await expect(page).toHaveURL(/\/ui\/orders\?page=2$/)
  expect(as.count('authorize')).toBe(2)
})

test('a guard redirects to the login route of the app, and lets a logged-in user through', async ({
  page,
  ui,
  as,
}) => {
  await ui.open('router', '')
  await expect(page.locator('#fallback')).toHaveText('logged-out')
  await goTo(page, '/bills')
  await expect(page).toHaveURL(/\/ui\/login\?to=\/bills&status=logged-out$/)
  expect(as.count('authorize')).toBe(0)

  await ui.seed()
  await ui.open('router', '')
  await goTo(page, '/bills')
  await expect(page).toHaveURL(/\/ui\/bills$/)
  await expect(page.locator('#name')).toHaveText('alice')
})

test('hydrates a component with an async setup when the state changes meanwhile', async ({ page, ui }) => {
  await ui.seed()
  expect(await ui.serveRendered()).toContain('<p id="awaited">loading</p>')
  await ui.open('early')
  await expect(page.locator('#awaited')).toHaveText('logged-in')
  expect(ui.complaints).toEqual([])
})

test('a store lives on when the component that created it is removed before hydration', async ({
  page,
  ui,
}) => {
  await ui.serveRendered()
  await ui.open('played&given-up')
  await play(page, (controls) => controls.logIn({ sub: 'bob' }))
  expect(await valuesOf(page, 'store')).toEqual(['logged-in', 'bob'])
})

test('reads the current state and adds no listener where there is no scope', async ({ page, ui }) => {
  await ui.open('played')
  expect(await valuesOf(page, 'outside')).toEqual(['logged-out', undefined])
  await play(page, (controls) => controls.logIn({ sub: 'bob' }))
  expect(await valuesOf(page, 'outside')).toEqual(['logged-in', 'bob'])
  await page.evaluate(() => (window as unknown as FrameworkWindow).remount(false))
  expect(await count(page, 'listeners')).toBe(0)
})

demoTest(
  'the quick start does not keep the orders of one user for the next, who logs in in a second tab',
  async ({ page, demo }) => {
    const tab = await page.context().newPage()
    const pages = [page, tab]
    for (const each of pages) await each.goto(`${demo.url}/vue/`)
    // Both begin while nobody is logged in: there is no logout between the two users.
    const [first, second] = [
      await popupOf(page, () => page.click('text="Log in"')),
      await popupOf(tab, () => tab.click('text="Log in"')),
    ]
    await signIn(first)
    await press(first, 'Allow')
    await page.click('text="Call API"')
    const orders = page.getByRole('list', { name: 'Orders' }).getByRole('listitem')
    await expect(orders).toHaveCount(4)
    await signIn(second, 'bob')
    await press(second, 'Allow')
    await expect(page.getByRole('status')).toContainText('Bob')
    await expect(orders).toHaveCount(0)
  },
)
