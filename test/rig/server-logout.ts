import type { Page } from '@playwright/test'
import type { TestAuthorizationServer } from './authorization-server.js'

/** Logs the user out at the server in a tab of its own, as the server's own page or another app would. */
export async function logOutAtServer(page: Page, as: TestAuthorizationServer): Promise<void> {
  const tab = await page.context().newPage()
  await tab.goto(`${as.issuer}/session/end`)
  await tab.waitForURL(`${as.issuer}/session/end/success`)
  await tab.close()
}
