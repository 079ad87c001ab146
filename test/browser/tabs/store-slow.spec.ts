import type { Page } from '@playwright/test'
import { events, openApp, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { holdStore } from '../../rig/held-store.js'
import { isRefresh, isSilent } from '../../rig/request-kinds.js'
import {
  expectState,
  getToken,
  renewToken,
  startExpiredSession,
  startSession,
} from '../../rig/token-calls.js'

const loggedIn = { status: 'logged-in', user: { sub: 'alice' } } as never

/** Waits for the client's first state; gives that and how long it took, in milliseconds. */
const measureReady = (page: Page) =>
  page.evaluate(async () => {
    const start = performance.now()
    const { status } = await window.auth.ready()
    return { status, after: performance.now() - start }
  })

const failures = async (page: Page) => (await events(page)).filter(({ type }) => type === 'store_failed')

test('sessionStore: keeps the session through reloads of a page that is busy right after its client was created', async ({
  page,
  app,
  as,
}) => {
  test.slow()
  await startSession(page, app, { store: 'session' })
  await page.addInitScript(() => {
    const work = (ms: number) => {
      const start = performance.now()
      while (performance.now() - start < ms);
    }
    document.addEventListener('DOMContentLoaded', () => {
      work(200)
      setTimeout(() => work(350))
    })
  })
  const { length } = as.requests
  for (let round = 0; round < 10; round++) {
    await page.reload()
    expect(await page.evaluate(() => window.auth.ready())).toMatchObject(loggedIn)
  }
  expect(as.requests).toHaveLength(length)
  expect((await renewToken(page)).value).toBeTruthy()
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
  expect(as.countEvents('grant.error')).toBe(0)
  expect(await failures(page)).toEqual([])
})

test('shows the session, with its refresh token, as soon as a slow store responds', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app)
  const release = await holdStore(page)
  await page.reload()
  const ready = await measureReady(page)
  expect(ready.status).toBe('logged-out')
  expect(ready.after).toBeLessThan(3000)
  expect(await failures(page)).toHaveLength(1)

  await release()
  await expectState(page, loggedIn)
  const counts = [as.count('authorize'), as.count('token')]
  expect(counts).toEqual([1, 1])
  expect((await renewToken(page)).value).toBeTruthy()
  expect(as.count('authorize')).toBe(1)
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
  expect(as.countEvents('grant.error')).toBe(0)
})

test('resumes the stored session, with its refresh token, after the store was slow during the session', async ({
  page,
  app,
  as,
}) => {
  await startExpiredSession(page, app, as)
  const release = await holdStore(page)
  // Without the refresh token, which other tabs could be sending: a new grant.
  const { value } = await getToken(page)
  expect(as.secrets).toContain(value)
  expect([as.count('authorize', isSilent), as.count('token', isRefresh)]).toEqual([1, 0])
  expect(await state(page)).toMatchObject(loggedIn)

  await release()
  // What the slow store missed is found there once it answers.
  const other = await page.context().newPage()
  await openApp(other)
  await expect.poll(async () => (await getToken(other)).value).toBe(value)
  for (const tab of [page, other]) expect(as.secrets).toContain((await renewToken(tab)).value)
  expect([as.count('authorize', isSilent), as.count('token', isRefresh)]).toEqual([1, 2])
  expect(as.countEvents('grant.error')).toBe(0)
  expect(await failures(page)).toHaveLength(1)
})

test('stores a login that a slow store has missed, and shows it in the other tabs', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app)
  await page.evaluate(() => window.auth.logout({ local: true }))
  const other = await page.context().newPage()
  await openApp(other)
  await expectState(other, { status: 'logged-out' })
  const release = await holdStore(page)
  expect(await page.evaluate(() => window.auth.login({ mode: 'silent' }))).toMatchObject(loggedIn)
  await release()
  // A call that looks into the store again.
  expect((await renewToken(page)).value).toBeTruthy()
  await expectState(other, loggedIn)
  await page.reload()
  expect((await measureReady(page)).status).toBe('logged-in')
  for (const tab of [other, page]) expect(as.secrets).toContain((await renewToken(tab)).value)
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(3)
  expect(as.countEvents('grant.error')).toBe(0)
})
