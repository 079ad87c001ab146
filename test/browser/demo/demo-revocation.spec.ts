import type { Page, Request } from '@playwright/test'
import { expect, expectAccessible, logInToDemo, test } from '../../rig/demo.js'
import { passTime } from '../../rig/shifted-clock.js'

const click = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()

/** Expects what the cards of the two APIs show. */
async function expectOutcomes(page: Page, outcomes: { deliveries: string; tracking: string }): Promise<void> {
  for (const [api, text] of Object.entries(outcomes))
    await expect(page.locator(`#${api} .outcome`)).toHaveText(text)
}

const token = (page: Page) => page.locator('#shared-token')
const tokenName = async (page: Page) => /^Token \S+/.exec((await token(page).textContent()) ?? '')?.[0]

test('shows side by side that one API refuses a revoked token and the other accepts it', async ({
  page,
  demo,
}) => {
  await logInToDemo(page, demo.url)
  const sent: { api: string; token: string | undefined }[] = []
  page.on('request', (request) => {
    const { origin, pathname } = new URL(request.url())
    if (pathname === '/parcels' && request.method() === 'GET')
      sent.push({ api: origin, token: request.headers()['authorization'] })
  })
  await click(page, 'Call both')
  await expectOutcomes(page, { deliveries: '200accepted', tracking: '200accepted' })
  await expect(token(page)).toContainText('is valid. Both APIs accept it.')

  await click(page, 'Revoke this token')
  await expectOutcomes(page, { deliveries: '401invalid_token', tracking: '200accepted' })
  await expect(token(page)).toContainText(
    /is revoked. The deliveries API refuses it. The tracking API accepts it until it expires at \d/,
  )
  // Both APIs get the same token, before and after the revocation.
  expect(new Set(sent.map((request) => request.token)).size).toBe(1)
  expect(new Set(sent.map(({ api }) => api))).toEqual(
    new Set([demo.services.deliveries, demo.services.tracking]),
  )
  await expectAccessible(page)

  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 844 })
    const [one, other] = await Promise.all(
      ['deliveries', 'tracking'].map((api) => page.locator(`#${api}`).boundingBox()),
    )
    expect(one!.y).toBe(other!.y)
    expect(one!.x + one!.width).toBeLessThan(other!.x)
  }
})

test('auth.fetch renews a token that was revoked', async ({ page, demo }) => {
  await logInToDemo(page, demo.url)
  // Keeps the token new on a busy machine.
  await page.evaluate(() => {
    const now = Date.now()
    Date.now = () => now
  })
  await click(page, 'Revoke this token')
  await expectOutcomes(page, { deliveries: '401invalid_token', tracking: '200accepted' })
  const revoked = (await tokenName(page))!
  // The app still uses the revoked token: nothing has told it yet.
  await click(page, 'Call both')
  await expect(token(page)).toContainText(`${revoked} is revoked.`)
  await expectOutcomes(page, { deliveries: '401invalid_token', tracking: '200accepted' })

  // latchkey assumes that an API that refuses a new token would refuse the next one, too.
  await click(page, 'auth.fetch()')
  await expect(token(page)).toContainText('does not renew a token that is less than ten seconds old')
  await passTime(page, 11)
  await click(page, 'auth.fetch()')
  await expect(token(page)).toContainText(`got a 401 for ${revoked}`)
  await expectOutcomes(page, { deliveries: '200accepted', tracking: '200accepted' })
  expect(await tokenName(page)).not.toBe(revoked)
  await expect(page.locator('#timeline')).toContainText('Token renewed')

  // In another tab: this one would show the server's page.
  const tab = await page.context().newPage()
  await tab.goto(demo.url)
  await click(tab, 'Log out')
  await expectOutcomes(page, { deliveries: 'No call yet', tracking: 'No call yet' })
  // Chromium may not close a page that is still on its way to a server that is gone.
  await tab.waitForURL(/\/session\/end/)
})

test('the cards show after a reload that the token was revoked, and how auth.fetch renews it', async ({
  page,
  demo,
}) => {
  await logInToDemo(page, demo.url)
  await click(page, 'Revoke this token')
  await expect(token(page)).toContainText('is revoked.')
  const revoked = (await tokenName(page))!
  await page.reload()
  await click(page, 'Call both')
  await expectOutcomes(page, { deliveries: '401invalid_token', tracking: '200accepted' })
  await expect(token(page)).toContainText(`${revoked} is revoked. The deliveries API refuses it.`)
  await expect(page.locator('#compare')).toHaveAttribute('data-token', 'revoked')

  // The page is new again, so it does not know which token it showed.
  await page.reload()
  await passTime(page, 11)
  await click(page, 'auth.fetch()')
  await expect(token(page)).toContainText(`is valid. auth.fetch() got a 401 for ${revoked}`)
  await expect(page.locator('#compare')).toHaveAttribute('data-token', 'valid')
})

test('shows nothing of a call that was on its way when the user logged out', async ({ page, demo }) => {
  await logInToDemo(page, demo.url)
  let sent: Request[] = []
  let release = () => {}
  const holdRequests = async () => {
    sent = []
    const released = new Promise<void>((resolve) => (release = resolve))
    await page.unrouteAll()
    await page.route(/\/parcels$/, async (route) => {
      sent.push(route.request())
      await released
      await route.continue()
    })
  }

  // The control: the page shows both responses while the user is logged in.
  await holdRequests()
  await click(page, 'Call both')
  await expect.poll(() => sent.length).toBe(2)
  await expectOutcomes(page, { deliveries: 'No call yet', tracking: 'No call yet' })
  release()
  await expectOutcomes(page, { deliveries: '200accepted', tracking: '200accepted' })

  await holdRequests()
  await click(page, 'Call both')
  await expect.poll(() => sent.length).toBe(2)
  // In another tab: this one would show the server's page.
  const tab = await page.context().newPage()
  await tab.goto(demo.url)
  await click(tab, 'Log out')
  await expect(page.getByRole('status').first()).toHaveText('Logged out')
  await tab.waitForURL(/\/session\/end/)
  release()
  for (const request of sent) await (await request.response())!.finished()
  // The page has the responses; this is a turn of its event loop later.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)))
  await expectOutcomes(page, { deliveries: 'No call yet', tracking: 'No call yet' })
  await expect(token(page)).toHaveText('Call both APIs to see their responses.')
})

test("gives a partner's user access with a JWT", async ({ page, demo }) => {
  await logInToDemo(page, demo.url)
  await click(page, 'Partner (JWT)')
  await expect(page.locator('.lane')).toContainText('token from a JWT of the partner')
  await expect(page.locator('.verdict')).toContainText(
    'sees pat, vouched for by the partner’s identity provider',
  )
  await expect(page.locator('#api-answer li')).toHaveCount(4)
  await expect(page.locator('#api-status')).toContainText('GET /orders?with=jwt → 200')
})
