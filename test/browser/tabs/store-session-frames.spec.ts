import type { Frame, Page } from '@playwright/test'
import { click, openApp, outcome, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { signInByRequest } from '../../rig/server-session.js'
import { popupOf } from '../../rig/sign-in.js'
import { getToken, renewToken, startSession } from '../../rig/token-calls.js'

const options = { store: 'session' } as const
const loggedIn = { status: 'logged-in', user: { sub: 'alice' } }

/** Adds a frame with a page of the app, and waits for its client. */
async function addFrame(page: Page, src: string, id: string): Promise<Frame> {
  const element = await page.evaluateHandle(
    (attributes) => {
      const frame = Object.assign(document.createElement('iframe'), attributes)
      document.body.append(frame)
      return frame
    },
    { src, id },
  )
  // Not by its name, which Firefox over BiDi does not always tell.
  const frame = (await element.contentFrame())!
  await frame.waitForFunction(() => 'auth' in window)
  return frame
}

const ready = (frame: Frame | Page) => frame.evaluate(() => window.auth.ready())
const renew = (frame: Frame) => frame.evaluate(() => window.auth.getToken({ minValidity: 1_000_000 }))

test('a frame of the app shares the session of its parent page', async ({ page, app, as }) => {
  await startSession(page, app, options)
  const frame = await addFrame(page, '/deep/page', 'inner')
  expect(await ready(frame)).toMatchObject(loggedIn)
  expect(await renew(frame)).toBe((await getToken(page)).value)
  expect((await renewToken(page)).value).toBeTruthy()
  expect(await renew(frame)).toBeTruthy()
  expect(as.countEvents('grant.error')).toBe(0)
  expect(as.count('authorize')).toBe(1)

  await page.reload()
  expect(await ready(page)).toMatchObject(loggedIn)
  const again = await addFrame(page, '/deep/page', 'inner')
  expect(await ready(again)).toMatchObject(loggedIn)
  await page.evaluate(() => window.auth.logout({ local: true }))
  await expect
    .poll(() => again.evaluate(() => window.auth.getState()))
    .toEqual({ status: 'logged-out', reason: 'logout' })
})

test('a duplicated tab drops its copy even if both have a frame', async ({ page, app, as }) => {
  void as
  await startSession(page, app, options)
  await ready(await addFrame(page, '/deep/page', 'inner'))
  const duplicate = await popupOf(page, () => click(page, () => void open('/callback.js')))
  await outcome(page)
  // It did start with a copy.
  const listStored = () =>
    duplicate.evaluate(() => Object.keys(sessionStorage).filter((key) => /store/.test(key)))
  await duplicate.waitForURL('/callback.js')
  expect(await listStored()).not.toEqual([])
  await openApp(duplicate)
  expect(await ready(duplicate)).toEqual({ status: 'logged-out' })
  expect(await ready(await addFrame(duplicate, '/deep/page', 'inner'))).toEqual({ status: 'logged-out' })
  expect(await listStored()).toEqual([])
  expect(await state(page)).toMatchObject(loggedIn)
  expect((await renewToken(page)).value).toBeTruthy()
})

test('frames in a page of another origin share one session, whichever of them remains', async ({
  page,
  app,
  as,
  startApp,
}) => {
  const around = await startApp()
  await signInByRequest(page, as, app)
  app.authAtLoad = options
  await page.goto(around.origin)
  const first = await addFrame(page, app.origin, 'first')
  expect(await ready(first)).toEqual({ status: 'logged-out' })
  expect(await first.evaluate(() => window.auth.login({ mode: 'silent' }))).toMatchObject(loggedIn)
  const second = await addFrame(page, app.origin, 'second')
  expect(await ready(second)).toMatchObject(loggedIn)
  expect(await renew(first)).toBeTruthy()
  expect(await renew(second)).toBeTruthy()
  expect(as.countEvents('grant.error')).toBe(0)

  await page.evaluate(() => document.querySelector('#first')!.remove())
  expect(await ready(await addFrame(page, app.origin, 'third'))).toMatchObject(loggedIn)
  // Still the claim that a duplicated tab would find.
  const held = () =>
    second.evaluate(async () => {
      const names = (await navigator.locks.query()).held!.map(({ name }) => name)
      return names.includes(`latchkey tab ${sessionStorage.getItem('latchkey tab')}`)
    })
  await expect.poll(held).toBe(true)
})
