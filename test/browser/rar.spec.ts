import { clickLogin, createAuth, openApp, outcome, state } from '../rig/app-page.js'
import { expect, test } from '../rig/fixtures.js'
import { isRefresh } from '../rig/request-kinds.js'
import { popupOf, press, signIn } from '../rig/sign-in.js'
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

test('asks for authorization details at login, and shows what was granted', async ({ page, as }) => {
  await logIn(page)
  const request = as.requests.find(({ endpoint }) => endpoint === 'authorize')!
  expect(JSON.parse(request.params['authorization_details']!)).toEqual([payment, account])
  expect((await getTokenSet(page)).value?.authorizationDetails).toEqual([payment, account])
})

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

test('keeps the session and its tokens when the server refuses details', async ({ page, as }) => {
  void as
  await logIn(page)
  const { value: whole } = await getTokenSet(page)
  expect((await getTokenSet(page, [{ ...payment, amount: '1000.00' }])).error).toBe(
    'invalid_authorization_details',
  )
  expect((await getTokenSet(page)).value).toEqual(whole)
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
})

test('rejects a login with details of a type that the server does not know', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page, { resource, scope: 'openid bank' })
  await clickLogin(page, { authorizationDetails: [{ type: 'unheard-of' }] })
  expect((await outcome(page)).error).toMatchObject({
    code: 'invalid_authorization_details',
    retryable: false,
  })
  expect(as.count('token')).toBe(0)
})
