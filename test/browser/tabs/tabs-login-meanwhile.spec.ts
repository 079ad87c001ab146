import type { Page } from '@playwright/test'
import { state } from '../../rig/app-page.js'
import { expect, test, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { holdReads } from '../../rig/held-reads.js'
import { collectRefreshTokens, isAlive } from '../../rig/refresh-tokens.js'
import { isRefresh, isSilent } from '../../rig/request-kinds.js'
import { logInByPopup } from '../../rig/sign-in.js'
import { getToken, openTab, renewToken, startExpiredSession } from '../../rig/token-calls.js'

/** Longer than a login in another tab takes on a busy machine: what is held meanwhile must not run out of time. */
const timeouts = { request: 30_000, iframe: 30_000 }

const ofBob = { status: 'logged-in', user: { sub: 'bob' } }

test.describe.configure({ timeout: 60_000 })

/** Logs another user in, whoever is logged in. */
const logInAsBob = (tab: Page) => logInByPopup(tab, { user: 'bob', prompt: 'login' })

async function expectBob(as: TestAuthorizationServer, tabs: Page[]): Promise<void> {
  for (const tab of [...tabs, await openTab(tabs[0]!)]) {
    await expect.poll(() => state(tab)).toMatchObject(ofBob)
    expect(as.secrets).toContain((await getToken(tab)).value)
  }
}

test('renews the session of another tab that logged in while the old refresh token was rejected', async ({
  page,
  app,
  as,
}) => {
  await startExpiredSession(page, app, as, { timeouts })
  const other = await openTab(page)
  const refusal = as.fault('token', { error: 'invalid_grant', hang: true, times: 1, when: isRefresh })
  // What would end a session whose refresh token was refused.
  as.fault('authorize', { error: 'login_required', when: isSilent })
  const refreshTokens = collectRefreshTokens(as)
  const call = getToken(page)
  await refusal.hit

  const stop = as.tamperTokenResponse((json) => ({ ...json, expires_in: 0 }))
  await logInAsBob(other)
  stop()
  refusal.release()
  const { value, error } = await call
  expect(error).toBeUndefined()
  expect(as.secrets).toContain(value)
  const [, renewal] = as.requests.filter(isRefresh)
  expect(renewal!.params['refresh_token']).toBe(refreshTokens[0])
  expect(as.count('token', isRefresh)).toBe(2)
  await expectBob(as, [page, other])
})

test('keeps the session of another tab that logged in just before the old one is given up', async ({
  page,
  app,
  as,
}) => {
  await startExpiredSession(page, app, as, { timeouts })
  const other = await openTab(page)
  as.fault('token', { error: 'invalid_grant', times: 1, when: isRefresh })
  const frame = as.fault('authorize', { error: 'login_required', hang: true, when: isSilent })
  const call = getToken(page)
  await frame.hit
  // The last look at the store before the session is given up.
  const reads = await holdReads(page)
  frame.release()
  await reads.held()
  await logInAsBob(other)
  await reads.release()
  const { value, error } = await call
  expect(error).toBeUndefined()
  expect(as.secrets).toContain(value)
  await expectBob(as, [page, other])
  expect(as.secrets).toContain((await renewToken(page)).value)
  await expectBob(as, [page, other])
})

for (const way of ['refresh token', 'hidden frame'] as const) {
  test(`does not revoke the tokens received by ${way} when a login in another tab was quicker`, async ({
    page,
    app,
    as,
  }) => {
    await startExpiredSession(page, app, as, { timeouts })
    const other = await openTab(page)
    const refreshTokens = collectRefreshTokens(as)
    if (way === 'hidden frame') as.fault('token', { error: 'invalid_grant', times: 1, when: isRefresh })
    const grantType = way === 'hidden frame' ? 'authorization_code' : 'refresh_token'
    const answer = as.fault('token', {
      hang: true,
      afterProcessing: true,
      times: 1,
      when: ({ params }) => params['grant_type'] === grantType,
    })
    const call = getToken(page)
    await answer.hit
    expect(refreshTokens).toHaveLength(1)
    // The same user's: the server makes it part of the same grant.
    await logInByPopup(other, { prompt: 'login' })
    answer.release()

    const { value } = await getToken(other)
    expect((await call).value).toBe(value)
    expect(as.count('revocation')).toBe(0)
    for (const tab of [page, other])
      expect(await state(tab)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
    expect(await isAlive(as, refreshTokens[0])).toBe(true)
    expect(await isAlive(as, refreshTokens[1])).toBe(true)
  })
}
