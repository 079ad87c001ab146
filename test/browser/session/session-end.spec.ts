import type { Page } from '@playwright/test'
import { expect, test } from '../../rig/fixtures.js'
import { passTime } from '../../rig/shifted-clock.js'
import { openTab, renewToken, startSession } from '../../rig/token-calls.js'

const readEnd = (page: Page) =>
  page.evaluate(() => {
    const state = window.auth.getState()
    return state.status === 'logged-in' ? state.endsAt : 'logged-out'
  })

test('shows the announced end of the session in every tab, and after a reload', async ({ page, app, as }) => {
  as.tamperTokenResponse((json) => ({ ...json, refresh_expires_in: 1800 }))
  await startSession(page, app)
  const first = (await readEnd(page)) as number
  expect(Math.abs(first - Date.now() - 1_800_000)).toBeLessThan(60_000)
  const other = await openTab(page)
  expect(await readEnd(other)).toBe(first)
  await page.reload()
  await page.evaluate(() => window.auth.ready())
  expect(await readEnd(page)).toBe(first)
  as.tamperTokenResponse((json) => ({ ...json, refresh_expires_in: 3600 }))
  expect((await renewToken(page)).value).toBeTruthy()
  const second = (await readEnd(page)) as number
  expect(second).toBeGreaterThan(first + 1_700_000)
  await expect.poll(() => readEnd(other)).toBe(second)
})

test('has no end in the state if the server announces none', async ({ page, app, as: _ }) => {
  await startSession(page, app)
  expect(await readEnd(page)).toBeUndefined()
  expect(await page.evaluate(() => 'endsAt' in window.auth.getState())).toBe(false)
})

test('calls a listener once ahead of each announced end', async ({ page, app, as, context }) => {
  await context.clock.install()
  as.tamperTokenResponse((json) => ({ ...json, refresh_expires_in: 600 }))
  await startSession(page, app)
  const follow = (one: Page) =>
    one.evaluate(() => {
      const heard: number[] = []
      const stop = window.latchkey.onSessionEnding(window.auth, ({ endsAt }) => heard.push(endsAt), {
        before: 120_000,
      })
      Object.assign(window, { heard, stop })
    })
  const heard = (one: Page) => one.evaluate(() => (window as unknown as { heard: number[] }).heard)
  await follow(page)
  const first = await readEnd(page)
  await context.clock.fastForward(470_000)
  expect(await heard(page)).toEqual([])
  await context.clock.fastForward(15_000)
  expect(await heard(page)).toEqual([first])
  await context.clock.fastForward(60_000)
  expect(await heard(page)).toEqual([first])
  // A tab that opens now is told at once.
  const other = await openTab(page)
  await follow(other)
  expect(await heard(other)).toEqual([first])
  as.idTokenTTL = 7200
  expect((await renewToken(page)).value).toBeTruthy()
  const second = await readEnd(page)
  await context.clock.fastForward(490_000)
  expect(await heard(page)).toEqual([first, second])
  await expect.poll(() => heard(other)).toEqual([first, second])
})

test('calls no listener after it was stopped', async ({ page, app, as }) => {
  as.tamperTokenResponse((json) => ({ ...json, refresh_expires_in: 600 }))
  await startSession(page, app)
  await page.evaluate(() => {
    const calls = { listening: 0, stopped: 0 }
    const options = { before: 30_000 }
    window.latchkey.onSessionEnding(window.auth, () => calls.listening++, options)
    window.latchkey.onSessionEnding(window.auth, () => calls.stopped++, options)()
    Object.assign(window, { calls })
  })
  await passTime(page, 590)
  // As when the page is shown again.
  await page.evaluate(() => dispatchEvent(new Event('visibilitychange')))
  expect(await page.evaluate(() => (window as unknown as { calls: object }).calls)).toEqual({
    listening: 1,
    stopped: 0,
  })
})

test('reports what a listener throws, and can be stopped nevertheless', async ({ page, app, as }) => {
  as.tamperTokenResponse((json) => ({ ...json, refresh_expires_in: 600 }))
  await startSession(page, app)
  const reported = await page.evaluate(() => {
    const messages: string[] = []
    addEventListener('error', ({ message }) => messages.push(message))
    // It ends within this time already, so the listener is called at once.
    const stop = window.latchkey.onSessionEnding(
      window.auth,
      () => {
        throw new Error('a bug')
      },
      { before: 3_600_000 },
    )
    stop()
    return messages
  })
  expect(reported).toEqual([expect.stringContaining('a bug')])
})
