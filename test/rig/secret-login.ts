import { expect, type Page } from '@playwright/test'
import { clickLogin, outcome, type PageClientOptions, type PlainState } from './app-page.js'
import type { TestAuthorizationServer } from './authorization-server.js'
import type { Fault } from './faults.js'
import { countMarked, createKeptAuth, expectMarked } from './secret-search.js'
import { allKinds } from './secret-walk.js'

/** Logs in without a window, which is faster, and returns how many secrets exist afterwards. */
export async function logIn(
  page: Page,
  as: TestAuthorizationServer,
  options: PageClientOptions = {},
): Promise<number> {
  const before = countMarked(as)
  await createKeptAuth(page, options)
  await clickLogin(page, { mode: 'silent' })
  expect((await outcome<PlainState>(page)).value?.status).toBe('logged-in')
  expectMarked(as, allKinds, before)
  return countMarked(as)
}

/** Like `logIn`, but with an access token that has already expired. */
export async function logInExpired(page: Page, as: TestAuthorizationServer): Promise<number> {
  const stop = as.tamperTokenResponse((json) => ({ ...json, expires_in: 0 }))
  const marked = await logIn(page, as)
  stop()
  return marked
}

/** Refuses silent logins, so that the app gets the error of the refresh token. */
export function refuseFrames(as: TestAuthorizationServer): Fault {
  return as.fault('authorize', { error: 'login_required', when: ({ params }) => params['prompt'] === 'none' })
}
