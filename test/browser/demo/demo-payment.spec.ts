import type { Page } from '@playwright/test'
import { expect, expectAccessible, logInToDemo, test } from '../../rig/demo.js'
import { popupOf, press } from '../../rig/sign-in.js'

const clickPay = (page: Page) => popupOf(page, () => page.getByRole('button', { name: 'Pay' }).click())

test('requests one payment, which the server shows and the token names', async ({ page, demo }) => {
  await logInToDemo(page, demo.url)
  const popup = await clickPay(page)
  await expect(popup.getByRole('listitem').filter({ hasText: 'payment_initiation' })).toContainText(
    'Pay 42.00 EUR to Brass & Sons',
  )
  await expectAccessible(popup)
  await press(popup, 'Allow')
  await expect(page.locator('#lanes .granted')).toHaveText('DetailsPay 42.00 EUR to Brass & Sons')
  await expect(page.locator('#api-answer li')).toContainText('Brass & Sons')
  await expect(page.locator('#access-token')).toContainText('"creditorName":"Brass & Sons"')
})

test('names no payment without the consent of the user', async ({ page, demo }) => {
  await logInToDemo(page, demo.url)
  await press(await clickPay(page), 'Deny')
  await expect(page.getByRole('alert')).toContainText('access_denied')
  await page.getByRole('button', { name: 'Bills' }).click()
  await expect(page.locator('#lanes')).toContainText('payments:read')
  await expect(page.locator('#lanes')).not.toContainText('Details')
  await expect(page.locator('#access-token')).toContainText('client_id')
  await expect(page.locator('#access-token')).not.toContainText('authorization_details')
})
