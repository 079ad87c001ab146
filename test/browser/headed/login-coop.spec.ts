import type { Page } from '@playwright/test'
import { clickLogin, createAuth, events, openApp, outcome, state } from '../../rig/app-page.js'
import { coop, coopPlaces } from '../../rig/coop-places.js'
import { expect, test } from '../../rig/fixtures.js'
import { pageAt } from '../../rig/page-at.js'
import { popupOf, press, signIn } from '../../rig/sign-in.js'
import { useTrueFocus } from '../../rig/true-focus.js'
import { letOpenerLook } from '../../rig/look.js'

const hasFocus = (page: Page) => page.evaluate(() => document.hasFocus())

/** Opens the app in a page that knows whether it has the focus. */
async function open(page: Page): Promise<void> {
  await openApp(page)
  await useTrueFocus(page)
  await createAuth(page)
}

for (const [place, putHeaders] of Object.entries(coopPlaces)) {
  test.describe(`COOP on ${place}`, () => {
    test.beforeEach(({ page, as, app }) => {
      putHeaders(as, app)
      return open(page)
    })

    test.describe('by callback page', () => {
      test.use({ asOptions: { webMessage: false } })

      test('logs in, and does not report the popup as closed', async ({ page, as }) => {
        await popupOf(page, () => clickLogin(page))
        await expect.poll(() => hasFocus(page)).toBe(false)
        await expect.poll(() => events(page)).toEqual([{ type: 'popup_cut_off' }])
        expect(await state(page)).toEqual({ status: 'logged-out', login: 'waiting' })
        await signIn(await pageAt(page, as.origin))
        expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
        await expect.poll(() => page.context().pages().length).toBe(1)
        expect(as.count('token')).toBe(1)
      })
    })

    test('rejects with popup_cut_off by web message, and the next click logs in', async ({ page, as }) => {
      await popupOf(page, () => clickLogin(page))
      await expect.poll(() => hasFocus(page)).toBe(false)
      expect((await outcome(page)).error).toMatchObject({ code: 'popup_cut_off', retryable: true })
      await (await pageAt(page, as.origin)).close()

      await popupOf(page, () => clickLogin(page))
      await signIn(await pageAt(page, as.origin))
      expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
      expect(as.count('token')).toBe(1)
    })
  })
}

test.describe('COOP on a later page', () => {
  test.beforeEach(({ page, as }) => {
    as.headers = { consent: coop }
    return open(page)
  })

  test.describe('by callback page', () => {
    test.use({ asOptions: { webMessage: false, consent: 'ask' } })

    test('logs in, and does not report a popup that a later page severs as closed', async ({ page, as }) => {
      const popup = await popupOf(page, () => clickLogin(page))
      await expect.poll(() => hasFocus(page)).toBe(false)
      await signIn(popup)
      await expect.poll(() => events(page)).toEqual([{ type: 'popup_cut_off' }])
      expect(await hasFocus(page)).toBe(false)
      expect(await state(page)).toEqual({ status: 'logged-out', login: 'waiting' })
      await press(await pageAt(page, as.origin), 'Allow')
      expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
      await expect.poll(() => page.context().pages().length).toBe(1)
      expect(as.count('token')).toBe(1)
    })

    test('rejects with popup_closed once the user closes a severed popup', async ({ page, as }) => {
      const popup = await popupOf(page, () => clickLogin(page))
      await signIn(popup)
      await expect.poll(() => events(page)).toEqual([{ type: 'popup_cut_off' }])
      await (await pageAt(page, as.origin)).close()
      await expect.poll(() => hasFocus(page)).toBe(true)
      expect((await outcome(page)).error).toMatchObject({ code: 'popup_closed' })
      expect(await state(page)).toEqual({ status: 'logged-out' })
    })
  })

  test.describe('by web message', () => {
    test.use({ asOptions: { consent: 'ask' } })

    test('rejects with popup_cut_off when a later page severs the popup, and the next click logs in', async ({
      page,
      as,
    }) => {
      const popup = await popupOf(page, () => clickLogin(page))
      await expect.poll(() => hasFocus(page)).toBe(false)
      await signIn(popup)
      expect((await outcome(page)).error).toMatchObject({ code: 'popup_cut_off', retryable: true })
      await (await pageAt(page, as.origin)).close()

      await popupOf(page, () => clickLogin(page))
      await press(await pageAt(page, as.origin), 'Allow')
      expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
      expect(as.count('token')).toBe(1)
    })

    test('rejects with popup_closed when the user closes the popup', async ({ page, as }) => {
      const popup = await popupOf(page, () => clickLogin(page))
      await popup.getByLabel('User name').waitFor()
      await expect.poll(() => hasFocus(page)).toBe(false)
      await letOpenerLook(page)
      await popup.close()
      expect((await outcome(page)).error).toMatchObject({ code: 'popup_closed' })
      expect(await events(page)).toEqual([])
      expect(as.count('token')).toBe(0)
    })
  })
})
