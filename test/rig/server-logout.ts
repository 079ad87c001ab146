import { expect, type Page } from '@playwright/test'
import type { TestAuthorizationServer } from './authorization-server.js'

/** Logs the user out at the server in a tab of its own, as the server's own page or another app would. */
export async function logOutAtServer(page: Page, as: TestAuthorizationServer): Promise<void> {
  const tab = await page.context().newPage()
  await tab.goto(`${as.issuer}/session/end`)
  await tab.waitForURL(`${as.issuer}/session/end/success`)
  await tab.close()
}

/**
 * Logs the user out at the server without a page. In Firefox, closing a tab gives the page below it the focus, which starts a check of
 * the session.
 */
export async function logOutByRequest(page: Page, as: TestAuthorizationServer): Promise<void> {
  const { request } = page.context()
  const asked = await request.get(`${as.issuer}/session/end`)
  const [, xsrf = ''] = /name="xsrf" value="(\w+)"/.exec(await asked.text()) ?? []
  const ended = await request.post(`${as.issuer}/session/end/confirm`, { form: { xsrf, logout: 'yes' } })
  expect(ended.url()).toBe(`${as.issuer}/session/end/success`)
}
