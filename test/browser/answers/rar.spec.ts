import { clickLogin, createAuth, openApp, outcome } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { rememberDetails } from '../../rig/remembered-details.js'
import { isRefresh, isSilent } from '../../rig/request-kinds.js'
import { popupOf, press, signIn } from '../../rig/sign-in.js'
import type { Page } from '@playwright/test'

const resource = 'https://bank.example.com/'

test.use({
  asOptions: {
    authorizationDetailsTypes: ['payment', 'account'],
    resources: { [resource]: { scope: 'bank' } },
  },
})

const payment = { type: 'payment', actions: ['initiate'], amount: '10.00' }
const account = { type: 'account', actions: ['read'] }

/** Logs in with both details; the user sees and allows them. */
async function logIn(page: Page): Promise<void> {
  await openApp(page)
  await createAuth(page, { resource, scope: 'openid bank' })
  const popup = await popupOf(page, () => clickLogin(page, { authorizationDetails: [payment, account] }))
  await signIn(popup)
  await popup.getByText('amount: 10.00').waitFor()
  await press(popup, 'Allow')
  expect((await outcome(page)).error).toBe(undefined)
}

const getTokenSet = (page: Page, authorizationDetails?: object[]) =>
  page.evaluate(
    (details) =>
      window.auth.getTokenSet(details && { authorizationDetails: details }).then(
        (value) => ({ value, error: undefined }),
        (error: { code?: string }) => ({ value: undefined, error: error.code }),
      ),
    authorizationDetails,
  )

test('gets a token for some of them, and keeps it apart', async ({ page, as }) => {
  await logIn(page)
  const { value: whole } = await getTokenSet(page)
  const { value: narrow } = await getTokenSet(page, [account])
  expect(narrow?.authorizationDetails).toEqual([account])
  expect(narrow?.accessToken).not.toBe(whole?.accessToken)
  const [refresh] = as.requests.filter(isRefresh)
  expect(JSON.parse(refresh!.params['authorization_details']!)).toEqual([account])
  // Both are kept: no more requests.
  const { length } = as.requests
  expect((await getTokenSet(page, [account])).value).toEqual(narrow)
  expect((await getTokenSet(page)).value).toEqual(whole)
  expect(as.requests).toHaveLength(length)
})

test('keeps the refresh token of all of them when an iframe brings a token for some', async ({
  page,
  as,
}) => {
  await logIn(page)
  rememberDetails(as)
  // The server never sees it; the client cannot know, and asks for a new grant.
  as.fault('token', { cut: true, times: 1, when: isRefresh })
  const { value: narrow } = await getTokenSet(page, [account])
  expect(narrow?.authorizationDetails).toEqual([account])
  expect(as.count('authorize', isSilent)).toBe(1)
  // No iframe can help.
  await page.context().clearCookies()
  const whole = await page.evaluate(() => window.auth.getTokenSet({ minValidity: 100_000 }))
  expect(whole.authorizationDetails).toEqual([payment, account])
  expect(as.count('token', isRefresh)).toBe(2)
})
