import type { Page } from '@playwright/test'
import { expect, test } from '../../rig/fixtures.js'
import { serviceWorkers, startPwaApp, type PwaApp } from '../../rig/pwa-app.js'
import { popupOf, signIn } from '../../rig/sign-in.js'
import { stopServer } from '../../rig/stopped-server.js'

// Popups with the callback page, too.
test.use({ asOptions: { webMessage: false } })

/** Opens the app, and again, so that the service worker controls it and has its files. */
async function openTwice(page: Page, origin: string): Promise<void> {
  await page.goto(origin)
  await page.evaluate(async () => void (await navigator.serviceWorker.ready))
  await page.reload()
  await expect.poll(() => page.evaluate(() => !!navigator.serviceWorker.controller)).toBe(true)
}

/** Gets a token, or the error's code. */
async function getToken(page: Page): Promise<{ token?: string; code?: string; retryable?: boolean }> {
  return page.evaluate(() =>
    window.auth.getToken().then(
      (token) => ({ token }),
      ({ code, retryable }: { code: string; retryable: boolean }) => ({ code, retryable }),
    ),
  )
}

for (const kind of serviceWorkers)
  test.describe(`with the service worker of docs/pwa.md (${kind})`, () => {
    // They share the app.
    test.describe.configure({ mode: 'serial' })
    let app: PwaApp
    test.beforeAll(async () => {
      // npm downloads what the app needs.
      test.setTimeout(180_000)
      app = await startPwaApp(kind)
    })
    test.afterAll(() => app?.close())

    test('an app logs in by popup and redirect, and stays logged in without any server', async ({
      page,
      as,
    }) => {
      app.settings = { issuer: as.issuer, clientId: as.clientId }
      as.appOrigins.push(app.origin)
      await openTwice(page, app.origin)
      const status = page.locator('output')
      // The navigation fallback works: the server is not asked.
      app.requests.length = 0
      await page.goto(`${app.origin}/orders/1`)
      await expect(page).toHaveTitle('The app')
      expect(app.requests).not.toContain('/orders/1')
      await page.goto(app.origin)

      await signIn(await popupOf(page, () => page.click('#popup')))
      await expect(status).toHaveText('logged-in alice')
      expect(app.requests).toEqual(expect.arrayContaining(['/callback.html', '/callback.js']))
      await page.evaluate(() => window.auth.logout({ local: true }))
      await expect(status).toHaveText('logged-out logout')
      const stopTampering = as.tamperTokenResponse((json) => ({ ...json, expires_in: 0 }))
      await page.click('#redirect')
      await expect(status).toHaveText('logged-in alice')
      expect(page.url()).toBe(`${app.origin}/`)
      stopTampering()

      await app.stop()
      const startServer = await stopServer(as)
      await page.reload()
      await expect(status).toHaveText('logged-in alice')
      expect(await getToken(page)).toMatchObject({ code: 'network_error', retryable: true })
      await expect(status).toHaveText('logged-in alice')
      // Nothing of latchkey's pages is in a cache.
      const cached = await page.evaluate(async () => {
        const all = await Promise.all(
          (await caches.keys()).map(async (name) => (await caches.open(name)).keys()),
        )
        return all.flat().map(({ url }) => url)
      })
      expect(cached.filter((url) => /callback|logout/.test(url))).toEqual([])
      expect(cached.filter((url) => url.includes('/assets/')).length).toBeGreaterThan(0)

      const server = await startServer()
      try {
        // Without a reload.
        expect(as.secrets).toContain((await getToken(page)).token)
        expect(as.countEvents('grant.error')).toBe(0)
      } finally {
        server.closeAllConnections()
        server.close()
      }
    })

    test('the login by popup never ends without the exclusion: the app opens there', async ({ page, as }) => {
      app.settings = { issuer: as.issuer, clientId: as.clientId }
      app.changeWorker = (code) =>
        code.replace(' || isFromNetwork.test(pathname)', '').replace(/,\s*\{\s*denylist:\s*\[.*?\]\s*\}/, '')
      as.appOrigins.push(app.origin)
      await app.start()
      await openTwice(page, app.origin)
      app.requests.length = 0
      const popup = await popupOf(page, () => page.click('#popup'))
      await signIn(popup)
      await popup.waitForURL(/\/callback\.html/)
      await expect(popup).toHaveTitle('The app')
      await expect(page.locator('output')).toHaveText('timeout', { timeout: 20_000 })
      expect(app.requests).not.toContain('/callback.html')
    })
  })
