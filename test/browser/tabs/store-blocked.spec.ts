import { createAuth, openApp } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { logInByPopup } from '../../rig/sign-in.js'

/** What browsers do in a page whose site data the user has blocked. */
function blockSiteData(): void {
  const refuse = () => {
    throw new DOMException('the operation is insecure', 'SecurityError')
  }
  for (const name of ['sessionStorage', 'localStorage', 'indexedDB'])
    Object.defineProperty(window, name, { get: refuse })
  Object.defineProperty(window, 'BroadcastChannel', { value: refuse })
  // Not there in an insecure document, such as a window that is still empty.
  if (navigator.locks)
    navigator.locks.request = () => Promise.reject(new DOMException('blocked', 'SecurityError'))
}

test.describe('where the browser blocks all site data', () => {
  test.use({ asOptions: { accessTokenTTL: 10 } })

  test('logs in by web message, renews and logs out, in memory', async ({ page, as }) => {
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(error.message))
    await page.addInitScript(blockSiteData)
    await openApp(page)
    await createAuth(page)
    expect(await page.evaluate(() => window.auth.ready())).toEqual({ status: 'logged-out' })
    expect(await logInByPopup(page)).toMatchObject({ status: 'logged-in' })
    as.accessTokenTTL = 600
    expect(await page.evaluate(() => window.auth.getToken())).toBeTruthy()
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
    expect(await page.evaluate(() => window.authEvents)).toContainEqual(
      expect.objectContaining({ type: 'store_failed' }),
    )
    await page.evaluate(() => window.auth.logout({ local: true }))
    expect(await page.evaluate(() => window.auth.getState())).toMatchObject({ reason: 'logout' })
    expect(errors).toEqual([])
  })
})
