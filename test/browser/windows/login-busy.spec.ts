import type { Page } from '@playwright/test'
import { clickLogin, createAuth, openApp, outcome } from '../../rig/app-page.js'
import { expect, test, type AppServer } from '../../rig/fixtures.js'
import { popupOf, signIn } from '../../rig/sign-in.js'

declare global {
  interface Window {
    messages: { hasSource: boolean; at: number }[]
    busyUntil: number
  }
}

/** Keeps the page's thread busy until the function that it returns is called, and for a second more. */
async function keepBusy(page: Page, app: AppServer): Promise<() => void> {
  let finish = () => {}
  const finished = new Promise<void>((resolve) => (finish = resolve))
  app.route('/busy', async () => (await finished, { body: 'done' }))
  await page.evaluate(
    () =>
      void setTimeout(() => {
        const request = new XMLHttpRequest()
        request.open('GET', '/busy', false)
        request.send()
        const until = performance.now() + 1000
        while (performance.now() < until);
        window.busyUntil = performance.now()
      }),
  )
  await expect.poll(() => app.requests.some(({ path }) => path === '/busy')).toBe(true)
  return finish
}

// Two sites, so that the app and the server's window have a process each.
test.use({ appOptions: { host: '127.0.0.1' } })

test('loses no web message that comes while the app is busy for a second', async ({
  page,
  as,
  app,
  browserName,
}) => {
  const resume = as.fault('resume', { hang: true })
  await openApp(page)
  await createAuth(page)
  await page.evaluate(() => {
    window.messages = []
    addEventListener('message', ({ source }) => {
      window.messages.push({ hasSource: source !== null, at: performance.now() })
    })
  })
  const popup = await popupOf(page, () => clickLogin(page))
  await signIn(popup)
  await resume.hit
  const finish = await keepBusy(page, app)
  resume.release()
  await expect.poll(() => popup.isClosed()).toBe(true)
  finish()

  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  const messages = await page.evaluate(() => window.messages)
  expect(messages[0]!.at).toBeGreaterThanOrEqual(await page.evaluate(() => window.busyUntil))
  // Firefox has forgotten by then which window it came from.
  expect(messages[0]!.hasSource).toBe(browserName === 'chromium')
  expect(as.count('token')).toBe(1)
})

test.describe('by callback page', () => {
  test.use({ asOptions: { webMessage: false } })

  test('loses no answer that comes back while the app is busy for a second', async ({ page, as, app }) => {
    const resume = as.fault('resume', { hang: true })
    await openApp(page)
    await createAuth(page)
    const popup = await popupOf(page, () => clickLogin(page))
    await signIn(popup)
    await resume.hit
    const finish = await keepBusy(page, app)
    resume.release()
    await expect.poll(() => app.requests.some(({ path }) => path === '/callback.html')).toBe(true)
    finish()
    expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
    await expect.poll(() => popup.isClosed()).toBe(true)
    expect(as.count('token')).toBe(1)
  })
})
