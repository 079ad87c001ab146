import { randomUUID } from 'node:crypto'
import type { Frame, Page } from '@playwright/test'
import { createAuth, events, outcome } from '../../rig/app-page.js'
import { expect, test, type AppServer } from '../../rig/fixtures.js'
import { withPartitionedStorage } from '../../rig/partitioned-storage.js'
import { popupOf, signIn } from '../../rig/sign-in.js'

// The app is at 127.0.0.1, in a frame of a page at localhost: another site, whose frames browsers give a storage and channels
// of their own. Its window is at the top, and has not those.
test.use({ appOptions: { host: '127.0.0.1' } })

/** Opens a page at localhost, and the app in a frame of it. */
async function openEmbedded(page: Page, app: AppServer, host: AppServer): Promise<Frame> {
  host.route('/host', () => ({ body: `<!doctype html><iframe src="${app.origin}/" width="600"></iframe>` }))
  await page.goto(`${host.origin}/host`)
  const frame = page.frames().find((one) => one.url().startsWith(app.origin))!
  await frame.waitForFunction(() => window.startAuth as unknown)
  return frame
}

/** Clicks in the frame, by its own script: a click of Playwright's does not get there in Firefox. It counts as a gesture all the same. */
async function clickInFrame(frame: Frame): Promise<void> {
  await frame.evaluate(() => {
    window.onRun = () => window.auth.login()
    document.querySelector<HTMLElement>('#run')!.click()
  })
}

/** Whether a message from one place reaches another over a channel. */
async function isHeard(from: Frame | Page, by: Page): Promise<boolean> {
  const name = randomUUID()
  await by.evaluate((channel) => {
    const heard: unknown[] = []
    Object.assign(window, { heard })
    new BroadcastChannel(channel).onmessage = ({ data }) => heard.push(data)
  }, name)
  const post = (place: Frame | Page, message: string) =>
    place.evaluate(([channel, text]) => new BroadcastChannel(channel!).postMessage(text), [name, message])
  await post(from, 'said')
  // From a page beside it, which comes later and is always heard.
  const beside = await by.context().newPage()
  await beside.goto(by.url())
  await post(beside, 'end')
  const heard = () => by.evaluate(() => (window as unknown as { heard: string[] }).heard)
  await expect.poll(heard).toContain('end')
  await beside.close()
  return (await heard()).includes('said')
}

test('does not receive channel messages from a frame on another site', async ({
  page: own,
  app,
  startApp,
}) => {
  const host = await startApp()
  await withPartitionedStorage(own, async (page) => {
    const frame = await openEmbedded(page, app, host)
    const top = await page.context().newPage()
    await top.goto(app.origin)
    expect(await isHeard(frame, top)).toBe(false)
    const same = await page.context().newPage()
    await same.goto(app.origin)
    expect(await isHeard(same, top)).toBe(true)
  })
})

for (const responseMode of ['web_message', 'fragment', 'query'] as const) {
  test(`logs in by popup with ${responseMode} when the app is in an iframe on another site`, async ({
    page: own,
    as,
    app,
    startApp,
  }) => {
    const host = await startApp()
    await withPartitionedStorage(own, async (page) => {
      const frame = await openEmbedded(page, app, host)
      await createAuth(frame, { responseMode })
      const popup = await popupOf(page, () => clickInFrame(frame))
      await signIn(popup)
      expect((await outcome(frame)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
      await expect.poll(() => popup.isClosed()).toBe(true)
      expect(await events(frame)).toEqual([])
      const getToken = (minValidity: number) => window.auth.getToken({ minValidity })
      expect(as.secrets).toContain(await frame.evaluate(getToken, 30))
      // Renewed with the refresh token.
      expect(as.secrets).toContain(await frame.evaluate(getToken, 100_000))
      expect([as.count('authorize'), as.count('token')]).toEqual([1, 2])
    })
  })
}
