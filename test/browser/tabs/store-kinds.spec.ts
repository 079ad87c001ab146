import type { Page } from '@playwright/test'
import { click, openApp, outcome, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { popupOf } from '../../rig/sign-in.js'
import { expectState, getToken, openTab, renewToken, startSession } from '../../rig/token-calls.js'

const logInSilently = (page: Page) =>
  page.evaluate(async () => (await window.auth.login({ mode: 'silent' })).status)

/** What the page's origin keeps by the names of its places. */
const listStored = (page: Page) =>
  page.evaluate(async () => ({
    databases: (await indexedDB.databases()).map(({ name }) => name),
    sessionStorage: Object.keys(sessionStorage),
    localStorage: Object.keys(localStorage),
    cookies: document.cookie,
  }))

test('sessionStore: a reload finds the session without a request, another tab does not', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app, { store: 'session' })
  const { value } = await getToken(page)
  const { length } = as.requests
  await page.reload()
  expect(await page.evaluate(() => window.auth.ready())).toMatchObject({
    status: 'logged-in',
    user: { sub: 'alice' },
  })
  expect((await getToken(page)).value).toBe(value)
  expect(await state(await openTab(page))).toEqual({ status: 'logged-out' })
  expect(as.requests).toHaveLength(length)
  expect(await listStored(page)).toMatchObject({ databases: [], localStorage: [], cookies: '' })
})

test('sessionStore: a duplicated tab drops its copy of the session and leaves the original alone', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app, { store: 'session' })
  await page.evaluate(() => sessionStorage.setItem('of the app', 'copied'))
  const { length } = as.requests
  const duplicate = await popupOf(page, () => click(page, () => void open(location.href)))
  await outcome(page)
  await duplicate.waitForFunction(() => 'auth' in window)
  expect(await duplicate.evaluate(() => window.auth.ready())).toEqual({ status: 'logged-out' })
  // It did start with a copy, and the app's own part of that is still there.
  expect(await duplicate.evaluate(() => sessionStorage.getItem('of the app'))).toBe('copied')
  expect(
    await duplicate.evaluate(() => Object.keys(sessionStorage).filter((key) => /store/.test(key))),
  ).toEqual([])
  expect((await getToken(duplicate)).error?.code).toBe('login_required')
  expect(as.requests).toHaveLength(length)

  expect(await state(page)).toMatchObject({ status: 'logged-in' })
  expect((await renewToken(page)).value).toBeTruthy()
  expect(await logInSilently(duplicate)).toBe('logged-in')
  for (const tab of [duplicate, page, duplicate]) expect((await renewToken(tab)).value).toBeTruthy()
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(4)
  expect(as.countEvents('grant.error')).toBe(0)
})

test('memoryStore: nothing is left behind, and a reload needs a silent login', async ({ page, app, as }) => {
  await startSession(page, app, { store: 'memory' })
  expect((await renewToken(page)).value).toBeTruthy()
  expect(await listStored(page)).toEqual({ databases: [], sessionStorage: [], localStorage: [], cookies: '' })
  const { length } = as.requests
  await page.reload()
  expect(await page.evaluate(() => window.auth.ready())).toEqual({ status: 'logged-out' })
  expect((await getToken(page)).error?.code).toBe('login_required')
  expect(as.requests).toHaveLength(length)
  expect(await logInSilently(page)).toBe('logged-in')
})

for (const store of ['session', 'memory'] as const) {
  test(`${store}Store: two tabs have separate sessions, and a logout ends both`, async ({
    page,
    app,
    as,
  }) => {
    await startSession(page, app, { store })
    const other = await openTab(page)
    expect(await state(other)).toEqual({ status: 'logged-out' })
    expect(await logInSilently(other)).toBe('logged-in')
    for (const tab of [page, other, page, other]) expect((await renewToken(tab)).value).toBeTruthy()
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(4)
    expect(as.countEvents('grant.error')).toBe(0)
    await page.evaluate(() => window.auth.logout({ local: true }))
    await expectState(other, { status: 'logged-out', reason: 'logout' })
    expect((await getToken(other)).error?.code).toBe('login_required')
  })
}

test('indexedDBStore: stores only encrypted records in IndexedDB', async ({ page, app, as }) => {
  await startSession(page, app)
  const stored = await listStored(page)
  expect(stored).toEqual({ databases: ['latchkey'], sessionStorage: [], localStorage: [], cookies: '' })
  await openApp(page, '/callback.js')
  const text = await page.evaluate(async () => {
    const seen: string[] = []
    const database = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open('latchkey')
      opening.onsuccess = () => resolve(opening.result)
    })
    const read = database.transaction('records').objectStore('records').getAll()
    await new Promise((resolve) => (read.onsuccess = resolve))
    const walk = (value: unknown): void => {
      if (value instanceof ArrayBuffer) walk(new Uint8Array(value))
      else if (value instanceof Uint8Array) seen.push(new TextDecoder('latin1').decode(value))
      else if (value instanceof CryptoKey) seen.push(`CryptoKey extractable: ${value.extractable}`)
      else if (typeof value === 'object' && value) Object.values(value).forEach(walk)
      else seen.push(String(value))
    }
    walk(read.result)
    return seen.join('\n')
  })
  expect(text).toContain('CryptoKey extractable: false')
  expect(text).toContain(as.issuer)
  for (const secret of as.secrets) expect(text).not.toContain(secret)
})
