import type { Page } from '@playwright/test'
import { openApp, state } from '../../rig/app-page.js'
import { expect, test, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { isRefresh, isSilent } from '../../rig/request-kinds.js'
import { getToken, openTab, startExpiredSession } from '../../rig/token-calls.js'

// Less than what `getToken` wants by default, 30 s: a token that is new is handed out all the same.
const seconds = 20

/** Gets in line for the session's lock, in a page without a client. Whoever comes later waits until that is closed. */
async function getInLine(page: Page, { issuer, clientId }: TestAuthorizationServer): Promise<Page> {
  const blocker = await page.context().newPage()
  await openApp(blocker, '/callback.js')
  await blocker.evaluate(
    (name) => void navigator.locks.request(name, () => new Promise(() => {})),
    `latchkey ${issuer} ${clientId}`,
  )
  await untilWaiting(blocker, 1)
  return blocker
}

/** Waits until so many wait for the lock. */
const untilWaiting = (tab: Page, count: number) =>
  expect.poll(() => tab.evaluate(async () => (await navigator.locks.query()).pending?.length)).toBe(count)

/** The token that a tab has, without waiting for another one. */
const peek = (tab: Page) =>
  tab.evaluate(() =>
    Promise.race([
      window.auth.getToken({ minValidity: 0 }),
      new Promise((resolve) => setTimeout(resolve, 50)),
    ]),
  )

for (const via of ['a refresh token', 'an iframe'])
  test.describe(`with ${via}`, () => {
    const refreshTokens = via === 'a refresh token'
    const [endpoint, when] = refreshTokens
      ? (['token', isRefresh] as const)
      : (['authorize', isSilent] as const)
    test.use({ asOptions: { refreshTokens } })

    test('a tab that has waited gets the token that another one has just received, however short its lifetime', async ({
      page,
      app,
      as,
    }) => {
      await startExpiredSession(page, app, as)
      const other = await openTab(page)
      as.accessTokenTTL = seconds
      const fault = as.fault(endpoint, { hang: true, when })
      const first = getToken(page)
      await fault.hit
      const blocker = await getInLine(page, as)
      const second = getToken(other)
      await untilWaiting(other, 2)
      fault.release()
      const { value } = await first
      expect(as.secrets).toContain(value)
      // The token is known here before it is this tab's turn.
      await expect.poll(() => peek(other)).toBe(value)
      // Another iframe would find nobody logged in at the server.
      await page.context().clearCookies()
      await blocker.close()
      expect(await second).toMatchObject({ value })
      const requests = () => [as.count('token', isRefresh), as.count('authorize', isSilent)]
      expect(requests()).toEqual(refreshTokens ? [1, 0] : [0, 1])
      expect(as.countEvents('grant.error')).toBe(0)
      expect(await state(other)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
      // The control: the next call wants more than these seconds, and does not get this token again.
      const next = await getToken(other)
      expect(next.value).not.toBe(value)
      if (refreshTokens) expect(as.secrets).toContain(next.value)
      else expect(next.error).toMatchObject({ code: 'login_required' })
      expect(requests()).toEqual(refreshTokens ? [2, 0] : [0, 2])
    })
  })
