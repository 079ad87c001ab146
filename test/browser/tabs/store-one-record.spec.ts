import type { Page } from '@playwright/test'
import { events, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { holdReads } from '../../rig/held-reads.js'
import { readMetadata } from '../../rig/published-metadata.js'
import { removeRecords } from '../../rig/stored-records.js'
import { getToken, openTab, renewToken, startSession } from '../../rig/token-calls.js'

const loggedIn = { status: 'logged-in', user: { sub: 'alice' } } as never

test('keeps the session, in the store and shared, when the server sends metadata nested 200,000 levels deep', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app)
  const metadata = JSON.stringify(await readMetadata(as))
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
  const fault = as.fault('metadata', {
    body: `${metadata.slice(0, -1)},"more":${deep}}`,
    contentType: 'application/json',
  })
  // A page that knows nothing of the server yet.
  await removeRecords(page, 'server ')
  await page.reload()
  expect(await page.evaluate(() => window.auth.ready())).toMatchObject(loggedIn)
  const { error } = await renewToken(page)
  expect(error).toMatchObject({ name: 'AuthError', code: 'discovery_failed' })
  expect(error!.message).toContain('nested too deeply')
  expect(fault.hits).toBeGreaterThan(0)
  expect(as.count('token')).toBe(0)
  expect(await state(page)).toMatchObject(loggedIn)
  expect(await events(page)).toEqual([])

  fault.end()
  const other = await openTab(page)
  expect(await state(other)).toMatchObject(loggedIn)
  const { value } = await renewToken(page)
  expect(as.secrets).toContain(value)
  await expect.poll(async () => (await getToken(other)).value).toBe(value)
  await page.reload()
  expect(await page.evaluate(() => window.auth.ready())).toMatchObject(loggedIn)
  expect((await getToken(page)).value).toBe(value)
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
  expect(as.countEvents('grant.error')).toBe(0)
})

test('keeps the session when the browser does not store the data about the server', async ({
  page,
  app,
  as,
}) => {
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
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
  expect(as.countEvents('grant.error')).toBe(0)
})

/** Counts from now on how often a page reads its session from IndexedDB. */
async function countReads(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const { get } = IDBObjectStore.prototype
    let reads = 0
    IDBObjectStore.prototype.get = function (key) {
      if (String(key).startsWith('session ')) reads++
      return get.call(this, key)
    }
    Object.assign(window, { countReads: () => reads })
  })
  return () => page.evaluate(() => (window as unknown as { countReads: () => number }).countReads())
}

test('reads the store twice for a flood of messages from another tab: for the first, and once for the rest', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app)
  const other = await openTab(page)
  // The cookies go: what the tabs share is all there is.
  await page.context().clearCookies()
  const { release } = await holdReads(page)
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
  expect(await reads()).toBe(1)
  await release()
  await expect.poll(reads).toBe(2)
  // The control: what is said after that is read, and by then nothing else was.
  const { value } = await renewToken(other)
  await expect.poll(async () => (await getToken(page)).value).toBe(value)
  expect(await reads()).toBe(3)
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
  expect(as.countEvents('grant.error')).toBe(0)
})
