import { expect, test } from '../../rig/fixtures.js'
import { expectState, startSession } from '../../rig/token-calls.js'

const minute = 60_000
const after = 15 * minute
const loggedOut = { status: 'logged-out', reason: 'logout' } as const

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
