import type { Page } from '@playwright/test'
import { clickLogin, createAuth, events, openApp, outcome, state } from '../../rig/app-page.js'
import { expect, test, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { pageAt } from '../../rig/page-at.js'
import { popupOf, press, signIn } from '../../rig/sign-in.js'

const claimsFocus =
  'headless Chromium says that every page has the focus; login-coop.headed.spec.ts shows it with windows'

/** Signs in in a window whose next page, the consent, cuts it off. */
async function signInUpToTheCut(page: Page, as: TestAuthorizationServer): Promise<void> {
  as.headers = { consent: { 'cross-origin-opener-policy': 'same-origin' } }
  await openApp(page)
  await createAuth(page)
  await signIn(await popupOf(page, () => clickLogin(page)))
}

test.describe('by callback page', () => {
  test.use({ asOptions: { webMessage: false, consent: 'ask' } })

  test('logs in, and does not report a popup that a later page severs as closed', async ({
    page,
    as,
    browserName,
  }) => {
    test.skip(browserName === 'chromium', claimsFocus)
    await signInUpToTheCut(page, as)
    expect(await page.evaluate(() => document.hasFocus())).toBe(false)
    await expect.poll(() => events(page)).toEqual([{ type: 'popup_cut_off' }])
    expect(await page.evaluate(() => document.hasFocus())).toBe(false)
    expect(await state(page)).toEqual({ status: 'logged-out', login: 'waiting' })
    await press(await pageAt(page, as.origin), 'Allow')
    expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
    await expect.poll(() => page.context().pages().length).toBe(1)
    expect(as.count('token')).toBe(1)
  })

  test('rejects with popup_closed where every page claims the focus, and a late response still logs in', async ({
    page,
    as,
    browserName,
  }) => {
    test.skip(browserName === 'firefox', 'Firefox reports the focus correctly, so no response is late')
    await signInUpToTheCut(page, as)
    expect(await page.evaluate(() => document.hasFocus())).toBe(true)
    expect((await outcome(page)).error).toMatchObject({ code: 'popup_closed' })
    expect(await state(page)).toEqual({ status: 'logged-out' })
    await press(await pageAt(page, as.origin), 'Allow')
    await expect.poll(() => state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
    await expect.poll(() => page.context().pages().length).toBe(1)
    expect(as.count('token')).toBe(1)
  })
})

test.describe('by web message', () => {
  test.use({ asOptions: { consent: 'ask' } })

  test('rejects with popup_cut_off when a later page severs the popup, and the next click logs in', async ({
    page,
    as,
    browserName,
  }) => {
    test.skip(browserName === 'chromium', claimsFocus)
    await signInUpToTheCut(page, as)
    expect((await outcome(page)).error).toMatchObject({ code: 'popup_cut_off', retryable: true })
    const cutOff = await pageAt(page, as.origin)
    await expect(cutOff.getByRole('button', { name: 'Allow' })).toBeVisible()
    await cutOff.close()

    await popupOf(page, () => clickLogin(page))
    await press(await pageAt(page, as.origin), 'Allow')
    expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
    const asked = as.requests.filter(({ endpoint }) => endpoint === 'authorize')
    expect(asked.map(({ params }) => params['response_mode'])).toEqual(['web_message', 'fragment'])
    expect(as.count('token')).toBe(1)
  })
})
