import type { Page } from '@playwright/test'
import { count, expect, logIn, openSecondTab, play, test } from '../../rig/framework-page.js'
import { logInByPopup, press } from '../../rig/sign-in.js'
import type { TestClient } from '../../../src/testing.js'

const tokenLines = (page: Page) => page.evaluate(() => window.tokenLines)
const tokenCalls = (page: Page) =>
  page.evaluate(() => {
    const { calls } = (window.auth as TestClient).test
    return calls.filter(({ name }) => name === 'getToken').length
  })

for (const framework of ['react-19', 'react-18'] as const) {
  test.describe(framework, () => {
    test.use({ framework })

    test('shows the same state everywhere when a user logs in during rendering', async ({ page, ui }) => {
      /** What the rows said each time that the page changed, and whether they were rendered with both states before the first. */
      const fill = async (kind: 'bound' | 'naive') => {
        await ui.open(`played&rows=${kind}`)
        return page.evaluate(
          () =>
            new Promise<{ shown: string[][]; between: string[] }>((resolve) => {
              const shown: string[][] = []
              let between: string[] = []
              const rows = document.querySelector('#rows')!
              new MutationObserver(() => {
                if (!shown.length) between = [...new Set(window.rendered)]
                shown.push([...new Set([...rows.children].map(({ textContent }) => textContent ?? ''))])
              }).observe(rows, { childList: true, characterData: true, subtree: true })
              document.querySelector<HTMLButtonElement>('#fill')!.click()
              const wait = () =>
                shown.length && window.auth.getState().status === 'logged-in'
                  ? setTimeout(() => resolve({ shown, between }), 100)
                  : setTimeout(wait, 10)
              wait()
            }),
        )
      }
      const bound = await fill('bound')
      expect(bound.between).toEqual(['logged-out', 'logged-in'])
      expect(bound.shown).toEqual([['logged-in']])
      // The control: who reads the client while rendering shows both.
      const naive = await fill('naive')
      expect(naive.shown).toEqual([['logged-out', 'logged-in']])
      expect(ui.complaints).toEqual([])
    })

    test('shows the error of a redirect login in the fallback or in an error boundary', async ({
      page,
      ui,
    }) => {
      await ui.open()
      await page.click('#leave')
      await press(page, 'Cancel')
      await expect(page.locator('#fallback')).toHaveText('access_denied')
      expect(ui.complaints).toEqual([])

      await ui.open('throw')
      await page.click('#leave')
      await press(page, 'Cancel')
      await expect(page.locator('#boundary')).toHaveText('access_denied')
    })

    test('passes the error of a token request to an error boundary', async ({ page, ui, as }) => {
      const boundary = page.locator('#boundary')
      await ui.open('played&throw&resource=https://other.example')
      await play(page, (controls) => controls.logIn({ sub: 'bob' }))
      await expect(boundary).toHaveText('resource_not_requested')

      await ui.open('played&throw')
      await play(page, (controls) => controls.fail('getToken', 'network_error'))
      await play(page, (controls) => controls.logIn({ sub: 'bob' }))
      await expect(boundary).toHaveText('network_error')
      expect(as.requests).toEqual([])
    })

    test('re-renders for changed claims, and keeps the token', async ({ page, ui }) => {
      await ui.open('played')
      await play(page, (controls) => controls.logIn({ sub: 'alice', plan: { exp: 2026 }, uti: '1' }))
      await expect(page.locator('#token')).toHaveText('test-token-1')
      const renders = await count(page, 'renders')
      // What is of the token is no news; what only has such a name inside of another claim is.
      await play(page, (controls) => controls.logIn({ sub: 'alice', plan: { exp: 2026 }, uti: '2', rh: '2' }))
      await play(page, (controls) => controls.logIn({ sub: 'alice', plan: { exp: 2027 }, uti: '3' }))
      await expect(page.locator('#plan')).toHaveText('{"exp":2027}')
      expect(await count(page, 'renders')).toBe(renders + 1)
      expect(await tokenLines(page)).toEqual(['none', 'loading', 'test-token-1'])
    })

    test('does not keep state inside RequireLogin for the next user', async ({ page, ui }) => {
      await ui.open()
      await logIn(page)
      await page.fill('#note', 'of alice')
      await page.evaluate(() => window.auth.getToken({ minValidity: 1e6 }))
      await expect(page.locator('#note')).toHaveValue('of alice')
      const tab = await openSecondTab(page)
      await logInByPopup(tab, { user: 'bob', prompt: 'login' })
      await expect(page.locator('#name')).toHaveText('bob')
      await expect(page.locator('#note')).toHaveValue('')
      expect(ui.complaints).toEqual([])
    })

    test('requests the token again once after each login, and shows the error until then', async ({
      page,
      ui,
    }) => {
      await ui.open('played&resource=https://other.example')
      await play(page, (controls) => controls.logIn({ sub: 'alice' }))
      await expect(page.locator('#token')).toContainText('https://other.example')
      const before = await tokenCalls(page)
      for (const more of [1, 2]) {
        await page.click('#log-in')
        await play(page, (controls) => controls.logIn({ sub: 'alice' }))
        await expect.poll(() => tokenCalls(page)).toBe(before + more)
      }
      const [, , error] = (await tokenLines(page))!
      expect(await tokenLines(page)).toEqual(['none', 'loading', error])

      await page.click('#log-in-for-more')
      await play(page, (controls) => controls.logIn({ sub: 'alice' }))
      await expect(page.locator('#token')).toContainText('test-token')
      expect((await tokenLines(page))!.slice(2, -1)).toEqual([error])
    })

    test('removes the token after a login that does not identify the user', async ({ page, ui }) => {
      await ui.open('played')
      for (const token of ['test-token-1', 'test-token-2']) {
        await page.click('#log-in')
        await play(page, (controls) => controls.logIn(null))
        await expect(page.locator('#token')).toHaveText(token)
      }
      expect((await tokenLines(page))!.slice(-3)).toEqual(['test-token-1', 'loading', 'test-token-2'])
    })

    test.describe('with an API that the first login does not request', () => {
      const resource = 'https://orders.example'
      test.use({ asOptions: { resources: { [resource]: { scope: 'read' } } } })

      test('shows why there is no token, even after a refetch, and shows the token once a login has requested it', async ({
        page,
        ui,
      }) => {
        const token = page.locator('#token')
        await ui.open(`resource=${resource}`)
        await logIn(page)
        await expect(token).toContainText(resource)
        await token.click()
        await expect(token).toContainText(resource)
        await page.click('#log-in-for-more')
        await expect(token).not.toContainText(resource)
        const value = await page.evaluate((api) => window.auth.getToken({ resource: api }), resource)
        await expect(token).toHaveText(value)
        expect(ui.complaints).toEqual([])
      })
    })
  })
}
