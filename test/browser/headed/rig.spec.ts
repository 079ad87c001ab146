import { click, openApp } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { popupOf } from '../../rig/sign-in.js'
import { useTrueFocus } from '../../rig/true-focus.js'

test('reports correctly which window has the focus', async ({ page, as }) => {
  await openApp(page)
  await useTrueFocus(page)
  const hasFocus = () => page.evaluate(() => document.hasFocus())
  await expect.poll(hasFocus).toBe(true)
  const popup = await popupOf(page, () =>
    click(page, (url) => void open(url, '', 'popup,width=400,height=400'), `${as.issuer}/jwks`),
  )
  await expect.poll(hasFocus).toBe(false)
  await popup.close()
  await expect.poll(hasFocus).toBe(true)
})
