import { clickLogin, createAuth, openApp, outcome } from '../rig/app-page.js'
import { expect, test } from '../rig/fixtures.js'
import { logInByPopup } from '../rig/sign-in.js'

test.describe('metadata that names an endpoint which is a script', () => {
  for (const field of ['authorization_endpoint', 'end_session_endpoint'])
    test(`is refused for "${field}", and the script does not run`, async ({ page, as }) => {
      const response = await fetch(`${as.issuer}/.well-known/openid-configuration`)
      const metadata = (await response.json()) as Record<string, unknown>
      const body = JSON.stringify({ ...metadata, [field]: 'javascript:(opener ?? window).pwned = true' })
      const fault = as.fault('metadata', { status: 200, contentType: 'application/json', body })
      await openApp(page)
      await createAuth(page)
      await clickLogin(page)
      expect((await outcome(page)).error).toMatchObject({ code: 'discovery_failed', cause: { claim: field } })
      expect(await page.evaluate(() => 'pwned' in window)).toBe(false)

      fault.end()
      expect(await logInByPopup(page)).toMatchObject({ status: 'logged-in' })
    })
})
