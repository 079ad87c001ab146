import type { Page } from '@playwright/test'

/**
 * Makes `document.hasFocus()` tell the truth in headed Chromium, now and after each navigation: Playwright has every
 * page believe that it has the focus. Firefox needs nothing; headless Chromium cannot.
 */
export async function useTrueFocus(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const tellTheTruth = () => session.send('Emulation.setFocusEmulationEnabled', { enabled: false })
  await tellTheTruth()
  page.on('framenavigated', (frame) => {
    if (frame === page.mainFrame()) tellTheTruth().catch(() => {})
  })
}
