import type { Page } from '@playwright/test'
import {
  count,
  expect,
  logIn,
  openSecondTab,
  play,
  test,
  type FrameworkWindow,
} from '../rig/framework-page.js'
import { logInByPopup, press, signIn } from '../rig/sign-in.js'

const recovered = (page: Page) =>
  page.evaluate(() => (window as unknown as { recovered: string[] }).recovered)

for (const framework of ['react-19', 'react-18'] as const) {
  test.describe(framework, () => {
    test.use({ framework })

    test('logs in by popup, shows the user and a token, and follows a logout in a second tab', async ({
      page,
      ui,
      as,
    }) => {
      await ui.open()
      await expect(page.locator('#fallback')).toHaveText('logged-out')
      await expect(page.locator('#token')).toHaveText('none')
      expect(as.count('authorize')).toBe(0)
      await logIn(page)
      await expect(page.locator('#inside')).toBeVisible()
      await expect(page.locator('#token')).toHaveText(await page.evaluate(() => window.auth.getToken()))

      const tab = await openSecondTab(page)
      await tab.evaluate(() => window.auth.logout({ local: true }))
      await expect(page.locator('#fallback')).toHaveText('logged-out')
      await expect(page.locator('#token')).toHaveText('none')
      await expect(page.locator('#name')).toBeEmpty()
      expect(ui.complaints).toEqual([])
    })

    test('renders nothing again for a renewed token, and for a tab that has nothing new', async ({
      page,
      ui,
      as,
    }) => {
      await ui.open()
      const before = await count(page, 'renders')
      await logIn(page)
      const shown = await count(page, 'renders')
      expect(shown).toBeGreaterThan(before)
      await expect(page.locator('#token')).not.toHaveText('loading')

      await page.evaluate(() => window.auth.getToken({ minValidity: 1e6 }))
      const tab = await openSecondTab(page)
      // The other tab renews as well and says so.
      const renewed = await tab.evaluate(() => window.auth.getToken({ minValidity: 1e6 }))
      await expect.poll(() => page.evaluate(() => window.auth.getToken())).toBe(renewed)
      expect(as.count('token')).toBe(3)
      expect(await count(page, 'renders')).toBe(shown)
    })

    test('comes back once from a redirect login under StrictMode, and stands there', async ({
      page,
      ui,
      as,
      app,
    }) => {
      await ui.open('strict')
      await page.click('#leave')
      await signIn(page)
      await expect(page.locator('#name')).toHaveText('alice')
      await expect(page.locator('#token')).not.toHaveText('loading')
      expect([as.count('authorize'), as.count('token')]).toEqual([1, 1])
      expect(app.requests.filter(({ path }) => path === '/callback.html')).toHaveLength(1)

      // As after a hot reload: new elements, new hooks, the same client.
      expect(await count(page, 'listeners')).toBe(3)
      await page.evaluate(() => (window as unknown as FrameworkWindow).remount(true))
      await expect(page.locator('#inside')).toBeVisible()
      expect(await count(page, 'listeners')).toBe(3)
      await page.evaluate(() => (window as unknown as FrameworkWindow).remount(false))
      await expect.poll(() => count(page, 'listeners')).toBe(0)
      expect([as.count('authorize'), as.count('token')]).toEqual([1, 1])
      expect(ui.complaints).toEqual([])
    })

    test('shows the failure of a redirect login where the app wants it: in the fallback, or in an error boundary', async ({
      page,
      ui,
    }) => {
      await ui.open()
      await page.click('#leave')
      await press(page, 'Cancel')
      await expect(page.locator('#fallback')).toHaveText('access_denied')
      expect(ui.complaints).toEqual([])

      await ui.open('throw')
      await page.click('#leave')
      await press(page, 'Cancel')
      await expect(page.locator('#boundary')).toHaveText('access_denied')
    })

    test('shows why there is no token, and asks again when told to', async ({ page, ui }) => {
      const wrong = 'resource=https://other.example'
      await ui.open(wrong)
      await logIn(page)
      await expect(page.locator('#token')).toContainText('https://other.example')
      await page.click('#token')
      await expect(page.locator('#token')).toContainText('https://other.example')
      expect(ui.complaints).toEqual([])

      await ui.open(`${wrong}&throw`)
      await expect(page.locator('#boundary')).toHaveText('resource_not_requested')
    })

    test('keeps for nobody else what the part for users holds', async ({ page, ui }) => {
      await ui.open()
      await logIn(page)
      await page.fill('#note', 'of alice')
      await page.evaluate(() => window.auth.getToken({ minValidity: 1e6 }))
      await expect(page.locator('#note')).toHaveValue('of alice')
      const tab = await openSecondTab(page)
      await logInByPopup(tab, { user: 'bob', prompt: 'login' })
      await expect(page.locator('#name')).toHaveText('bob')
      await expect(page.locator('#note')).toHaveValue('')
      expect(ui.complaints).toEqual([])
    })

    test('logs in once, and goes where it was going, from a loader of React Router', async ({
      page,
      ui,
      as,
    }) => {
      await ui.open('router', 'orders')
      await signIn(page)
      await expect(page.locator('#name')).toHaveText('alice')
      await expect(page).toHaveURL(/\/ui\/orders\?router/)
      expect([as.count('authorize'), as.count('token')]).toEqual([1, 1])

      await page.reload()
      await expect(page.locator('#name')).toHaveText('alice')
      expect([as.count('authorize'), as.count('token')]).toEqual([1, 1])
    })

    test('shows what a test client plays: a user, a lost session, a token that cannot be had', async ({
      page,
      ui,
      as,
    }) => {
      await ui.open('played')
      await page.click('#log-in')
      await expect(page.locator('#fallback')).toHaveText('logged-out')
      await play(page, (controls) => controls.logIn({ sub: 'bob' }))
      await expect(page.locator('#name')).toHaveText('bob')
      await expect(page.locator('#token')).toHaveText('test-token-1')
      await play(page, (controls) => controls.expire('session_lost'))
      await page.click('#token')
      await expect(page.locator('#fallback')).toHaveText('logged-out')
      await expect(page.locator('#token')).toHaveText('none')
      expect(ui.complaints).toEqual([])

      await ui.open('played&throw')
      await play(page, (controls) => controls.fail('getToken', 'network_error'))
      await play(page, (controls) => controls.logIn({ sub: 'bob' }))
      await expect(page.locator('#boundary')).toHaveText('network_error')
      expect(as.requests).toEqual([])
    })

    test('hydrates what a server rendered, for a user whom the server did not know', async ({ page, ui }) => {
      await ui.seed()
      const rendered = await ui.serveRendered()
      expect(rendered).toContain('<p id="status">loading</p>')
      expect(rendered).toContain('One moment')
      await ui.open()
      await expect(page.locator('#name')).toHaveText('alice')
      await expect(page.locator('#inside')).toBeVisible()
      expect(await recovered(page)).toEqual([])
      expect(ui.complaints).toEqual([])

      // The control: what does not match is noticed.
      await ui.serveRendered((html) => html.replace('>loading<', '>logged-out<'))
      await ui.open()
      await expect(page.locator('#name')).toHaveText('alice')
      expect(await recovered(page)).not.toEqual([])
    })
  })
}
