import type { Page } from '@playwright/test'

/**
 * Has a page in headless Chromium, which claims the focus for every page, say that it is elsewhere: with the user of the
 * window that was opened. Firefox tells the truth by itself. Call it before the page is opened.
 */
export async function sendFocusElsewhere(page: Page): Promise<void> {
  if (page.context().browser()!.browserType().name() !== 'chromium') return
  await page.addInitScript(() => void (Document.prototype.hasFocus = () => false))
}
