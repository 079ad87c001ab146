import type { Page } from '@playwright/test'
import { createAuth, openApp, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import {
  after,
  expectLogoutInTime,
  leaveActivity,
  loggedOut,
  minute,
  startDrivenSession,
} from '../../rig/idle-calls.js'
import { holdStore } from '../../rig/held-store.js'
import { shiftClock } from '../../rig/shifted-clock.js'
import { logInByPopup } from '../../rig/sign-in.js'
import { expectState, openTab, renewToken, startSession } from '../../rig/token-calls.js'

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
  await startDrivenSession(page, app, context)
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
  await startDrivenSession(page, app, context)
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
  await startDrivenSession(page, app, context)
  await page.evaluate(() => {
    LockManager.prototype.request = async () => {
      throw new DOMException('The request was denied.', 'SecurityError')
    }
  })
  await watch(page)
  await context.clock.fastForward(16 * minute)
  await expectState(page, loggedOut)
})

test('keeps the time of a session while another client has nobody logged in', async ({
  page,
  app,
  as: _,
  startAs,
  context,
}) => {
  const { issuer, clientId } = await startAs()
  await startDrivenSession(page, app, context)
  await watch(page)
  await context.clock.fastForward(10 * minute)
  await page.reload()
  await page.evaluate(() => window.auth.ready())
  await setAside(page)
  await createAuth(page, { issuer, clientId })
  expect((await page.evaluate(() => window.auth.ready())).status).toBe('logged-out')
  await watch(page)
  await watch(page, 'first')
  expect(await firstStatus(page)).toBe('logged-in')
  await context.clock.fastForward(6 * minute)
  await expect.poll(() => firstStatus(page)).toBe('logged-out')
})

test('ends a session that a slow store returns too late', async ({ page, app, as: _ }) => {
  await startSession(page, app)
  await watch(page)
  const release = await holdStore(page)
  await shiftClock(page, 16 * 60)
  await page.reload()
  // Nobody has logged out: the store has not answered.
  expect(await page.evaluate(() => window.auth.ready())).toEqual({ status: 'logged-out' })
  await watch(page)
  await release()
  await expect.poll(() => state(page), { timeout: 15_000 }).toMatchObject(loggedOut)
})

test('does not count the renewal of an ID token as activity after a reload', async ({
  page,
  app,
  as,
  context,
}) => {
  await startDrivenSession(page, app, context, { clockTolerance: 7200 })
  await watch(page)
  const issuedAt = () => page.evaluate(() => window.auth.getUser()?.['iat'] as number)
  const first = await issuedAt()
  await context.clock.fastForward(10 * minute)
  // The clock of the server is not driven.
  as.tamperIdToken((claims) => ({ claims: { ...claims, iat: (claims['iat'] as number) + 600 } }))
  expect((await renewToken(page)).value).toBeTruthy()
  expect(await issuedAt()).toBeGreaterThan(first + 590)
  await page.reload()
  await page.evaluate(() => window.auth.ready())
  await watch(page)
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
  await context.clock.fastForward(6 * minute)
  await expectState(page, loggedOut)
})

test('counts a login as activity, although the clock of the server is an hour behind', async ({
  page,
  app,
  as: _,
  context,
}) => {
  await context.clock.install({ time: Date.now() + 60 * minute })
  await openApp(page)
  await leaveActivity(page, -60)
  await startSession(page, app, { clockTolerance: 7200 })
  await watch(page)
  await expectLogoutInTime(page, context)
})

test('is not stopped by a time that a clock left behind before it was set back', async ({
  page,
  app,
  as: _,
  context,
}) => {
  await startDrivenSession(page, app, context)
  await leaveActivity(page, 60)
  await watch(page)
  await expectLogoutInTime(page, context)
})

test('logs out although `onWarning` throws, and reports what it throws', async ({
  page,
  app,
  as: _,
  context,
}) => {
  await startDrivenSession(page, app, context)
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
  await startDrivenSession(page, app, context)
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
  await expectLogoutInTime(page, context)
})
