import type { Page } from '@playwright/test'
import type { Framework } from '../../rig/framework-apps.js'
import {
  count,
  expect,
  logIn,
  openSecondTab,
  play,
  test,
  type FrameworkWindow,
} from '../../rig/framework-page.js'
import { signIn } from '../../rig/sign-in.js'

// Tests what every binding does. What only one does is tested in react.spec.ts, vue.spec.ts, svelte.spec.ts and solid.spec.ts.

interface Traits {
  /** How many listeners the test app has: one for each part that shows the state. */
  listeners: number
  /** The selector of the element that requests a token again when clicked. */
  renewal: string
  /** Makes the test app show a token, if it does not do so by itself. */
  showToken: (page: Page) => Promise<void>
  /** Turns rendered markup into one that does not fit the app. */
  spoil: (html: string) => string
}

const spoilText = (html: string) => html.replace('>loading<', '>logged-out<')

// With `useToken`.
const react: Traits = { listeners: 3, renewal: '#token', showToken: async () => {}, spoil: spoilText }
const vue: Traits = {
  listeners: 2,
  renewal: '#get-token',
  showToken: (page) => page.click('#get-token'),
  spoil: spoilText,
}
// One for the whole app. Angular compares elements, not their text.
const angular: Traits = {
  ...vue,
  listeners: 1,
  spoil: (html) => html.replace('<p id="status">', '<b id="status">'),
}

// All components share a store.
const svelte: Traits = {
  ...vue,
  listeners: 1,
  spoil: (html) => html.replace('data:,loading', 'data:,logged-out'),
}
const solid: Traits = { ...vue, spoil: (html) => html.replace(/<p [^>]*id="waiting".*?<\/p>/, '') }

const frameworks: Record<Framework, Traits> = {
  'react-19': react,
  'react-18': react,
  vue,
  svelte,
  solid,
  'angular-22': angular,
  'angular-21': angular,
}

for (const [framework, { listeners, renewal, showToken, spoil }] of Object.entries(frameworks))
  test.describe(framework, () => {
    test.use({ framework: framework as Framework })

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
      await showToken(page)
      await expect(page.locator('#token')).toHaveText(await page.evaluate(() => window.auth.getToken()))

      const tab = await openSecondTab(page)
      await tab.evaluate(() => window.auth.logout({ local: true }))
      await expect(page.locator('#fallback')).toHaveText('logged-out')
      await expect(page.locator('#token')).toHaveText('none')
      await expect(page.locator('#name')).toBeEmpty()
      expect(ui.complaints).toEqual([])
    })

    test('does not re-render for a renewed token, or when another tab has nothing new', async ({
      page,
      ui,
      as,
    }) => {
      // As Microsoft Entra ID does.
      as.tamperIdToken((claims) => ({ claims: { ...claims, uti: Math.random(), aio: Math.random() } }))
      await ui.open()
      const before = await count(page, 'renders')
      await logIn(page)
      const shown = await count(page, 'renders')
      expect(shown).toBeGreaterThan(before)
      await expect(page.locator('#token')).not.toHaveText('loading')

      await page.evaluate(() => window.auth.getToken({ minValidity: 1e6 }))
      const tab = await openSecondTab(page)
      // The other tab also renews, and announces it.
      const renewed = await tab.evaluate(() => window.auth.getToken({ minValidity: 1e6 }))
      await expect.poll(() => page.evaluate(() => window.auth.getToken())).toBe(renewed)
      expect(as.count('token')).toBe(3)
      expect(await count(page, 'renders')).toBe(shown)
      await page.click('#log-out')
      await expect(page.locator('#fallback')).toBeVisible()
      expect(await count(page, 'renders')).toBeGreaterThan(shown)
    })

    test('handles a redirect login once, keeps its result, and leaves no listener behind', async ({
      page,
      ui,
      as,
      app,
    }) => {
      // React's StrictMode runs every effect twice.
      await ui.open('strict')
      await page.click('#leave')
      await signIn(page)
      await expect(page.locator('#name')).toHaveText('alice')
      await expect(page.locator('#token')).not.toHaveText('loading')
      expect([as.count('authorize'), as.count('token')]).toEqual([1, 1])
      expect(app.requests.filter(({ path }) => path === '/callback.html')).toHaveLength(1)

      // As after a hot reload: new elements, new listeners, the same client.
      expect(await count(page, 'listeners')).toBe(listeners)
      await page.evaluate(() => (window as unknown as FrameworkWindow).remount(true))
      await expect(page.locator('#inside')).toBeVisible()
      expect(await count(page, 'listeners')).toBe(listeners)
      await page.evaluate(() => (window as unknown as FrameworkWindow).remount(false))
      await expect.poll(() => count(page, 'listeners')).toBe(0)
      expect([as.count('authorize'), as.count('token')]).toEqual([1, 1])
      expect(ui.complaints).toEqual([])
    })

    test('logs in once for a guarded route of the router, and continues the navigation', async ({
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

    test('shows what a test client simulates: a user, a renewed token, a lost session', async ({
      page,
      ui,
      as,
    }) => {
      await ui.open('played')
      await page.click('#log-in')
      await expect(page.locator('#fallback')).toHaveText('logged-out')
      await play(page, (controls) => controls.logIn({ sub: 'bob' }))
      await expect(page.locator('#name')).toHaveText('bob')
      await showToken(page)
      await expect(page.locator('#token')).toHaveText('test-token-1')
      await play(page, (controls) => controls.expire())
      await page.click(renewal)
      await expect(page.locator('#token')).toHaveText('test-token-2')
      await play(page, (controls) => controls.expire('session_lost'))
      await page.click(renewal)
      await expect(page.locator('#fallback')).toHaveText('logged-out')
      await expect(page.locator('#token')).toHaveText('none')
      expect(as.requests).toEqual([])
      expect(ui.complaints).toEqual([])
    })

    test('hydrates server-rendered markup for a user unknown to the server', async ({ page, ui }) => {
      // Builds the app a second time, for Node.
      test.slow()
      await ui.seed()
      const rendered = await ui.serveRendered()
      expect(rendered).toContain('<p id="status">loading</p>')
      expect(rendered).toContain('One moment')
      await ui.open()
      await expect(page.locator('#name')).toHaveText('alice')
      await expect(page.locator('#inside')).toBeVisible()
      expect(ui.complaints).toEqual([])

      // The control: a mismatch is reported.
      await ui.serveRendered(spoil)
      await ui.open()
      await expect.poll(() => ui.complaints.join()).toContain('ydrat')
    })
  })
