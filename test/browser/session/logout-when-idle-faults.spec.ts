import type { Page } from '@playwright/test'
import { createAuth, openApp, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { logInByPopup } from '../../rig/sign-in.js'
import { expectState, openTab, startSession } from '../../rig/token-calls.js'

const minute = 60_000
const after = 15 * minute
const loggedOut = { status: 'logged-out', reason: 'logout' } as const

/** Starts the clock of `window.auth`, or of the client that was set aside. */
const watch = (page: Page, name: 'auth' | 'first' = 'auth') =>
  page.evaluate(
    ([client, limit]) => {
      const auth = (window as unknown as Record<string, Window['auth']>)[client]!
      window.latchkey.logoutWhenIdle(auth, { after: limit, logout: { local: true } })
    },
    [name, after] as const,
  )

const setAside = (page: Page) => page.evaluate(() => void Object.assign(window, { first: window.auth }))
const firstStatus = (page: Page) =>
  page.evaluate(() => (window as unknown as { first: Window['auth'] }).first.getState().status)

test('logs out of two clients in one page', async ({ page, app, as: _, startAs, context }) => {
  const { issuer, clientId } = await startAs()
  await context.clock.install()
  await startSession(page, app)
  await setAside(page)
  await createAuth(page, { issuer, clientId })
  await logInByPopup(page)
  await watch(page, 'first')
  await watch(page)
  await context.clock.fastForward(14 * minute)
  expect(await firstStatus(page)).toBe('logged-in')
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
  await context.clock.fastForward(2 * minute)
  await expectState(page, loggedOut)
  await expect.poll(() => firstStatus(page)).toBe('logged-out')
})

test('logs out although another tab holds the lock and does not log out', async ({
  page,
  app,
  as,
  context,
}) => {
  await context.clock.install()
  await startSession(page, app)
  await watch(page)
  const other = await openTab(page)
  const name = `latchkey idle ${as.issuer} ${as.clientId}`
  // As a tab that was frozen in between.
  await other.evaluate(
    (lock) =>
      new Promise<void>((resolve) => {
        void navigator.locks.request(lock, () => (resolve(), new Promise(() => {})))
      }),
    name,
  )
  await context.clock.fastForward(16 * minute)
  // The control: the page waits for the lock, but not for ever.
  await expect
    .poll(() => page.evaluate(async () => (await navigator.locks.query()).pending!.map((lock) => lock.name)))
    .toEqual([name])
  await expect.poll(() => state(page), { timeout: 15_000 }).toMatchObject(loggedOut)
})

test('logs out in a browser that refuses Web Locks', async ({ page, app, as: _, context }) => {
  await context.clock.install()
  await startSession(page, app)
  await page.evaluate(() => {
    LockManager.prototype.request = async () => {
      throw new DOMException('The request was denied.', 'SecurityError')
    }
  })
  await watch(page)
  await context.clock.fastForward(16 * minute)
  await expectState(page, loggedOut)
})

test('logs out although `onWarning` throws, and reports what it throws', async ({
  page,
  app,
  as: _,
  context,
}) => {
  await context.clock.install()
  await startSession(page, app)
  await page.evaluate((limit) => {
    const reported: string[] = []
    addEventListener('error', ({ message }) => reported.push(message))
    const onWarning = (warning?: { secondsLeft: number }) => {
      throw new Error(`warning ${warning?.secondsLeft}`)
    }
    window.latchkey.logoutWhenIdle(window.auth, {
      after: limit,
      warn: 60_000,
      onWarning,
      logout: { local: true },
    })
    Object.assign(window, { reported })
  }, after)
  await context.clock.fastForward(after - minute + 500)
  await context.clock.fastForward(minute)
  await expectState(page, loggedOut)
  const reported = await page.evaluate(() => (window as unknown as { reported: string[] }).reported)
  expect(reported).toEqual([
    expect.stringContaining('warning 60'),
    expect.stringContaining('warning undefined'),
  ])
})

test('reads no option from a polluted prototype', async ({ page, app, as: _, context }) => {
  await context.clock.install()
  await startSession(page, app)
  await page.evaluate((limit) => {
    const warnings: unknown[] = []
    const pollution = {
      warn: limit / 2,
      onWarning: (warning: unknown) => warnings.push(warning),
      once: true,
    }
    Object.assign(window, { warnings })
    Object.assign(Object.prototype, pollution)
    window.latchkey.logoutWhenIdle(window.auth, { after: limit, logout: { local: true } })
    for (const name of Object.keys(pollution)) Reflect.deleteProperty(Object.prototype, name)
  }, after)
  for (const at of [10, 20, 30]) {
    await context.clock.fastForward(10 * minute)
    await page.mouse.move(at, at)
    expect(await state(page)).toMatchObject({ status: 'logged-in' })
  }
  await context.clock.fastForward(16 * minute)
  await expectState(page, loggedOut)
  expect(await page.evaluate(() => (window as unknown as { warnings: unknown[] }).warnings)).toEqual([])
})

test('logs out of a test client', async ({ page, as: _, context }) => {
  await context.clock.install()
  await openApp(page)
  await page.evaluate(() => {
    window.auth = window.latchkey.createTestClient({ status: 'logged-in', user: { sub: 'alice' } })
  })
  await watch(page)
  await context.clock.fastForward(14 * minute)
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
  await context.clock.fastForward(2 * minute)
  await expectState(page, loggedOut)
})
