import { clickLogin, createAuth, openApp, outcome } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { publishMetadata } from '../../rig/published-metadata.js'
import { logInByPopup } from '../../rig/sign-in.js'

test('rejects an "authorization_endpoint" that is a script, and does not run it', async ({ page, as }) => {
  const script = 'javascript:(opener ?? window).pwned = true'
  const fault = await publishMetadata(as, { authorization_endpoint: script })
  await openApp(page)
  await createAuth(page)
  await clickLogin(page)
  expect((await outcome(page)).error).toMatchObject({
    code: 'discovery_failed',
    cause: { claim: 'authorization_endpoint' },
  })
  expect(await page.evaluate(() => 'pwned' in window)).toBe(false)

  fault.end()
  expect(await logInByPopup(page)).toMatchObject({ status: 'logged-in' })
})
