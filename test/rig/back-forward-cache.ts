import { chromium, type Browser } from '@playwright/test'
import { launchOptions } from './browsers.mjs'

/** Works in a Chromium that keeps pages for the back button, as users have it; Playwright turns that off. */
export async function withBackForwardCache(work: (browser: Browser) => Promise<void>): Promise<void> {
  const options = launchOptions('chromium')
  const ignoreDefaultArgs = [...(options.ignoreDefaultArgs ?? []), '--disable-back-forward-cache']
  const browser = await chromium.launch({ ...options, ignoreDefaultArgs })
  await work(browser).finally(() => browser.close())
}
