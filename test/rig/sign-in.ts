import type { Page } from '@playwright/test'
import type { LoginOptions } from '../../src/api/login-options.js'
import { clickLogin, outcome, type PlainState } from './app-page.js'

/**
 * Signs in on the authorization server's page, which may close itself before this returns. A script fills in the form with
 * one call. `typeSignIn` needs many, which takes a second in Firefox, and most tests log in.
 */
export async function signIn(
  page: Pick<Page, 'waitForURL' | 'evaluate' | 'isClosed'>,
  user = 'alice',
  password = 'secret',
): Promise<void> {
  await page.waitForURL(/\/interaction\//, { waitUntil: 'domcontentloaded' })
  try {
    await page.evaluate(
      (values) => {
        const fields = Object.keys(values).map((name) =>
          document.querySelector<HTMLInputElement>(`#${name}`)!,
        )
        for (const field of fields) field.value = values[field.name]!
        fields[0]!.form!.requestSubmit()
      },
      { login: user, password } as Record<string, string>,
    )
  } catch (error) {
    // The page may be gone before it confirms that the form was sent.
    const isGone = page.isClosed() || /context was destroyed|navigat|closed/i.test((error as Error).message)
    if (!isGone) throw error
  }
}

/** Signs in as a user does, with the keyboard and the mouse. */
export async function typeSignIn(page: Page, user = 'alice', password = 'secret'): Promise<void> {
  await page.getByLabel('User name').fill(user)
  await page.getByLabel('Password').fill(password)
  await press(page, 'Sign in')
}

/** Presses a button of the authorization server's pages: `Cancel`, `Allow`, `Deny`, `Sign in`. */
export async function press(page: Page, button: string): Promise<void> {
  try {
    await page.getByRole('button', { name: button, exact: true }).click({ noWaitAfter: true })
  } catch (error) {
    // The click can close the window before the driver has confirmed it.
    if (!page.isClosed()) throw error
  }
}

/** Waits for the window that a call opens. */
export async function popupOf(page: Page, call: () => Promise<void>): Promise<Page> {
  const [popup] = await Promise.all([page.context().waitForEvent('page'), call()])
  return popup
}

/** Logs in by popup from the click to the end, and returns the state. Throws when the login fails. */
export async function logInByPopup(
  page: Page,
  { user = 'alice', ...options }: LoginOptions & { user?: string } = {},
): Promise<PlainState> {
  const popup = await popupOf(page, () => clickLogin(page, options))
  await signIn(popup, user)
  const { value, error } = await outcome<PlainState>(page)
  if (!value) throw new Error(`the login failed: ${error?.code ?? error?.name}: ${error?.message}`)
  return value
}
