import { expect, test } from '../../rig/fixtures.js'
import { makeDocumentApp } from '../../rig/document-app.js'
import { popupOf, signIn } from '../../rig/sign-in.js'

test('an app set up as in the README logs in, stays logged in, and logs out', async ({
  page,
  as,
  browserName,
}) => {
  test.skip(browserName !== 'chromium', 'npm installs the same files; frameworks.spec covers both engines')
  // npm downloads what the template needs.
  test.setTimeout(240_000)
  const { issuer, clientId } = as
  const app = await makeDocumentApp({ document: 'README.md', template: 'react-ts', issuer, clientId })
  try {
    const origin = await app.serve('preview')
    as.appOrigins.push(origin)
    const errors: string[] = []
    page.on('pageerror', ({ message }) => errors.push(message))
    await page.goto(origin)
    const popup = await popupOf(page, () => page.getByRole('button', { name: 'Log in' }).click())
    await signIn(popup)
    const logOut = page.getByRole('button', { name: 'Log out Alice' })
    await expect(logOut).toBeVisible()
    await page.reload()
    await logOut.click()
    await expect.poll(() => as.count('end_session')).toBe(1)
    expect(as.count('token')).toBe(1)

    // At a server that gives the name at its userinfo endpoint alone (OpenID Connect Core section 5.4).
    as.tamperIdToken(({ name: _, ...claims }) => ({ claims }))
    await page.waitForURL(`${origin}/`)
    const next = await popupOf(page, () => page.getByRole('button', { name: 'Log in' }).click())
    await signIn(next)
    await expect(page.getByRole('button', { name: 'Log out alice', exact: true })).toBeVisible()
    expect(errors).toEqual([])
  } finally {
    await app.close()
  }
})
