import { events, state } from '../rig/app-page.js'
import { watchDisturbances } from '../rig/disturbances.js'
import { expect, test } from '../rig/fixtures.js'
import { getToken, startAgingSession, startExpiredSession } from '../rig/token-calls.js'

test('rejects with a retryable error while the device is offline, and recovers when it is online again', async ({
  page,
  app,
  as,
}) => {
  await startExpiredSession(page, app, as)
  const { length } = as.requests
  const seen = watchDisturbances(page)
  await page.context().setOffline(true)
  expect((await getToken(page)).error).toMatchObject({
    name: 'AuthError',
    code: 'network_error',
    retryable: true,
  })
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
  expect(as.requests).toHaveLength(length)
  expect(seen).toEqual([])
  await page.context().setOffline(false)
  expect(as.secrets).toContain((await getToken(page)).value)
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
  expect(as.count('authorize')).toBe(1)
})

test('keeps a token that is still good while the device is offline', async ({ page, app, as }) => {
  await startAgingSession(page, app, as)
  const { value: aging } = await getToken(page, { minValidity: 0 })
  await page.context().setOffline(true)
  expect((await getToken(page)).value).toBe(aging)
  expect(await events(page)).toContainEqual({
    type: 'renewal_failed',
    error: expect.objectContaining({ code: 'network_error', retryable: true }),
  })
  await page.context().setOffline(false)
  expect((await getToken(page)).value).not.toBe(aging)
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
})

test('recovers when the network is gone although the device believes that it is online', async ({
  page,
  app,
  as,
}) => {
  await startExpiredSession(page, app, as, { timeouts: { iframe: 1000 } })
  const seen = watchDisturbances(page)
  const [tokens, pages] = [as.fault('token', { cut: true }), as.fault('authorize', { cut: true })]
  expect((await getToken(page)).error).toMatchObject({ code: 'network_error', retryable: true })
  expect(tokens.hits).toBe(1)
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
  expect(seen).toEqual([])
  tokens.end()
  pages.end()
  expect(as.secrets).toContain((await getToken(page)).value)
  expect(as.countEvents('grant.error')).toBe(0)
})
