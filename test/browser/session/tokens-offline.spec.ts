import type { Page } from '@playwright/test'
import { events, state } from '../../rig/app-page.js'
import { watchDisturbances } from '../../rig/disturbances.js'
import { expect, test } from '../../rig/fixtures.js'
import { isSilent } from '../../rig/request-kinds.js'
import { passTime } from '../../rig/shifted-clock.js'
import { stopServer } from '../../rig/stopped-server.js'
import { getToken, startAgingSession, startExpiredSession, startSession } from '../../rig/token-calls.js'

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
    message: expect.stringContaining('this device is offline'),
  })
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
  expect(as.requests).toHaveLength(length)
  expect(seen).toEqual([])
  await page.context().setOffline(false)
  expect(as.secrets).toContain((await getToken(page)).value)
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
  expect(as.count('authorize')).toBe(1)
})

test('keeps a token that is still valid while the device is offline', async ({ page, app, as }) => {
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

test('recovers after the network was down while the device claimed to be online', async ({
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

test('stays logged in when it is reloaded while the server is gone, and recovers when it is back', async ({
  page,
  app,
  as,
}) => {
  await startAgingSession(page, app, as)
  const startServer = await stopServer(as)
  await page.reload()
  expect(await page.evaluate(() => window.auth.ready())).toMatchObject({
    status: 'logged-in',
    user: { sub: 'alice' },
  })
  const { value: aging } = await getToken(page)
  expect(as.secrets).toContain(aging)
  await passTime(page, 30)
  expect((await getToken(page)).error).toMatchObject({ code: 'network_error', retryable: true })
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
  const server = await startServer()
  try {
    const { value } = await getToken(page)
    expect(as.secrets).toContain(value)
    expect(value).not.toBe(aging)
    expect(as.countEvents('grant.error')).toBe(0)
  } finally {
    server.closeAllConnections()
    server.close()
  }
})

/** Has the browser believe that it is offline, as with VPNs and virtual adapters, while everything can be reached. */
async function denyNetwork(page: Page): Promise<void> {
  const deny = () => Object.defineProperty(navigator, 'onLine', { get: () => false })
  await page.addInitScript(deny)
  await page.evaluate(deny)
}

test('renews even if the browser claims that the device is offline', async ({ page, app, as }) => {
  await startExpiredSession(page, app, as)
  await denyNetwork(page)
  expect(as.secrets).toContain((await getToken(page)).value)
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
  expect(as.countEvents('grant.error')).toBe(0)
  expect(as.count('authorize')).toBe(1)
})

test('ends the session at the server even if the browser claims that the device is offline', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app)
  await denyNetwork(page)
  const ended = page.waitForURL((url) => url.origin === as.origin)
  await page.evaluate(() => void window.auth.logout())
  await ended
  expect(as.count('revocation')).toBe(1)
  expect(as.count('end_session')).toBe(1)
})

test.describe('without refresh tokens', () => {
  test.use({ asOptions: { refreshTokens: false } })

  test('renews by iframe even if the browser claims that the device is offline', async ({
    page,
    app,
    as,
  }) => {
    await startExpiredSession(page, app, as)
    await denyNetwork(page)
    expect(as.secrets).toContain((await getToken(page)).value)
    expect(as.count('authorize', isSilent)).toBe(1)
  })

  test('rejects with a retryable error at once while the device is offline', async ({ page, app, as }) => {
    await startExpiredSession(page, app, as)
    await page.context().setOffline(true)
    const { error, after } = await getToken(page)
    expect(error).toMatchObject({ code: 'network_error', retryable: true })
    expect(after).toBeLessThan(8000)
    await page.context().setOffline(false)
    expect(as.secrets).toContain((await getToken(page)).value)
  })
})
