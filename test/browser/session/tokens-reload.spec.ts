import { state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { isRefresh, isSilent } from '../../rig/request-kinds.js'
import { getToken, renewToken, startExpiredSession } from '../../rig/token-calls.js'

test('gets a token soon after a reload during a refresh, if no iframe responds and the server accepts the refresh token again', async ({
  page,
  app,
  as,
}) => {
  await startExpiredSession(page, app, as)
  // As with a grace period: sent twice, the refresh token is still taken.
  const cut = as.fault('token', { hang: true, cut: true, times: 1, when: isRefresh })
  const frame = as.fault('authorize', { hang: true, when: isSilent })
  void getToken(page).catch(() => {})
  await cut.hit
  await page.reload()
  // Firefox fails the request of the page that goes, which asks the iframe in its last moment.
  const before = frame.hits
  const { value, after } = await getToken(page)
  expect(as.secrets).toContain(value)
  // The limit of an iframe is 10 s.
  expect(after).toBeLessThan(8000)
  expect([frame.hits - before, as.count('token', isRefresh)]).toEqual([1, 2])
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
  expect(as.countEvents('grant.error')).toBe(0)
  cut.end()
  frame.end()
})

test('gives a slow iframe its full time before it gives up the session after such a reload', async ({
  page,
  app,
  as,
}) => {
  await startExpiredSession(page, app, as)
  const rotated = as.fault('token', { hang: true, afterProcessing: true, times: 1, when: isRefresh })
  void getToken(page).catch(() => {})
  await rotated.hit
  await page.reload()
  const before = as.count('authorize', isSilent)
  const frame = as.fault('authorize', { hang: true, times: 1, when: isSilent })
  expect(as.secrets).toContain((await getToken(page)).value)
  expect([frame.hits, as.count('authorize', isSilent) - before, as.count('token', isRefresh)]).toEqual([
    1, 2, 2,
  ])
  expect(as.countEvents('grant.error', 'refresh_token')).toBe(1)
  expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  expect((await renewToken(page)).value).toBeTruthy()
  rotated.end()
  frame.end()
})
