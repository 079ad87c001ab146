import { idleTimers, requestFigures } from '../../figures/request-figures.js'
import { createAuth, openApp, state } from '../../rig/app-page.js'
import { countRequests } from '../../rig/count-requests.js'
import { expect, test } from '../../rig/fixtures.js'
import { logInByPopup } from '../../rig/sign-in.js'
import { traceWakeUps } from '../../rig/trace-wake-ups.js'

test('leaves an idle page asleep for a minute, also when its token ends', async ({
  browser,
  browserName,
  context,
  as,
}) => {
  test.skip(browserName !== 'chromium', 'Firefox over BiDi has no trace of what wakes a page up')
  test.setTimeout(150_000)
  // Ends in the middle of the minute.
  as.accessTokenTTL = 45
  const page = await context.newPage()
  await openApp(page)
  await createAuth(page)
  await logInByPopup(page)
  const control = await context.newPage()
  await openApp(control)
  await control.evaluate(() => void setInterval(() => {}, 1000))

  const requests = as.requests.length
  // The one wait of all tests: that nothing happens in a minute shows in a minute only.
  const aMinute = () => new Promise<void>((resolve) => setTimeout(resolve, 60_000))
  const [idle, ticking] = await traceWakeUps(browser, [page, control], aMinute)
  expect(ticking!.TimerFire).toBeGreaterThan(50)
  expect(ticking!.FunctionCall).toBeGreaterThan(50)
  expect(idle!.TimerFire ?? 0).toBe(idleTimers)
  expect(idle).toEqual({})
  expect(as.requests.length).toBe(requests)
  expect(countRequests(as, requests)).toEqual(requestFigures.idle)
  expect((await state(page)).status).toBe('logged-in')

  // The idle page itself is no blind spot of the trace either.
  const [woken] = await traceWakeUps(browser, [page], () =>
    page.evaluate(() => new Promise<void>((resolve) => setTimeout(resolve))),
  )
  expect(woken!.TimerFire).toBe(1)
})
