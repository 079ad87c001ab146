import type { Page } from '@playwright/test'
import { state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { openButtonPage } from '../../rig/login-button-page.js'
import { collectRefreshTokens, isAlive } from '../../rig/refresh-tokens.js'
import { expectState, getToken, openTab, startSession } from '../../rig/token-calls.js'

const loggedOut = { status: 'logged-out', reason: 'logout' } as const

/** Closes the client as soon as it says that nobody is logged in: at once, or a moment later, as a framework does. */
const closeWhenLoggedOut = (page: Page, at: 'at once' | 'a moment later') =>
  page.evaluate((when) => {
    window.auth.subscribe(({ status }) => {
      if (status !== 'logged-out') return
      if (when === 'at once') window.auth.close()
      else queueMicrotask(() => window.auth.close())
    })
  }, at)

for (const at of ['at once', 'a moment later'] as const) {
  test(`finishes a logout whose client is closed ${at}: in all tabs, and with the revocation`, async ({
    page,
    app,
    as,
  }) => {
    const refreshTokens = collectRefreshTokens(as)
    await startSession(page, app)
    const other = await openTab(page)
    const revocation = as.fault('revocation', { hang: true, times: 1 })
    await closeWhenLoggedOut(page, at)
    const done = page.evaluate(() => window.auth.logout({ local: true }).then(() => 'done'))
    await revocation.hit
    await expectState(other, loggedOut)
    revocation.release()
    expect(await done).toBe('done')
    expect(await state(await openTab(page))).toEqual(loggedOut)
    expect(as.count('revocation')).toBe(1)
    expect(await isAlive(as, refreshTokens[0])).toBe(false)
    expect((await getToken(page)).error).toMatchObject({ code: 'client_closed' })
  })
}

test('leaves for the server, where the user wanted to log out, although the client is closed', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app)
  await closeWhenLoggedOut(page, 'at once')
  await Promise.all([page.waitForEvent('load'), page.evaluate(() => void window.auth.logout())])
  await page.waitForURL(`${app.origin}/`)
  expect(as.count('end_session')).toBe(1)
})

test('starts no logout once it is closed', async ({ page, app, as }) => {
  await startSession(page, app)
  const other = await openTab(page)
  await page.evaluate(() => window.auth.close())
  const { length } = as.requests
  const code = await page.evaluate(() => window.auth.logout().catch(({ code: why }) => why as string))
  expect(code).toBe('client_closed')
  expect((await getToken(other)).value).toBeTruthy()
  expect(as.requests).toHaveLength(length)
})

test('finishes the logout of a login button that is gone by then', async ({ page, app, as }) => {
  await startSession(page, app)
  const other = await openTab(page)
  const { issuer, clientId } = as
  await openButtonPage(page, app, {
    markup: `<login-button issuer="${issuer}" client-id="${clientId}"></login-button>`,
  })
  await page.evaluate(() =>
    document.addEventListener('logout', ({ target }) => (target as HTMLElement).remove()),
  )
  await Promise.all([
    page.waitForEvent('load'),
    page.getByRole('button', { name: 'Log out', exact: true }).click(),
  ])
  await expectState(other, loggedOut)
  expect([as.count('revocation'), as.count('end_session')]).toEqual([1, 1])
})
