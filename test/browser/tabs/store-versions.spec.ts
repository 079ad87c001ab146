import type { BrowserContext, Page } from '@playwright/test'
import { openApp, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { collectRefreshTokens, isAlive } from '../../rig/refresh-tokens.js'
import { readRecords } from '../../rig/stored-records.js'
import { expectState, getToken, openTab, renewToken, startSession } from '../../rig/token-calls.js'

const loggedIn = { status: 'logged-in', user: { sub: 'alice' } } as never

/** Serves the next pages a later build, whose records have another version. Returns the function that ends it. */
async function serveLaterBuild(context: BrowserContext): Promise<() => Promise<void>> {
  await context.route('**/latchkey.js', async (route) => {
    const response = await route.fetch()
    const body = await response.text()
    const later = body.replace(/\.v === 1\b/g, '.v === 2').replace(/\bv: 1,/g, 'v: 2,')
    expect(later).toMatch(/\.v === 2\b[^]*\bv: 2,/)
    await route.fulfill({ response, body: later })
  })
  return () => context.unroute('**/latchkey.js')
}

/** Opens a tab with the later build. */
async function openLaterTab(page: Page): Promise<Page> {
  const end = await serveLaterBuild(page.context())
  const tab = await openTab(page)
  await end()
  return tab
}

const logInSilently = (page: Page) => page.evaluate(() => window.auth.login({ mode: 'silent' }))

/** Gets the version of the stored session. */
async function readVersion(page: Page): Promise<unknown> {
  const records = await readRecords(page)
  const [session] = Object.entries(records).filter(([name]) => name.startsWith('session '))
  return (session?.[1] as { v?: unknown } | undefined)?.v
}

test('a later build treats the session of this one as absent, and leaves it alone until somebody logs in', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app)
  const before = await readRecords(page)
  const later = await openLaterTab(page)
  expect(await state(later)).toEqual({ status: 'logged-out' })
  expect((await getToken(later)).error?.code).toBe('login_required')
  expect(await readRecords(page)).toEqual(before)
  // The older tab goes on.
  expect((await renewToken(page)).value).toBeTruthy()
  expect(await state(page)).toMatchObject(loggedIn)
  expect(await readVersion(page)).toBe(1)
  expect(as.countEvents('grant.error')).toBe(0)
})

test('an older tab neither fails nor destroys the session that a later build has stored', async ({
  page,
  app,
  as,
}) => {
  const errors: string[] = []
  page.on('pageerror', ({ message }) => errors.push(message))
  await startSession(page, app)
  const refreshTokens = collectRefreshTokens(as)
  const later = await openLaterTab(page)
  expect(await logInSilently(later)).toMatchObject(loggedIn)
  expect(await readVersion(page)).toBe(2)
  const stored = await readRecords(page)

  // The older tab hears of it, and cannot read it.
  await expectState(page, { status: 'logged-out' })
  for (const call of [getToken, renewToken]) expect((await call(page)).error?.code).toBe('login_required')
  await page.reload()
  expect(await page.evaluate(() => window.auth.ready())).toEqual({ status: 'logged-out' })
  expect((await getToken(page)).error?.code).toBe('login_required')
  expect(await readRecords(page)).toEqual(stored)
  expect(errors).toEqual([])

  expect((await renewToken(later)).value).toBeTruthy()
  await later.evaluate(() => window.auth.getToken())
  expect(await isAlive(as, refreshTokens.at(-1))).toBe(true)
  expect(as.countEvents('grant.error')).toBe(0)
})

test('a logout in an older tab ends the session of a later build too, and the next login is for both to see', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app)
  const later = await openLaterTab(page)
  await logInSilently(later)
  await expectState(page, { status: 'logged-out' })
  await page.evaluate(() => window.auth.logout({ local: true }))
  await expectState(later, { status: 'logged-out' })
  expect((await renewToken(later)).error?.code).toBe('login_required')
  // After a deploy, an older tab is reloaded sooner or later, and has the later build then.
  await logInSilently(later)
  await serveLaterBuild(page.context())
  await openApp(page)
  expect(await page.evaluate(() => window.auth.ready())).toMatchObject(loggedIn)
  expect((await getToken(page)).value).toBe((await getToken(later)).value)
  expect(as.countEvents('grant.error')).toBe(0)
})
