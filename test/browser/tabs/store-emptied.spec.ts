import type { Page } from '@playwright/test'
import { events, openApp, state } from '../../rig/app-page.js'
import { expect, test, type AppServer } from '../../rig/fixtures.js'
import { expectState, getToken, openTab, renewToken, startSession } from '../../rig/token-calls.js'

const loggedIn = { status: 'logged-in', user: { sub: 'alice' } } as never

const logInSilently = (page: Page) => page.evaluate(() => window.auth.login({ mode: 'silent' }))

/** Opens a page of the same origin without a client: other code of the app. */
async function openOtherCode(page: Page): Promise<Page> {
  const other = await page.context().newPage()
  await openApp(other, '/callback.js')
  return other
}

/** Deletes the database as an app does that wipes everything, and gives what has come of it. */
const deleteDatabase = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<string[]>((resolve) => {
        const heard: string[] = []
        const deleting = indexedDB.deleteDatabase('latchkey')
        deleting.onblocked = () => heard.push('blocked')
        deleting.onerror = () => resolve([...heard, 'failed'])
        deleting.onsuccess = () => resolve([...heard, 'deleted'])
      }),
  )

test('does not block other code that deletes the database; all tabs see the session end, and share the next one', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app)
  const other = await openTab(page)
  expect((await renewToken(other)).value).toBeTruthy()
  expect(await deleteDatabase(await openOtherCode(page))).toEqual(['deleted'])
  for (const tab of [page, other]) await expectState(tab, { status: 'logged-out' })
  expect((await getToken(other)).error?.code).toBe('login_required')
  expect(as.countEvents('grant.error')).toBe(0)

  expect(await logInSilently(page)).toMatchObject(loggedIn)
  await expectState(other, loggedIn)
  expect(await state(await openTab(page))).toMatchObject(loggedIn)
  await page.reload()
  expect(await page.evaluate(() => window.auth.ready())).toMatchObject(loggedIn)
  for (const [tab, sibling] of [
    [page, other],
    [other, page],
    [page, other],
  ] as const) {
    const { value } = await renewToken(tab)
    expect(as.secrets).toContain(value)
    // A tab that has not heard of a renewal yet would take its token rather than renew.
    await expect.poll(async () => (await getToken(sibling)).value).toBe(value)
  }
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(4)
  expect(as.countEvents('grant.error')).toBe(0)
  for (const tab of [page, other]) expect(await events(tab)).not.toContainEqual({ type: 'store_failed' })
})

/** The ways in which what is stored goes while a page is open. */
const wipes: Record<string, (page: Page, app: AppServer) => Promise<void>> = {
  'the browser clears the data of the site': async (page, app) => {
    app.headers['/wipe'] = { 'clear-site-data': '"storage"' }
    const other = await page.context().newPage()
    await openApp(other, '/wipe')
    await other.close()
  },
  'the user clears the data of the site': async (page, app) => {
    const devtools = await page.context().newCDPSession(page)
    await devtools.send('Storage.clearDataForOrigin', {
      origin: app.origin,
      // Not the cookies: the server of the test has the same host.
      storageTypes: 'indexeddb,local_storage,cache_storage,service_workers',
    })
  },
  'other code empties the object store': async (page) => {
    const other = await openOtherCode(page)
    await other.evaluate(
      () =>
        new Promise((resolve) => {
          const opening = indexedDB.open('latchkey')
          opening.onsuccess = () => {
            const emptying = opening.result.transaction('records', 'readwrite')
            emptying.objectStore('records').clear()
            emptying.oncomplete = resolve
          }
        }),
    )
    await other.close()
  },
}

for (const [what, wipe] of Object.entries(wipes)) {
  for (const dpop of [false, true]) {
    test(`keeps the next login where a reload and other tabs find it when ${what}${dpop ? ', with a DPoP key' : ''}`, async ({
      page,
      app,
      as,
      browserName,
    }) => {
      test.skip(
        browserName === 'firefox' && what.startsWith('the user'),
        'BiDi has no command that clears the data of a site',
      )
      await startSession(page, app, { dpop })
      const other = await openTab(page)
      // A page that logs in itself would find what is gone.
      app.authAtLoad = undefined
      await wipe(page, app)
      app.authAtLoad = { dpop }
      expect(await logInSilently(page)).toMatchObject(loggedIn)
      const { value } = await getToken(page)
      await expect.poll(async () => (await getToken(other)).value).toBe(value)
      expect(await state(await openTab(page))).toMatchObject(loggedIn)
      await page.reload()
      expect(await page.evaluate(() => window.auth.ready())).toMatchObject(loggedIn)
      expect((await getToken(page)).value).toBe(value)
      for (const tab of [page, other]) expect(as.secrets).toContain((await renewToken(tab)).value)
      const refusals = as.events.filter(
        ({ name, error }) => name === 'grant.error' && error !== 'use_dpop_nonce',
      )
      expect(refusals).toEqual([])
      expect((await events(page)).filter(({ type }) => type === 'store_failed')).toEqual([])
    })
  }
}
