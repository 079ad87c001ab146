import type { Page } from '@playwright/test'
import { clickLogin, createAuth, openApp, outcome, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { popupOf, signIn } from '../../rig/sign-in.js'
import { getToken } from '../../rig/token-calls.js'

// The rest of what is presented twice is in test/answers/replay.test.ts.
test.use({ asOptions: { webMessage: false } })

/** Keeps the URLs of the callback page that a window goes to, with the response in them. */
function watchCallback(popup: Page, origin: string): string[] {
  const urls: string[] = []
  popup.on('framenavigated', (frame) => {
    if (frame.url().startsWith(`${origin}/callback.html`) && frame.url().includes('code='))
      urls.push(frame.url())
  })
  return urls
}

test('a response on the callback page: opened again, it redeems nothing and changes nothing', async ({
  page,
  app,
  as,
}) => {
  await openApp(page)
  await createAuth(page)
  const popup = await popupOf(page, () => clickLogin(page))
  const urls = watchCallback(popup, app.origin)
  await signIn(popup)
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
  const before = { token: (await getToken(page)).value, state: await state(page) }
  // The control: the first time, it did.
  expect(as.count('token')).toBe(1)
  expect(urls).toHaveLength(1)

  // In a tab of its own, and in a window that the app has opened.
  const tab = await page.context().newPage()
  await tab.goto(urls[0]!)
  await page.evaluate((url) => (window.onRun = () => void window.open(url)), urls[0]!)
  // By a click: without a gesture, Firefox blocks the window.
  const opened = await popupOf(page, () => page.click('#run'))
  for (const window of [tab, opened]) {
    await expect(window.getByRole('link')).toBeVisible()
    expect(window.url()).not.toContain('code=')
  }
  expect(as.count('token')).toBe(1)
  expect({ token: (await getToken(page)).value, state: await state(page) }).toEqual(before)
})
