import type { Page } from '@playwright/test'
import { clickLogin, createAuth, openApp, outcome, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { observeWindows, timeSinceClosed } from '../../rig/opened-windows.js'
import { popupOf, signIn } from '../../rig/sign-in.js'
import { letOpenerLook } from '../../rig/look.js'

/** Clicks a login that `abort` ends; its outcome is whether it rejected with the reason of the signal. */
async function clickAbortable(page: Page): Promise<void> {
  await page.evaluate(() => {
    const abort = new AbortController()
    const reason = { changed: 'my mind' }
    Object.assign(window, { abort: () => abort.abort(reason) })
    window.onRun = () => window.auth.login({ signal: abort.signal }).catch((error) => error === reason)
  })
  await page.click('#run')
}

const abort = (page: Page) => page.evaluate(() => (window as unknown as { abort: () => void }).abort())

for (const webMessage of [true, false]) {
  test.describe(webMessage ? 'by web message' : 'by callback page', () => {
    test.use({ asOptions: { webMessage } })

    test('rejects with popup_closed within 1.5 s when the user closes the window', async ({ page, as }) => {
      await observeWindows(page)
      await openApp(page)
      await createAuth(page)
      const popup = await popupOf(page, () => clickLogin(page))
      await popup.getByLabel('User name').waitFor()
      // Watched for a while before it closes: it is there, and nothing has been judged.
      expect(await state(page)).toMatchObject({ status: 'logged-out', login: 'waiting' })
      await letOpenerLook(page)
      await popup.close()
      const { error } = await outcome(page)
      expect(error).toMatchObject({ name: 'AuthError', code: 'popup_closed' })
      expect(await timeSinceClosed(page)).toBeLessThan(1500)
      expect(await state(page)).toEqual({ status: 'logged-out' })
      expect(as.count('token')).toBe(0)
    })
  })
}

test('rejects with popup_closed when the user closes the window before it has left for the server', async ({
  page,
  as,
}) => {
  const metadata = as.fault('metadata', { hang: true })
  await observeWindows(page)
  await openApp(page)
  await createAuth(page)
  const popup = await popupOf(page, () => clickLogin(page))
  await metadata.hit
  await popup.close()
  // The driver knows of it before the page does.
  await page.waitForFunction(() => window.closedAt)
  metadata.release()
  expect((await outcome(page)).error).toMatchObject({ code: 'popup_closed' })
  expect(as.count('authorize')).toBe(0)
  // It was no cut: the next login asks for a web message.
  await popupOf(page, () => clickLogin(page))
  await expect.poll(() => as.requests.at(-1)?.endpoint).toBe('interaction')
  const [request] = as.requests.filter(({ endpoint }) => endpoint === 'authorize')
  expect(request!.params['response_mode']).toBe('web_message')
})

test('rejects with timeout when no response arrives, and closes the window', async ({ page, as, app }) => {
  await openApp(page)
  await createAuth(page, { timeouts: { popup: 1500 } })
  const popup = await popupOf(page, () => clickLogin(page))
  const { error, after } = await outcome(page)
  expect(error).toMatchObject({ name: 'AuthError', code: 'timeout' })
  expect(after).toBeGreaterThanOrEqual(1499)
  for (const check of ['"clientId"', '"redirectUri"', `${app.origin}/callback.html`, 'callback page'])
    expect(error!.message).toContain(check)
  await expect.poll(() => popup.isClosed()).toBe(true)
  expect(await state(page)).toEqual({ status: 'logged-out' })
  expect(as.count('token')).toBe(0)
})

test('gives up after ten minutes by default', async ({ page, as }) => {
  await page.clock.install()
  await openApp(page)
  await createAuth(page)
  const popup = await popupOf(page, () => clickLogin(page))
  await popup.getByLabel('User name').waitFor()
  await expect.poll(async () => (await state(page)) as object).toMatchObject({ login: 'waiting' })
  await page.clock.fastForward(590_000)
  expect(await state(page)).toMatchObject({ login: 'waiting' })
  await page.clock.fastForward(10_000)
  expect((await outcome(page)).error).toMatchObject({ code: 'timeout' })
  expect(as.count('authorize')).toBe(1)
})

test('rejects with the reason of the signal, closes the window, and ignores later responses', async ({
  page,
  as,
}) => {
  const resume = as.fault('resume', { hang: true })
  await openApp(page)
  await createAuth(page)
  const popup = await popupOf(page, () => clickAbortable(page))
  await signIn(popup)
  await resume.hit
  await abort(page)
  expect((await outcome<boolean>(page)).value).toBe(true)
  await expect.poll(() => popup.isClosed()).toBe(true)
  expect(await state(page)).toEqual({ status: 'logged-out' })
  resume.release()

  // The next one is not disturbed by it.
  const next = await popupOf(page, () => clickLogin(page))
  await signIn(next)
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
  expect(as.count('token')).toBe(1)
})

test('rejects with the reason of the signal while the metadata is loading', async ({ page, as }) => {
  const metadata = as.fault('metadata', { hang: true })
  await openApp(page)
  await createAuth(page, { timeouts: { request: 120_000 } })
  const popup = await popupOf(page, () => clickAbortable(page))
  await metadata.hit
  await abort(page)
  // The metadata hangs until the promise has settled.
  expect((await outcome<boolean>(page)).value).toBe(true)
  await expect.poll(() => popup.isClosed()).toBe(true)
  expect(await state(page)).toEqual({ status: 'logged-out' })
  metadata.release()
  expect(as.count('authorize')).toBe(0)
})

test('opens nothing if the signal is already aborted', async ({ page, as }) => {
  await observeWindows(page)
  await openApp(page)
  await createAuth(page)
  await page.evaluate(() => {
    const signal = AbortSignal.abort('over')
    window.onRun = () => window.auth.login({ signal }).catch((error) => error)
  })
  await page.click('#run')
  expect((await outcome<string>(page)).value).toBe('over')
  expect(await page.evaluate(() => window.openedUrls)).toEqual([])
  expect(as.requests).toEqual([])
})

test('closes the window when the server cannot be reached', async ({ page, as }) => {
  as.fault('metadata', { status: 503, times: 1 })
  await openApp(page)
  await createAuth(page)
  const popup = await popupOf(page, () => clickLogin(page))
  expect((await outcome(page)).error).toMatchObject({
    code: 'temporarily_unavailable',
    retryable: true,
    status: 503,
  })
  await expect.poll(() => popup.isClosed()).toBe(true)
  await signIn(await popupOf(page, () => clickLogin(page)))
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
})
