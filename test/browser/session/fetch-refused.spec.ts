import type { Page } from '@playwright/test'
import { callApi, invalidToken, received } from '../../rig/api-calls.js'
import { expect, test } from '../../rig/fixtures.js'
import { isRefresh } from '../../rig/request-kinds.js'
import { passTime } from '../../rig/shifted-clock.js'
import { renewToken, startSession } from '../../rig/token-calls.js'
import { getUserInfo } from '../../rig/userinfo-calls.js'

/** Calls an API this many times, one after the other, and checks that it refuses each call. */
async function expectRefused(page: Page, url: string, times: number): Promise<void> {
  for (let left = times; left > 0; left--)
    expect((await callApi(page, url)).value).toMatchObject({ status: 401, body: '{"error":"invalid_token"}' })
}

test('does not renew a new token for an API that rejects every token', async ({
  page,
  app,
  as,
  startApp,
}) => {
  const api = await startApp({ host: '127.0.0.1' })
  api.route('/orders', () => invalidToken)
  const sent = () => received(api).length
  await startSession(page, app, { apis: [{ url: api.origin }] })
  const url = `${api.origin}/orders`
  await expectRefused(page, url, 5)
  expect([sent(), as.count('token', isRefresh)]).toEqual([5, 0])

  // The control: a token that arrived a while ago is renewed once, and the second refusal is returned. So is the next one, later.
  for (const refreshes of [1, 2]) {
    await passTime(page, 11)
    await expectRefused(page, url, 5)
    expect([sent(), as.count('token', isRefresh)]).toEqual([5 + 6 * refreshes, refreshes])
  }
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(2)

  // Nor one that came in by another way, and is found in the store.
  await page.reload()
  await renewToken(page)
  await page.reload()
  await expectRefused(page, url, 2)
  expect(as.count('token', isRefresh)).toBe(3)
})

test('does not renew a new token for a userinfo endpoint that rejects every token', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app)
  const fault = as.fault('userinfo', invalidToken)
  const refused = { code: 'authorization_failed', error: 'invalid_token', status: 401 }
  for (const hits of [1, 2]) {
    expect((await getUserInfo(page)).error).toMatchObject(refused)
    expect([fault.hits, as.count('token', isRefresh)]).toEqual([hits, 0])
  }
  await passTime(page, 11)
  for (const hits of [4, 5]) {
    expect((await getUserInfo(page)).error).toMatchObject(refused)
    expect([fault.hits, as.count('token', isRefresh)]).toEqual([hits, 1])
  }
  fault.end()
  expect((await getUserInfo(page)).value).toEqual({ sub: 'alice' })
})
