import { chromium, type Page } from '@playwright/test'
import { launchOptions } from './browsers.mjs'

/**
 * Works in a page whose browser keeps apart what frames of another site store and say, as users have it. Playwright turns that
 * off in Chromium.
 */
export async function withPartitionedStorage(page: Page, work: (page: Page) => Promise<void>): Promise<void> {
  if (page.context().browser()!.browserType().name() !== 'chromium') return work(page)
  const options = launchOptions('chromium')
  // Playwright's own list of features goes with it: the last one counts.
  const args = [...(options.args ?? []), '--disable-features=HttpsUpgrades']
  const browser = await chromium.launch({ ...options, args })
  const context = await browser.newContext()
  await work(await context.newPage()).finally(() => browser.close())
}
