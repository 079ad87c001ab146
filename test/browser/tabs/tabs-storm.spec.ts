import type { Page } from '@playwright/test'
import { state, type Outcome } from '../../rig/app-page.js'
import { expect, test, type AppServer, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { isRefresh } from '../../rig/request-kinds.js'
import { prepareStorm, startStorm } from '../../rig/storm.js'
import {
  expectState,
  getToken,
  openTab,
  renewToken,
  startExpiredSession,
  startSession,
} from '../../rig/token-calls.js'

const tabsOfStorm = 10

/** Starts a session whose token has expired, and opens the tabs of a storm. The iframe cannot save anybody: the cookies go. */
async function openTabs(page: Page, app: AppServer, as: TestAuthorizationServer): Promise<Page[]> {
  await startExpiredSession(page, app, as)
  await page.context().clearCookies()
  const tabs: Page[] = []
  while (tabs.length < tabsOfStorm) tabs.push(await openTab(page))
  return tabs
}

function expectOneToken(outcomes: Outcome<string>[]): void {
  expect(outcomes.map(({ error }) => error?.code).filter(Boolean)).toEqual([])
  expect(new Set(outcomes.map(({ value }) => value)).size).toBe(1)
  expect(outcomes[0]!.value).toBeTruthy()
}

for (const kind of ['open', 'restored'] as const) {
  test(`refreshes once for 10 ${kind} tabs with an expired token`, async ({ page, app, as }) => {
    test.slow()
    const tabs = await openTabs(page, app, as)
    if (kind === 'restored') app.authAtLoad = undefined
    await Promise.all(tabs.map((tab) => prepareStorm(tab, kind)))
    expectOneToken(await startStorm(page, tabs))
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
    expect(as.countEvents('grant.error')).toBe(0)
    expect(as.count('authorize')).toBe(1)
    for (const tab of tabs) expect(await state(tab)).toMatchObject({ status: 'logged-in' })
  })
}

test('refreshes once in each of 20 consecutive storms, with rotation and reuse detection', async ({
  page,
  app,
  as,
}) => {
  test.setTimeout(180_000)
  await startSession(page, app)
  await page.context().clearCookies()
  const tabs: Page[] = []
  while (tabs.length < tabsOfStorm) tabs.push(await openTab(page))
  app.authAtLoad = undefined
  const tokens = new Set<string>()
  for (let round = 1; round <= 20; round++) {
    // A renewal whose token has expired when it comes: what the tabs share is of no use to any of them.
    const stop = as.tamperTokenResponse((json) => ({ ...json, expires_in: 0 }))
    const { value: expired } = await renewToken(page)
    stop()
    const restored = round % 2 === 0
    // Less than no validity: what each tab has in memory, also when it has ended.
    if (!restored)
      await Promise.all(
        tabs.map((tab) =>
          expect.poll(async () => (await getToken(tab, { minValidity: -60 })).value).toBe(expired),
        ),
      )
    await Promise.all(tabs.map((tab) => prepareStorm(tab, restored ? 'restored' : 'open')))
    const outcomes = await startStorm(page, tabs)
    expectOneToken(outcomes)
    tokens.add(outcomes[0]!.value!)
    // One refresh of the preparation, one of the storm.
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(2 * round)
    expect(as.countEvents('grant.error')).toBe(0)
    // This tab would take over the storm's token in place of a renewal if it heard of it only then.
    await expect.poll(async () => (await getToken(page, { minValidity: 0 })).value).toBe(outcomes[0]!.value)
  }
  expect(tokens.size).toBe(20)
  expect(as.count('authorize')).toBe(1)
  for (const tab of tabs) expect(await state(tab)).toMatchObject({ status: 'logged-in' })
})

test('loses the session in the same storm without the lock', async ({ page, app, as }) => {
  test.slow()
  app.bundle = 'latchkey-unlocked.js'
  const tabs = await openTabs(page, app, as)
  await Promise.all(tabs.map((tab) => prepareStorm(tab, 'open')))
  // One answer is late: the mark in the record alone makes the others ask the iframe, and after that it no longer holds them.
  const late = as.fault('token', { hang: true, afterProcessing: true, times: 1, when: isRefresh })
  const storm = startStorm(page, tabs)
  await expect.poll(() => as.countEvents('grant.error', 'refresh_token')).toBeGreaterThan(0)
  late.release()
  await storm
  for (const tab of tabs) await expectState(tab, { status: 'logged-out', reason: 'session_lost' })
})
