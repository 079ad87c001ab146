import type { Page } from '@playwright/test'
import { createAuth, openApp } from './app-page.js'
import { expect as baseExpect, test as base } from './fixtures.js'
import { buildBrowserApp, renderInNode, type Framework } from './framework-apps.js'
import { popupOf, signIn } from './sign-in.js'
import type { TestControls } from '../../src/testing.js'

// The built one: it has its script inside.
const entry = new URL('../../dist/testing.js', import.meta.url).href
const { seedSession } = (await import(entry)) as typeof import('../../src/testing.js')

/** Playwright's `expect` with more patience: the development builds of the frameworks are large, and loaded often. */
export const expect: typeof baseExpect = baseExpect.configure({ timeout: 10_000 })

/** What the test apps count and keep in their page. */
export interface FrameworkWindow extends Window {
  /** How often the part that shows the user was rendered. */
  renders: number
  /** How many listeners the client has now. */
  listeners: number
  /** Takes the app off the page, and puts a new one in its place where it is told to. */
  remount: (again: boolean) => void
}

/** The test app of a framework. */
export interface FrameworkApp {
  /** Opens it with switches in its URL. */
  open: (switches?: string, path?: string) => Promise<void>
  /** Logs a user in before the app is opened, past the server: with a token that it never issued. */
  seed: (user?: string) => Promise<void>
  /** What the browser's console has of warnings and errors. */
  complaints: string[]
  /**
   * Renders it in Node, and serves that from now on: as it is, or as `change` makes it. What it prints after `<!--head-->` is for the
   * head of the page.
   */
  serveRendered: (change?: (html: string) => string) => Promise<string>
}

/** Playwright's `test` with the test app of a framework below `/ui/`; `framework` says which. */
export const test = base.extend<{ framework: Framework; ui: FrameworkApp }>({
  framework: ['react-19', { option: true }],
  ui: [
    async ({ page, app, as, framework }, use) => {
      const code = await buildBrowserApp(framework)
      let content = ''
      app.route('/ui.js', () => ({ headers: { 'content-type': 'text/javascript' }, body: code }))
      app.route('/ui/*', () => ({ body: html(content) }))
      const complaints: string[] = []
      page.on('pageerror', (error) => complaints.push(String(error)))
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
      })
      await use({
        complaints,
        seed: (user = 'alice') =>
          seedSession(page, {
            url: app.origin,
            issuer: as.issuer,
            clientId: as.clientId,
            user: { sub: user },
            tokens: { access_token: 'seeded', expires_in: 600 },
          }),
        open: async (switches = '', path = '') => void (await page.goto(`/ui/${path}?${switches}`)),
        async serveRendered(change = (rendered) => rendered) {
          content = change(await renderInNode(framework))
          return content
        },
      })
    },
    // The first of a worker builds the app, which is not the time of a test.
    { timeout: 60_000 },
  ],
})

/** Does something with the test client of an app that was opened with the switch `played`. */
export async function play(page: Page, what: (controls: TestControls) => void): Promise<void> {
  await page.evaluate(`(${what})(window.auth.test)`)
}

/** Logs in with the app's button, by popup. */
export async function logIn(page: Page, user = 'alice'): Promise<void> {
  const popup = await popupOf(page, () => page.click('#log-in'))
  await signIn(popup, user)
  await expect(page.locator('#name')).toHaveText(user)
  // The user is shown a moment before the login is over.
  await page.waitForFunction(() => !('login' in window.auth.getState()))
}

/** Reads what the app's page counts. */
export async function count(page: Page, what: 'renders' | 'listeners'): Promise<number> {
  return page.evaluate((key) => (window as unknown as FrameworkWindow)[key], what)
}

/** Opens a second tab with the plain test page, at the same client. */
export async function openSecondTab(page: Page): Promise<Page> {
  const tab = await page.context().newPage()
  await openApp(tab)
  await createAuth(tab)
  await tab.evaluate(() => window.auth.ready())
  return tab
}

/** What a server rendered is the content of the root, or that of the whole body; what belongs into the head follows. */
const html = (rendered: string) => {
  const [content = '', head = ''] = rendered.split('<!--head-->')
  const body = /id="root"/.test(content) ? content : `<div id="root">${content}</div>`
  return `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8" /><title>Test app</title><link rel="icon" href="data:," />${head}</head>
  <body>${body}<script src="/defaults.js"></script><script type="module" src="/ui.js"></script></body>
</html>`
}
