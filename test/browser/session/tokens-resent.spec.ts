import type { Page } from '@playwright/test'
import { state } from '../../rig/app-page.js'
import { expect, test, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { acceptRotatedTokens } from '../../rig/refresh-tokens.js'
import { isRefresh, isSilent } from '../../rig/request-kinds.js'
import { getToken, startExpiredSession } from '../../rig/token-calls.js'

// What docs/servers.md says in "Refresh tokens that arrive twice". A browser that no longer does this makes that section untrue.

/** Counts the requests to the token endpoint that a page makes itself, from its next load on. */
async function countTokenRequests(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    const { fetch } = window
    let count = 0
    window.fetch = (input, init) => {
      if (String(input).endsWith('/token')) count++
      return fetch(input, init)
    }
    Object.assign(window, { countTokenRequests: () => count })
  })
  return () =>
    page.evaluate(() => (window as unknown as { countTokenRequests: () => number }).countTokenRequests())
}

/** Has the page's connection to the server be one that has carried an answer. */
const useConnection = (page: Page, as: TestAuthorizationServer) =>
  page.evaluate(async (url) => {
    const response = await fetch(url, { credentials: 'omit', cache: 'no-store' })
    await response.text()
  }, `${as.issuer}/.well-known/openid-configuration`)

const sentTokens = (as: TestAuthorizationServer) =>
  as.requests.filter(isRefresh).map(({ params }) => params['refresh_token'])

test('a browser repeats a refresh whose reused connection was cut before the server processed it', async ({
  page,
  app,
  as,
}) => {
  const countOwn = await countTokenRequests(page)
  as.keepAlive = true
  await startExpiredSession(page, app, as)
  const before = await countOwn()
  const fault = as.fault('token', { cut: true, times: 1, when: isRefresh })
  await useConnection(page, as)
  expect(as.secrets).toContain((await getToken(page)).value)
  expect(fault.hits).toBe(1)
  // The page has sent it once, and the server got it twice.
  expect((await countOwn()) - before).toBe(1)
  expect(sentTokens(as)).toHaveLength(2)
  expect(new Set(sentTokens(as)).size).toBe(1)
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
  expect(as.countEvents('grant.error')).toBe(0)
})

for (const { words, frame, grace, refusals } of [
  { words: 'ends the session', frame: false, grace: false, refusals: 1 },
  { words: 'costs a new grant where an iframe can get one', frame: true, grace: false, refusals: 1 },
  { words: 'costs nothing with a reuse grace period at the server', frame: false, grace: true, refusals: 0 },
])
  test(`a refresh that the browser repeats after the server has processed it ${words}`, async ({
    page,
    app,
    as,
  }) => {
    if (grace) acceptRotatedTokens(as)
    const countOwn = await countTokenRequests(page)
    as.keepAlive = true
    await startExpiredSession(page, app, as)
    if (!frame) await page.context().clearCookies()
    const before = await countOwn()
    const fault = as.fault('token', { cut: true, afterProcessing: true, times: 1, when: isRefresh })
    await useConnection(page, as)
    const { value, error } = await getToken(page)
    const isKept = frame || grace
    if (isKept) expect(as.secrets).toContain(value)
    else expect(error).toMatchObject({ code: 'session_lost' })
    expect((await state(page)).status).toBe(isKept ? 'logged-in' : 'logged-out')
    expect(fault.hits).toBe(1)
    // Beside the one refresh, the code of the new grant.
    expect((await countOwn()) - before).toBe(frame ? 2 : 1)
    expect(sentTokens(as)).toHaveLength(2)
    expect(new Set(sentTokens(as)).size).toBe(1)
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(1 + (grace ? 1 : 0))
    expect(as.countEvents('grant.error', 'refresh_token')).toBe(refusals)
    expect(as.count('authorize', isSilent)).toBe(grace ? 0 : 1)
  })

test('a browser does not repeat a refresh whose new connection was cut', async ({ page, app, as }) => {
  const countOwn = await countTokenRequests(page)
  await startExpiredSession(page, app, as)
  const before = await countOwn()
  as.fault('token', { cut: true, afterProcessing: true, times: 1, when: isRefresh })
  await useConnection(page, as)
  expect(as.secrets).toContain((await getToken(page)).value)
  expect((await countOwn()) - before).toBe(2)
  expect(sentTokens(as)).toHaveLength(1)
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
  expect(as.countEvents('grant.error')).toBe(0)
  expect(as.count('authorize', isSilent)).toBe(1)
})
