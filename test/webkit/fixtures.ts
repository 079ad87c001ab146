import { findWebKit } from '../rig/browsers.mjs'
import { openDisplay } from '../rig/display.js'
import { test as base } from '../rig/fixtures.js'
import { createTabs, type Tab, type Tabs } from './tab.js'
import { startDrivenBrowser, type DrivenBrowser } from './driven-browser.js'

export { expect } from '@playwright/test'

interface WebKitFixtures {
  /** The windows of the browser. */
  tabs: Tabs
  /** The first of them. */
  tab: Tab
}

interface WebKitWorkerFixtures {
  /**
   * A browser for all tests of a worker: to start one takes longer than most tests. Undefined where WebKitGTK is not installed. It has a
   * display of its own, because two browsers on one display share one focus.
   */
  webKit: DrivenBrowser | undefined
}

/** The rig's `test` with WebKitGTK in place of Playwright's `page`. Skips the test where there is none. */
export const test = base.extend<WebKitFixtures, WebKitWorkerFixtures>({
  webKit: [
    async ({}, use) => {
      if (!findWebKit()) return use(undefined)
      const display = await openDisplay()
      const browser = await startDrivenBrowser(display?.name ?? process.env['DISPLAY']!)
      await use(browser)
      await browser.close()
      display?.stop()
    },
    { scope: 'worker' },
  ],

  tabs: async ({ webKit, app, as }, use, testInfo) => {
    testInfo.skip(!webKit, 'needs WebKitGTK (WebKitWebDriver and MiniBrowser) and an X display')
    // The app's pages ask for the authorization server, in whatever order a test names the fixtures.
    void as
    const tabs = createTabs(webKit!.driver, app.origin)
    await use(tabs)
    // Origins are new in each test, but cookies do not know ports.
    await tabs.reset()
  },

  tab: async ({ tabs }, use) => use(await tabs.first()),
})
