import type { CDPSession, Page } from '@playwright/test'
import { clickLogin, createAuth, openApp, outcome } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { countPage } from '../../rig/left-behind.js'
import { logInByPopup } from '../../rig/sign-in.js'

test.skip(
  ({ browserName }) => browserName !== 'chromium',
  'counts by CDP, which Firefox over BiDi does not have',
)

/** How much larger the heap may be after all repetitions, in bytes: a leak of 1 kB in each of 200 would be as much. */
const tolerance = 200_000

/** Empties what the test page itself collects. */
const forget = (page: Page) =>
  page.evaluate(() => {
    window.authEvents = []
    window.authStates = []
  })

/** Measures the heap after a garbage collection, in bytes. */
async function measureHeap(session: CDPSession): Promise<number> {
  for (let round = 0; round < 3; round++) await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  return usedSize
}

/** Runs something in the page again and again: first as often as it takes to warm up, then as often as is asked. */
async function repeat(page: Page, count: number, run: (times: number) => Promise<unknown>) {
  const session = await page.context().newCDPSession(page)
  await run(Math.ceil(count / 4))
  await forget(page)
  const before = { counts: await countPage(page), heap: await measureHeap(session) }
  await run(count)
  await forget(page)
  const growth = (await measureHeap(session)) - before.heap
  await session.detach()
  return { before: before.counts, after: await countPage(page), growth }
}

const getTokens = (page: Page) => (times: number) =>
  page.evaluate(async (calls) => {
    for (let call = 0; call < calls; call++) await window.auth.getToken()
  }, times)

const logInSilently = (page: Page) => (times: number) =>
  page.evaluate(async (calls) => {
    for (let call = 0; call < calls; call++) await window.auth.login({ mode: 'silent' })
  }, times)

const openAndClose =
  (page: Page, closes = true) =>
  (times: number) =>
    page.evaluate(
      async ([calls, close]) => {
        for (let call = 0; call < calls; call++) {
          window.startAuth()
          await window.auth.ready()
          if (close) window.auth.close()
        }
      },
      [times, closes] as const,
    )

test('keeps the heap flat over 10,000 calls of getToken', async ({ page, app, as }) => {
  void [app, as]
  await openApp(page)
  await createAuth(page)
  await logInByPopup(page)
  const { before, after, growth } = await repeat(page, 10_000, getTokens(page))
  expect(after).toEqual(before)
  expect(growth).toBeLessThan(tolerance)
})

test('keeps the heap flat over 200 logins, and leaves nothing behind', async ({ page, app, as }) => {
  test.slow()
  void [app, as]
  await openApp(page)
  await createAuth(page)
  await logInByPopup(page)
  const { before, after, growth } = await repeat(page, 200, logInSilently(page))
  expect(after).toEqual(before)
  expect(growth).toBeLessThan(tolerance)
  // The last login is as good as the first one.
  await clickLogin(page, { mode: 'silent' })
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
})

test('keeps the heap flat over 500 clients that are created and closed', async ({ page, app, as }) => {
  test.slow()
  void [app, as]
  await openApp(page)
  const { before, after, growth } = await repeat(page, 500, openAndClose(page))
  expect(after).toEqual(before)
  expect(growth).toBeLessThan(tolerance)
})

test('sees the heap grow, as the control shows, with clients that are not closed', async ({
  page,
  app,
  as,
}) => {
  void [app, as]
  await openApp(page)
  const { before, after, growth } = await repeat(page, 100, openAndClose(page, false))
  expect(after.channels).toBeGreaterThanOrEqual(before.channels + 100)
  expect(growth).toBeGreaterThan(tolerance)
})
