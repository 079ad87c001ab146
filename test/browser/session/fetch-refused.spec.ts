import type { Page } from '@playwright/test'
import { expect, test } from '../../rig/fixtures.js'
import { isRefresh } from '../../rig/request-kinds.js'
import { passTime } from '../../rig/shifted-clock.js'
import { renewToken, startSession } from '../../rig/token-calls.js'
import { getUserInfo } from '../../rig/userinfo-calls.js'

/** Calls an API so many times, one after the other, and gives the statuses. */
const callApi = (page: Page, url: string, times: number): Promise<number[]> =>
  page.evaluate(
    async ([target, count]) => {
      const statuses: number[] = []
      for (let left = count; left > 0; left--) statuses.push((await window.auth.fetch(target)).status)
      return statuses
    },
    [url, times] as const,
  )

const refusal = { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } }

test('does not renew a new token for an API that rejects every token', async ({
  page,
  app,
  as,
  startApp,
}) => {
  const api = await startApp({ host: '127.0.0.1' })
  api.route('/orders', () => refusal)
  const sent = () => api.requests.filter(({ method }) => method === 'GET').length
  await startSession(page, app, { apis: [{ url: api.origin }] })
  const url = `${api.origin}/orders`
  expect(await callApi(page, url, 5)).toEqual(Array(5).fill(401))
  expect([sent(), as.count('token', isRefresh)]).toEqual([5, 0])

  // The control: one that came a while ago is renewed, once, and so is the next one a while later.
  for (const refreshes of [1, 2]) {
    await passTime(page, 11)
    expect(await callApi(page, url, 5)).toEqual(Array(5).fill(401))
    expect([sent(), as.count('token', isRefresh)]).toEqual([5 + 6 * refreshes, refreshes])
  }
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(2)

  // Nor one that came in by another way, and is found in the store.
  await page.reload()
  await renewToken(page)
  await page.reload()
  expect(await callApi(page, url, 2)).toEqual([401, 401])
  expect(as.count('token', isRefresh)).toBe(3)
})

test('does not renew a new token for a userinfo endpoint that rejects every token', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app)
  const fault = as.fault('userinfo', refusal)
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
