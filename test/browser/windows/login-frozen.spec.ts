import { expect, test } from '../../rig/fixtures.js'
import { openUnemulatedPage, type UnemulatedPage } from '../../rig/unemulated-page.js'

test.skip(({ browserName }) => browserName === 'firefox', 'Firefox over BiDi has no way to freeze a page')

/** Finds the window of a login, once it shows the server's page. */
async function findLoginPage(page: UnemulatedPage): Promise<UnemulatedPage> {
  await expect.poll(async () => (await page.findPopup()) !== undefined).toBe(true)
  const popup = (await page.findPopup())!
  const fields = `document.querySelectorAll('input:not([type=hidden])').length`
  await expect.poll(() => popup.evaluate(fields).catch(() => 0)).toBe(2)
  return popup
}

/** Signs alice in, in a window that Playwright does not know of. */
async function signIn(popup: UnemulatedPage): Promise<void> {
  await popup.evaluate(`
    document.querySelector('input:not([type=password],[type=hidden])').value = 'alice'
    document.querySelector('input[type=password]').value = 'any'
    document.querySelector('button').click()`)
}

// A phone freezes the page behind the window that the user is in.
for (const webMessage of [true, false]) {
  test.describe(webMessage ? 'by web message' : 'by callback page', () => {
    test.use({ asOptions: { webMessage } })

    test('logs in when the app was frozen while the window got its answer, and thaws', async ({
      browser,
      app,
      as,
    }) => {
      const page = await openUnemulatedPage(browser, `${app.origin}/`)
      await expect.poll(() => page.evaluate('typeof window.startAuth')).toBe('function')
      await page.evaluate(`
        window.lifecycle = []
        for (const type of ['freeze', 'resume']) document.addEventListener(type, () => lifecycle.push(type))
        startAuth()
        void (window.outcome = auth.login().then(describe, describe))`)
      const popup = await findLoginPage(page)
      await page.freeze()
      await expect.poll(() => page.evaluate('lifecycle')).toEqual(['freeze'])
      await signIn(popup)
      await expect.poll(() => as.countEvents('authorization.success')).toBe(1)
      // What the server answers to a frozen page waits.
      expect(await page.evaluate('auth.getState().status')).toBe('logged-out')

      await page.thaw()
      expect(await page.evaluate('outcome')).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
      expect(await page.evaluate('lifecycle')).toEqual(['freeze', 'resume'])
      expect(as.count('token')).toBe(1)
      await expect.poll(() => page.findPopup()).toBeUndefined()
      await page.close()
    })
  })
}
