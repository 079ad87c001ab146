import type { Page } from '@playwright/test'
import { quickStarts } from '../../demo/quick-start-page.js'
import { expect, expectAccessible, test } from '../rig/demo.js'
import { popupOf, press, signIn } from '../rig/sign-in.js'

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

for (const name of quickStarts) {
  test(`${name}: logs in by popup, calls the API, stays logged in over a reload, and follows a logout in a second tab`, async ({
    page,
    demo,
  }) => {
    const errors: unknown[] = []
    page.on('pageerror', (error) => errors.push(error))
    await page.goto(`${demo.url}/${name}/`)
    await expectAccessible(page)
    const popup = await popupOf(page, () => button(page, 'Log in').click())
    await signIn(popup)
    await press(popup, 'Allow')
    await expect(page.getByText('Alice').first()).toBeVisible()
    await button(page, 'Call API').click()
    await expect(page.getByRole('list', { name: 'Orders' }).getByRole('listitem')).toHaveCount(4)
    await expectAccessible(page)

    await page.reload()
    await expect(page.getByText('Alice').first()).toBeVisible()
    const tab = await page.context().newPage()
    await tab.goto(`${demo.url}/${name}/`)
    await button(tab, 'Log out').click()
    await expect(button(page, 'Log in')).toBeVisible()
    await expect(page.getByText('Alice')).toHaveCount(0)
    await press(tab, 'Sign out')
    await expect(tab).toHaveURL(`${demo.url}/${name}/`)
    expect(errors).toEqual([])
  })
}

test('the small apps link to each other, and share one session', async ({ page, demo }) => {
  await page.goto(`${demo.url}/vanilla/`)
  const popup = await popupOf(page, () => button(page, 'Log in').click())
  await signIn(popup)
  await press(popup, 'Allow')
  for (const name of [...quickStarts, 'vanilla']) {
    await page.locator(`nav a[href="/${name}/"]`).click()
    await expect(page).toHaveURL(`${demo.url}/${name}/`)
    await expect(page.getByText('Alice').first()).toBeVisible()
    await expect(page.locator('nav a[aria-current="page"]')).toHaveAttribute('href', `/${name}/`)
  }
  await page.locator('nav a[href="/"]').click()
  // Its tokens are bound to a key, so its session is another one.
  await expect(page.getByText('Nobody is logged in')).toBeVisible()
})
