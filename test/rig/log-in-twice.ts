import { expect, type Page } from '@playwright/test'
import { clickLogin, outcome, state, type PlainError, type PlainState } from './app-page.js'
import { logInByPopup, popupOf, signIn } from './sign-in.js'

/** Signs in by popup while the server's answer is wrong. Checks that nobody is logged in then, and returns the error. */
export async function expectRefusal(page: Page): Promise<PlainError> {
  const popup = await popupOf(page, () => clickLogin(page))
  await signIn(popup)
  const { error, value } = await outcome(page)
  expect(value).toBeUndefined()
  expect((await state(page)).status).toBe('logged-out')
  expect(await tokenOrCode(page)).toBe('login_required')
  return error!
}

/** The positive control: logs in once more, now that the answers are right again and the server knows the user. */
export async function expectLogin(page: Page): Promise<void> {
  await clickLogin(page)
  const { value, error } = await outcome<PlainState>(page)
  expect(error).toBeUndefined()
  expect(value?.status).toBe('logged-in')
}

/** Logs in by popup, where the answer is one that must be accepted. */
export async function expectFirstLogin(page: Page): Promise<void> {
  expect((await logInByPopup(page)).status).toBe('logged-in')
}

/** Asks for a token: says `token`, or the code of the error. Seconds of validity that no token has force a renewal. */
export async function tokenOrCode(page: Page, minValidity = 30): Promise<string> {
  return page.evaluate(
    (seconds) =>
      window.auth.getToken({ minValidity: seconds }).then(
        () => 'token',
        (error: { code?: string; message: string }) => error.code ?? error.message,
      ),
    minValidity,
  )
}
