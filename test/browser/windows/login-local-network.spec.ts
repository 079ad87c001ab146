import { chromium, type Page } from '@playwright/test'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { click, createAuth, openApp, outcome } from '../../rig/app-page.js'
import { launchOptions } from '../../rig/browsers.mjs'
import { expect, test as base, type AppServer } from '../../rig/fixtures.js'
import { startServerSession } from '../../rig/server-session.js'

/** The names of Chromium's permission to access the local network, as stored in a profile. */
const settings = ['local_network_access', 'local_network', 'loopback_network']

const test = base.extend<{
  /** The identity provider of a company, on its local network. */
  idp: AppServer
}>({
  idp: async ({ startApp }, use) => use(await startApp()),

  // A browser that treats the app and the authorization server as public. In its profile, the user has allowed the app to access the
  // local network. Playwright's grantPermissions would also grant this to frames that must not have it.
  context: async ({ app, as, idp }, use) => {
    void idp
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-profile-'))
    const allowed = { [`${app.origin},*`]: { setting: 1 } }
    const exceptions = Object.fromEntries(settings.map((name) => [name, allowed]))
    await mkdir(join(folder, 'Default'))
    const preferences = { profile: { content_settings: { exceptions } } }
    await writeFile(join(folder, 'Default/Preferences'), JSON.stringify(preferences))
    const spaces = [app.origin, as.issuer].map((origin) => `127.0.0.1:${new URL(origin).port}=public`)
    const { args = [], ...options } = launchOptions('chromium')
    const context = await chromium.launchPersistentContext(folder, {
      ...options,
      args: [...args, `--ip-address-space-overrides=${spaces.join(',')}`],
    })
    await use(context)
    await context.close()
    await rm(folder, { recursive: true })
  },
})

test.skip(({ browserName }) => browserName !== 'chromium', 'starts a Chromium of its own')

/** The URLs of a page's frames. */
const frameUrls = (page: Page) => page.frames().map((frame) => frame.url())

test('a hidden frame can navigate from a public server through one on the local network', async ({
  page,
  as,
  app,
  idp,
}) => {
  await startServerSession(page, as, app)
  await openApp(page)
  await createAuth(page)
  const goTo = (target: string) => `<!doctype html><script>location.replace(${target})</script>`
  idp.route('/sso', () => ({
    headers: { 'content-type': 'text/html' },
    body: goTo('new URLSearchParams(location.search).get("to")'),
  }))
  const toIdp = { times: 1, body: goTo(`'${idp.origin}/sso?to=' + encodeURIComponent(location.href)`) }

  // The control: Chromium blocks a frame to which the page has not delegated the permission.
  as.fault('authorize', toIdp)
  await page.evaluate((src) => {
    const frame = document.createElement('iframe')
    frame.src = src
    document.body.append(frame)
  }, `${as.issuer}/auth`)
  await expect.poll(() => frameUrls(page)).toContain('chrome-error://chromewebdata/')
  expect(idp.requests).toHaveLength(0)

  as.fault('authorize', toIdp)
  await click(page, () => window.auth.login({ mode: 'silent' }))
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  expect(idp.requests.map(({ path }) => path)).toEqual(['/sso'])
})
