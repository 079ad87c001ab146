import { click, clickLogin, createAuth, openApp, outcome } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { popupOf, signIn } from '../../rig/sign-in.js'
import { useTrueFocus } from '../../rig/true-focus.js'

test('brings the popup of a login to the front', async ({ page, as }) => {
  await openApp(page)
  await useTrueFocus(page)
  await createAuth(page)
  const popup = await popupOf(page, () => clickLogin(page))
  await useTrueFocus(popup)
  await expect(popup.getByRole('button', { name: 'Sign in' })).toBeVisible()
  const login = outcome(page)
  await page.bringToFront()
  await expect.poll(() => page.evaluate(() => document.hasFocus())).toBe(true)
  // The other window's process hears of it a moment later.
  await expect.poll(() => popup.evaluate(() => document.hasFocus())).toBe(false)

  await click(page, () => window.auth.focusWindow())
  expect((await outcome<boolean>(page)).value).toBe(true)
  await expect.poll(() => popup.evaluate(() => document.hasFocus())).toBe(true)
  await expect.poll(() => page.evaluate(() => document.hasFocus())).toBe(false)

  await signIn(popup)
  expect((await login).value).toMatchObject({ status: 'logged-in' })
  expect(as.count('authorize')).toBe(1)
  expect(await page.evaluate(() => window.auth.focusWindow())).toBe(false)
})
