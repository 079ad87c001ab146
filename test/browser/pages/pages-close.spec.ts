import type { Page } from '@playwright/test'
import { click, clickLogin, createAuth, openApp, outcome } from '../../rig/app-page.js'
import { expect, test, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { countPage, listTimers } from '../../rig/left-behind.js'
import { tokenOrCode } from '../../rig/log-in-twice.js'
import { popupOf, signIn } from '../../rig/sign-in.js'

test.skip(
  ({ browserName }) => browserName !== 'chromium',
  'counts by CDP, which Firefox over BiDi does not have',
)

/** What there is of a closed client once the refresh that it had sent is over. */
const gone = { channels: 0, frames: 0, databases: 0, locks: 0 }

/** Lets a page forget its client, as an app does that has closed it. */
async function forget(page: Page): Promise<void> {
  await page.evaluate(() =>
    Object.assign(window, {
      auth: undefined,
      outcome: undefined,
      onRun: undefined,
      authStates: [],
      authEvents: [],
    }),
  )
}

async function closeAndForget(page: Page): Promise<void> {
  await page.evaluate(() => window.auth.close())
  await forget(page)
}

/** A whole life of a client: subscribed, logged in by popup or frame, renewed by refresh token, a call in flight. */
async function live(page: Page): Promise<void> {
  await createAuth(page)
  await page.evaluate(() => window.auth.ready())
  await clickLogin(page)
  await outcome(page)
  await clickLogin(page, { mode: 'silent' })
  await outcome(page)
  expect(await tokenOrCode(page, 100_000)).toBe('token')
}

async function firstLogin(page: Page, as: TestAuthorizationServer): Promise<void> {
  await openApp(page)
  await createAuth(page)
  const popup = await popupOf(page, () => clickLogin(page))
  await signIn(popup)
  await outcome(page)
  await closeAndForget(page)
  expect(as.count('token')).toBe(1)
}

/** Counts what there is before and after three more lives of a client, each of which ends in this way. */
async function countLives(page: Page, as: TestAuthorizationServer, end: (page: Page) => Promise<void>) {
  await firstLogin(page, as)
  await live(page)
  await closeAndForget(page)
  const before = await countPage(page)
  for (let round = 0; round < 3; round++) {
    await live(page)
    await end(page)
  }
  return { before, after: await countPage(page) }
}

test('leaves nothing behind when a client is closed after a complete session', async ({ page, as }) => {
  const { before, after } = await countLives(page, as, closeAndForget)
  expect(after).toEqual(before)
  expect(before).toMatchObject(gone)
})

test('leaves things behind, as the control shows, when it is not closed', async ({ page, as }) => {
  // The control: the same count, of clients that are forgotten without having been closed.
  const { before, after } = await countLives(page, as, forget)
  expect(after.jsEventListeners).toBeGreaterThanOrEqual(before.jsEventListeners + 3)
  expect(after.windowListeners).toBeGreaterThanOrEqual(before.windowListeners + 6)
  expect(after.channels).toBeGreaterThanOrEqual(before.channels + 3)
})

test('leaves nothing behind when it is closed while everything is in progress', async ({ page, as }) => {
  await firstLogin(page, as)
  const busy = async () => {
    await createAuth(page)
    await page.evaluate(() => window.auth.ready())
    const fault = as.fault('token', { hang: true })
    const frame = as.fault('authorize', { hang: true, when: ({ params }) => params['prompt'] === 'none' })
    const popup = await popupOf(page, () => clickLogin(page, { prompt: 'login' }))
    await expect(popup.getByLabel('Password')).toBeVisible()
    const refreshing = tokenOrCode(page, 100_000)
    // From the second round on the frame comes first: the refresh token of the one before is in doubt.
    await Promise.race([fault.hit, frame.hit])
    const framing = page.evaluate(() => window.auth.login({ mode: 'silent' }).catch((error) => error.code))
    await expect.poll(() => page.locator('iframe').count()).toBeGreaterThan(0)
    await page.evaluate(() => window.auth.close())
    expect((await outcome(page)).error?.code).toBe('client_closed')
    expect([await refreshing, await framing]).toEqual(['client_closed', 'client_closed'])
    await expect.poll(() => popup.isClosed()).toBe(true)
    frame.end()
    fault.end()
    await forget(page)
  }
  await busy()
  // A refresh that was sent comes to its end first.
  await expect.poll(() => countPage(page)).toMatchObject(gone)
  const before = await countPage(page)
  for (let round = 0; round < 3; round++) await busy()
  await expect.poll(() => countPage(page)).toEqual(before)
})

test('leaves nothing behind when it is closed during a logout', async ({ page, as }) => {
  const revocation = as.fault('revocation', { hang: true })
  const { before, after } = await countLives(page, as, async () => {
    await page.evaluate(async () => {
      const stop = window.auth.subscribe(() => window.auth.close())
      await window.auth.logout({ local: true })
      stop()
    })
    await forget(page)
  })
  expect(revocation.hits).toBe(3)
  expect(after).toEqual(before)
  expect(before).toMatchObject(gone)
})

test('leaves no timer behind, whatever it was waiting for', async ({ page, browser, as }) => {
  await firstLogin(page, as)
  const timers = await listTimers(browser, page, async () => {
    await live(page)
    const fault = as.fault('token', { hang: true })
    const refreshing = tokenOrCode(page, 100_000)
    await fault.hit
    const popup = await popupOf(page, () => clickLogin(page, { prompt: 'login' }))
    await expect(popup.getByLabel('Password')).toBeVisible()
    await page.evaluate(() => window.auth.close())
    expect([await refreshing, (await outcome(page)).error?.code]).toEqual(['client_closed', 'client_closed'])
    fault.end()
    // The answer to the refresh is still stored, and a store that is in use has a time limit.
    await expect.poll(() => countPage(page)).toMatchObject({ databases: 0, locks: 0 })
  })
  expect(timers).toEqual([])
})

test('has timers, as the control shows, while it waits', async ({ page, browser, as }) => {
  await firstLogin(page, as)
  const timers = await listTimers(browser, page, async () => {
    await createAuth(page)
    const popup = await popupOf(page, () => clickLogin(page, { prompt: 'login' }))
    await expect(popup.getByLabel('Password')).toBeVisible()
    await page.evaluate(() => void setInterval(() => {}, 7777))
  })
  expect(timers).toContain(7777)
  expect(timers).toContain(600_000)
})

const leaks: Record<string, () => unknown> = {
  windowListeners: () => addEventListener('message', () => {}),
  documentListeners: () => document.addEventListener('visibilitychange', () => {}),
  jsEventListeners: () => document.body.addEventListener('click', () => {}),
  frames: () => document.body.append(document.createElement('iframe')),
  documents: () => document.body.append(document.createElement('iframe')),
  nodes: () => document.body.append(document.createElement('p')),
  channels: () => void ((window as { leaked?: BroadcastChannel }).leaked = new BroadcastChannel('leak')),
  databases: () =>
    new Promise((resolve) => {
      const request = indexedDB.open('leak')
      request.onsuccess = () => {
        request.result.onclose = () => {}
        resolve(undefined)
      }
    }),
  locks: () => void navigator.locks.request('leak', () => new Promise(() => {})),
}

for (const [kind, leak] of Object.entries(leaks)) {
  test(`counts a page that leaks ${kind}`, async ({ page }) => {
    await openApp(page)
    const before = await countPage(page)
    await click(page, leak)
    await outcome(page)
    await page.evaluate(() => Object.assign(window, { outcome: undefined, onRun: undefined }))
    const after = await countPage(page)
    const grown = after as unknown as Record<string, number>
    expect(grown[kind]).toBeGreaterThan((before as unknown as Record<string, number>)[kind]!)
  })
}
