import { click, clickLogin, createAuth, openApp, outcome, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { observeWindows } from '../../rig/opened-windows.js'
import { popupOf, signIn } from '../../rig/sign-in.js'

test('opens the window during the gesture, before the metadata has loaded', async ({ page, as }) => {
  const metadata = as.fault('metadata', { hang: true })
  await openApp(page)
  await createAuth(page)
  await page.evaluate(
    () =>
      (window.onRun = () => {
        const before = navigator.userActivation.isActive
        void window.auth.login()
        // Opening a window uses the gesture up.
        return { before, after: navigator.userActivation.isActive }
      }),
  )
  const popup = await popupOf(page, () => page.click('#run'))
  expect((await outcome<object>(page)).value).toEqual({ before: true, after: false })
  await metadata.hit
  expect(popup.url()).toBe('about:blank')
  expect(as.count('authorize')).toBe(0)
  metadata.release()
  await expect(popup.getByRole('button', { name: 'Sign in' })).toBeVisible()
})

test('opens directly at the server after prepare()', async ({ page, as }) => {
  await observeWindows(page)
  await openApp(page)
  await createAuth(page)
  await page.evaluate(() => window.auth.prepare())
  expect(as.count('metadata')).toBe(1)
  as.requests.length = 0
  const popup = await popupOf(page, () => clickLogin(page))
  await signIn(popup)
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  const [opened] = await page.evaluate(() => window.openedUrls)
  expect(opened).toMatch(new RegExp(`^${as.issuer}/auth\\?`))
  expect(as.count('metadata')).toBe(0)

  // What was prepared serves one login.
  await popupOf(page, () => clickLogin(page))
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
  expect((await page.evaluate(() => window.openedUrls))[1]).toBe('about:blank')
  const states = as.requests
    .filter(({ endpoint }) => endpoint === 'authorize')
    .map(({ params }) => params['state'])
  expect(new Set(states).size).toBe(2)
})

test('rejects with popup_blocked at once, and logs in with the next click', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  // The one window that a gesture is good for is taken.
  await click(page, () => {
    open('about:blank', 'taken')
    return window.auth.login()
  })
  const { error, after } = await outcome(page)
  expect(error).toMatchObject({ name: 'AuthError', code: 'popup_blocked', retryable: false })
  expect(error!.message).toContain('mode: "redirect"')
  // Of that, opening the first window takes up to a second where both cores are busy.
  expect(after).toBeLessThan(2000)
  expect(as.requests).toEqual([])
  expect(await state(page)).toEqual({ status: 'logged-out' })
  expect(page.url()).not.toContain(as.origin)

  const popup = await popupOf(page, () => clickLogin(page))
  await signIn(popup)
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
})

test('rejects with popup_blocked when it is called without a gesture', async ({ page, as, app }) => {
  app.authAtLoad = {}
  // A Firefox that is driven starts a page with a gesture: the page itself waits until that is over.
  app.route('/at-load', () => ({
    body: `<!doctype html><title>Logs in at load</title><script src="/defaults.js"></script><button id="run"></button>
      <script type="module" src="/latchkey.js"></script><script type="module" src="/app.js"></script>
      <script type="module">
        const gestureOver = new Promise((resolve) => {
          const look = () => (navigator.userActivation.isActive ? setTimeout(look, 50) : resolve())
          look()
        })
        const fail = (error) => ({ error: describe(error), after: 0 })
        window.outcome = gestureOver.then(() => window.auth.login()).then((value) => ({ value, after: 0 }), fail)
      </script>`,
  }))
  await openApp(page, '/at-load')
  expect((await outcome(page)).error).toMatchObject({ code: 'popup_blocked' })
  expect(page.context().pages()).toHaveLength(1)
  expect(as.requests).toEqual([])
})
