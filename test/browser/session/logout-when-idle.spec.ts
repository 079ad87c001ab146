import type { BrowserContext, Page } from '@playwright/test'
import type { IdleOptions } from '../../../src/idle.js'
import { openApp, state } from '../../rig/app-page.js'
import { expect, test, type AppServer } from '../../rig/fixtures.js'
import {
  after,
  comeBack,
  expectLogoutInTime,
  leaveActivity,
  loggedOut,
  minute,
  startDrivenSession,
} from '../../rig/idle-calls.js'
import { passTime } from '../../rig/shifted-clock.js'
import { logInByPopup } from '../../rig/sign-in.js'
import { expectState, openTab, startSession } from '../../rig/token-calls.js'

interface Watched {
  /** What `onWarning` was called with. */
  seconds: (number | undefined)[]
  stay?: () => void
  stop: () => void
}

/** Starts the clock in a page. */
async function watch(page: Page, options: Partial<Pick<IdleOptions, 'after' | 'warn'>> = {}): Promise<void> {
  await page.evaluate(
    (given) => {
      const watched: Watched = { seconds: [], stop: () => {} }
      watched.stop = window.latchkey.logoutWhenIdle(window.auth, {
        ...given,
        logout: { local: true },
        onWarning(warning) {
          watched.seconds.push(warning?.secondsLeft)
          watched.stay = () => warning?.stay()
        },
      })
      Object.assign(window, { watched })
    },
    { after, ...options },
  )
}

const seconds = (page: Page) =>
  page.evaluate(() => (window as unknown as { watched: Watched }).watched.seconds)
const stay = (page: Page) => page.evaluate(() => (window as unknown as { watched: Watched }).watched.stay!())

/** Opens two tabs of one session, with clocks that the test drives. */
async function openTabs(page: Page, app: AppServer, context: BrowserContext): Promise<[Page, Page]> {
  await startDrivenSession(page, app, context)
  return [page, await openTab(page)]
}

test('logs out of all tabs once nobody was active in any of them', async ({ page, app, as, context }) => {
  const tabs = await openTabs(page, app, context)
  for (const tab of tabs) await watch(tab)
  await context.clock.fastForward(14 * minute)
  for (const tab of tabs) expect(await state(tab)).toMatchObject({ status: 'logged-in' })
  await context.clock.fastForward(2 * minute)
  for (const tab of tabs) await expectState(tab, loggedOut)
  expect(as.count('revocation')).toBe(1)
})

test('counts activity in any tab for all of them', async ({ page, app, as: _, context }) => {
  const [one, other] = await openTabs(page, app, context)
  for (const tab of [one, other]) await watch(tab)
  await context.clock.fastForward(10 * minute)
  await one.mouse.move(10, 10)
  await context.clock.fastForward(10 * minute)
  await other.keyboard.press('a')
  await context.clock.fastForward(10 * minute)
  for (const tab of [one, other]) expect(await state(tab)).toMatchObject({ status: 'logged-in' })
  await context.clock.fastForward(6 * minute)
  for (const tab of [one, other]) await expectState(tab, loggedOut)
})

test('does not count events that a script dispatches', async ({ page, app, as: _, context }) => {
  await startDrivenSession(page, app, context)
  await watch(page)
  await context.clock.fastForward(10 * minute)
  await page.evaluate(() => dispatchEvent(new PointerEvent('pointerdown')))
  await context.clock.fastForward(6 * minute)
  await expectState(page, loggedOut)
})

test('counts down in all tabs, and stays in all of them', async ({ page, app, as: _, context }) => {
  const [one, other] = await openTabs(page, app, context)
  for (const tab of [one, other]) await watch(tab, { warn: minute })
  await context.clock.fastForward(after - minute + 500)
  for (const tab of [one, other]) await expect.poll(() => seconds(tab)).toEqual([60])
  await context.clock.runFor(2000)
  // Only `stay()` counts now.
  await one.mouse.move(20, 20)
  for (const tab of [one, other])
    await expect.poll(async () => (await seconds(tab)).slice(0, 3)).toEqual([60, 59, 58])
  await stay(other)
  expect((await seconds(other)).at(-1)).toBeUndefined()
  await context.clock.runFor(1500)
  await expect.poll(async () => (await seconds(one)).at(-1)).toBeUndefined()
  await context.clock.fastForward(13 * minute)
  for (const tab of [one, other]) expect(await state(tab)).toMatchObject({ status: 'logged-in' })
  // The control: without `stay()`, the countdown ends in a logout.
  await context.clock.fastForward(3 * minute)
  for (const tab of [one, other]) {
    await expectState(tab, loggedOut)
    expect((await seconds(tab)).at(-1)).toBeUndefined()
  }
})

test('logs out after a sleep, even if the user is faster than the timer', async ({ page, app, as: _ }) => {
  await startSession(page, app)
  await watch(page)
  // The control: activity within the time is counted.
  await passTime(page, 14 * 60)
  await page.mouse.move(10, 10)
  await passTime(page, 14 * 60)
  await page.mouse.move(30, 30)
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
  // Timers stand still while the device sleeps.
  await passTime(page, 60 * 60)
  await page.mouse.move(50, 50)
  await expectState(page, loggedOut)
})

test('ends a session that is restored too late, and starts again with a login', async ({
  page,
  app,
  as: _,
  context,
}) => {
  // The clock of the server is not driven.
  await startDrivenSession(page, app, context, { clockTolerance: 7200 })
  await watch(page)
  await page.goto('about:blank')
  await context.clock.fastForward(10 * minute)
  await comeBack(page)
  await watch(page)
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
  await page.goto('about:blank')
  await context.clock.fastForward(10 * minute)
  await comeBack(page)
  await watch(page)
  await expectState(page, loggedOut)
  await logInByPopup(page, { prompt: 'login' })
  await expectLogoutInTime(page, context)
})

test('counts a login as activity, although nobody has been there for long', async ({
  page,
  app,
  as: _,
  context,
}) => {
  await context.clock.install()
  await openApp(page)
  await leaveActivity(page, -60)
  await startSession(page, app)
  await watch(page)
  await expectLogoutInTime(page, context)
})

test('does nothing once it is stopped', async ({ page, app, as: _, context }) => {
  await startDrivenSession(page, app, context)
  await watch(page, { warn: minute })
  await page.evaluate(() => (window as unknown as { watched: Watched }).watched.stop())
  await context.clock.fastForward(60 * minute)
  expect(await seconds(page)).toEqual([])
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
})
