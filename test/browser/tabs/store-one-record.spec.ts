import type { Page } from '@playwright/test'
import { createAuth, events, openApp, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { logInByPopup } from '../../rig/sign-in.js'
import { expectState, openTab, renewToken, startSession } from '../../rig/token-calls.js'

const loggedIn = { status: 'logged-in', user: { sub: 'alice' } } as never

test('keeps the session when data about the server cannot be stored', async ({ page, app, as }) => {
  // What a browser says of metadata that are nested too deep to be cloned.
  await page.context().addInitScript(() => {
    const { put } = IDBObjectStore.prototype
    IDBObjectStore.prototype.put = function (value, key) {
      if (String(key).startsWith('server ')) throw new RangeError('Maximum call stack size exceeded')
      return put.call(this, value, key)
    }
  })
  await startSession(page, app)
  expect(await state(await openTab(page))).toMatchObject(loggedIn)
  await page.reload()
  expect(await page.evaluate(() => window.auth.ready())).toMatchObject(loggedIn)
  expect((await renewToken(page)).value).toBeTruthy()
  expect(as.countEvents('grant.error')).toBe(0)
  expect(await events(page)).toEqual([{ type: 'renewed', via: 'refresh' }])
})

test('sessionStore: keeps the session when another record is damaged', async ({ page, app, as }) => {
  await startSession(page, app, { store: 'session' })
  await page.evaluate((name) => {
    if (!sessionStorage.getItem(name)) throw new Error('there is no such record')
    sessionStorage.setItem(name, '{"v":1,')
  }, `latchkey store server ${as.issuer}`)
  await page.reload()
  expect(await page.evaluate(() => window.auth.ready())).toMatchObject(loggedIn)
  expect((await renewToken(page)).value).toBeTruthy()
  expect(await events(page)).toEqual([{ type: 'renewed', via: 'refresh' }])
  await page.reload()
  expect(await page.evaluate(() => window.auth.ready())).toMatchObject(loggedIn)
})

/** Counts from now on how often a page reads from IndexedDB. */
async function countReads(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const { get } = IDBObjectStore.prototype
    let reads = 0
    IDBObjectStore.prototype.get = function (key) {
      reads++
      return get.call(this, key)
    }
    Object.assign(window, { countReads: () => reads })
  })
  return () => page.evaluate(() => (window as unknown as { countReads: () => number }).countReads())
}

test('reads the store once or twice for a flood of messages from another tab', async ({ page, app, as }) => {
  await openApp(page)
  await createAuth(page)
  await page.evaluate(() => window.auth.ready())
  app.authAtLoad = {}
  const other = await openTab(page)
  const reads = await countReads(page)
  const name = `latchkey ${as.issuer} ${as.clientId}`
  // The last of them comes when all the others have.
  await page.evaluate((channel) => {
    const heard = new Promise<void>((resolve) => {
      new BroadcastChannel(channel).onmessage = ({ data }) => data === 'the last' && resolve()
    })
    Object.assign(window, { heard })
  }, name)
  await other.evaluate((channel) => {
    const flood = new BroadcastChannel(channel)
    for (let count = 0; count < 3000; count++) flood.postMessage('changed')
    flood.postMessage('the last')
  }, name)
  await page.evaluate(() => (window as unknown as { heard: Promise<void> }).heard)
  expect(await reads()).toBeGreaterThan(0)
  expect(await reads()).toBeLessThan(10)
  // The control: what is said after that is read.
  await logInByPopup(other)
  await expectState(page, loggedIn)
})
