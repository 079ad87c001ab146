import type { Page } from '@playwright/test'
import { click, openApp, state, type PlainState } from '../../rig/app-page.js'
import { expect, test, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { signIn } from '../../rig/sign-in.js'

/** Gives a response another state, or none. */
const withState = (value?: string) => (params: URLSearchParams) => {
  if (value === undefined) params.delete('state')
  else params.set('state', value)
  return params
}

/** Leaves for the server by redirect, signs in there, and comes to where the answer leads. */
async function redirectAndSignIn(page: Page, as: TestAuthorizationServer): Promise<void> {
  await click(page, () => void window.auth.login({ mode: 'redirect' }).catch(() => {}))
  await page.waitForURL(`${as.origin}/**`)
  await signIn(page)
  await page.waitForURL((url) => url.origin !== as.origin)
}

/** Follows the callback page's link to the app, where the page says that nobody waits for the answer. */
async function goOnToApp(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Go to the app' }).click()
  await page.waitForURL((url) => url.pathname === '/')
}

/** Gets the first state after loading. */
async function ready(page: Page): Promise<PlainState> {
  return (await page.evaluate(async () => window.describe(await window.auth.ready()))) as PlainState
}

const wrongStates = [
  { title: 'the state of another redirect', change: withState(`r.${'s'.repeat(43)}`) },
  { title: 'a state that is none of ours', change: withState('forged') },
  { title: 'no state', change: withState() },
]

for (const { title, change } of wrongStates) {
  for (const redirectUri of ['/callback.html', '/']) {
    test(`refuses a redirect to ${redirectUri} with ${title}`, async ({ page, as, app }) => {
      app.authAtLoad = { redirectUri }
      await openApp(page)
      const stop = as.tamperAuthorizationResponse(change)
      await redirectAndSignIn(page, as)
      if (redirectUri === '/callback.html') await goOnToApp(page)
      const after = await ready(page)
      expect(after).toMatchObject({ status: 'logged-out', error: { code: 'unknown_transaction' } })
      expect(as.count('token')).toBe(0)
      expect(new URL(page.url()).search + new URL(page.url()).hash).toBe('')

      stop()
      await click(page, () => void window.auth.login({ mode: 'redirect' }).catch(() => {}))
      await expect.poll(() => as.count('token')).toBe(1)
      await expect.poll(async () => (await state(page).catch(() => undefined))?.status).toBe('logged-in')
    })
  }
}
