import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type BrowserContext, type Page } from '@playwright/test'
import { events, openApp, state } from '../../rig/app-page.js'
import { launchOptions } from '../../rig/browsers.mjs'
import { expect, test } from '../../rig/fixtures.js'
import { isRefresh } from '../../rig/request-kinds.js'
import { signInByRequest } from '../../rig/server-session.js'
import { getToken, openTab, renewToken } from '../../rig/token-calls.js'

test.skip(({ browserName }) => browserName === 'firefox', 'BiDi opens no private windows')

const loggedIn = { status: 'logged-in', user: { sub: 'alice' } }

/** Logs in, in the first page of a window. */
async function logIn(page: Page): Promise<void> {
  await openApp(page)
  expect(await page.evaluate(() => window.auth.login({ mode: 'silent' }))).toMatchObject(loggedIn)
}

// A context of Playwright is off the record, as the private window of a user is.
test('shares the session with the tabs of a private window and through reloads, and leaves nothing for the next one', async ({
  browser,
  app,
  as,
}) => {
  app.authAtLoad = {}
  const open = async (): Promise<[BrowserContext, Page]> => {
    const context = await browser.newContext({ baseURL: app.origin })
    return [context, await context.newPage()]
  }
  const [context, page] = await open()
  await signInByRequest(page, as, app)
  await logIn(page)
  const other = await openTab(page)
  expect(await state(other)).toMatchObject(loggedIn)
  const { value } = await renewToken(other)
  await page.reload()
  expect((await getToken(page)).value).toBe(value)
  expect(as.count('token', isRefresh)).toBe(1)
  expect((await events(page)).filter(({ type }) => type === 'store_failed')).toEqual([])
  await context.close()

  const [next, later] = await open()
  await openApp(later)
  expect(await later.evaluate(() => window.auth.ready())).toEqual({ status: 'logged-out' })
  await next.close()
})

// The control: another window keeps it.
test('finds the session again after a restart of the browser, without a request', async ({ app, as }) => {
  app.authAtLoad = {}
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-profile-'))
  const start = async (): Promise<[BrowserContext, Page]> => {
    const context = await chromium.launchPersistentContext(folder, {
      ...launchOptions('chromium'),
      baseURL: app.origin,
    })
    return [context, context.pages()[0]!]
  }
  try {
    const [context, page] = await start()
    await signInByRequest(page, as, app)
    await logIn(page)
    const { value } = await getToken(page)
    await context.close()

    const { length } = as.requests
    const [next, later] = await start()
    await openApp(later)
    expect(await later.evaluate(() => window.auth.ready())).toMatchObject(loggedIn)
    expect((await getToken(later)).value).toBe(value)
    expect(as.requests).toHaveLength(length)
    expect((await renewToken(later)).value).toBeTruthy()
    await next.close()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
