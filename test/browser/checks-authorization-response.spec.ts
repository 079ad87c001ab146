import type { Page } from '@playwright/test'
import {
  click,
  createAuth,
  openApp,
  state,
  type PageClientOptions,
  type PlainState,
} from '../rig/app-page.js'
import { expect, test, type AppServer, type TestAuthorizationServer } from '../rig/fixtures.js'
import { expectFirstLogin, expectLogin, expectRefusal } from '../rig/log-in-twice.js'
import { signIn } from '../rig/sign-in.js'

type Change = (params: URLSearchParams) => URLSearchParams

/** Sets parameters of a response; `undefined` takes one away. */
function withParams(change: Record<string, string | undefined>): Change {
  return (params) => {
    for (const [name, value] of Object.entries(change)) {
      if (value === undefined) params.delete(name)
      else params.set(name, value)
    }
    return params
  }
}

/** Gives a parameter twice. */
function twice(name: string, value?: string): Change {
  return (params) => {
    params.append(name, value ?? params.get(name)!)
    return params
  }
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

async function openWith(page: Page, app: AppServer, options: PageClientOptions = {}): Promise<void> {
  app.authAtLoad = options
  await openApp(page)
}

const wrongStates = [
  { title: 'the state of another redirect', change: withParams({ state: `r.${'s'.repeat(43)}` }) },
  { title: 'a state that is none of ours', change: withParams({ state: 'forged' }) },
  { title: 'no state', change: withParams({ state: undefined }) },
]

for (const { title, change } of wrongStates) {
  for (const redirectUri of ['/callback.html', '/']) {
    test(`refuses a redirect to ${redirectUri} with ${title}`, async ({ page, as, app }) => {
      await openWith(page, app, { redirectUri })
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

const wrongIssuers = [
  { title: 'another issuer', change: withParams({ iss: 'https://evil.example' }) },
  { title: 'an issuer that differs by a slash', change: (params: URLSearchParams) => withParams({ iss: `${params.get('iss')}/` })(params) }, // prettier-ignore
  { title: 'no issuer, which the metadata promises', change: withParams({ iss: undefined }) },
]

for (const { title, change } of wrongIssuers) {
  for (const responseMode of ['web_message', 'fragment', 'query'] as const) {
    test(`refuses a response by ${responseMode} with ${title}`, async ({ page, as }) => {
      await openApp(page)
      await createAuth(page, { responseMode })
      const stop = as.tamperAuthorizationResponse(change)
      expect(await expectRefusal(page)).toMatchObject({ code: 'invalid_response', cause: { claim: 'iss' } })
      expect(as.count('token')).toBe(0)
      stop()
      await expectLogin(page)
    })
  }

  test(`refuses a redirect back with ${title}`, async ({ page, as, app }) => {
    await openWith(page, app)
    const stop = as.tamperAuthorizationResponse(change)
    await redirectAndSignIn(page, as)
    await page.waitForURL((url) => url.pathname === '/')
    const after = await ready(page)
    expect(after).toMatchObject({
      status: 'logged-out',
      error: { code: 'invalid_response', cause: { claim: 'iss' } },
    })
    expect(as.count('token')).toBe(0)
    stop()
    await expectLogin(page)
  })

  test(`refuses an error with ${title}`, async ({ page, as }) => {
    await openApp(page)
    await createAuth(page)
    const stop = as.tamperAuthorizationResponse((params) => {
      params.delete('code')
      return change(withParams({ error: 'access_denied' })(params))
    })
    expect(await expectRefusal(page)).toMatchObject({ code: 'invalid_response', cause: { claim: 'iss' } })
    stop()
    await expectLogin(page)
  })
}

test.describe('where the metadata promises no issuer', () => {
  test.use({ asOptions: { sendIss: false } })

  test('accepts a response without one', async ({ page, as }) => {
    await openApp(page)
    await createAuth(page)
    await expectFirstLogin(page)
    expect(as.count('token')).toBe(1)
  })

  test('refuses a response with another one all the same', async ({ page, as }) => {
    await openApp(page)
    await createAuth(page, { responseMode: 'fragment' })
    const stop = as.tamperAuthorizationResponse(withParams({ iss: 'https://evil.example' }))
    expect(await expectRefusal(page)).toMatchObject({ code: 'invalid_response', cause: { claim: 'iss' } })
    stop()
    await expectLogin(page)
  })
})

const duplicates = [
  { name: 'code', change: twice('code') },
  { name: 'code', title: 'another code beside its own', change: twice('code', 'c'.repeat(43)) },
  { name: 'state', change: twice('state') },
  { name: 'state', title: 'another state beside its own', change: twice('state', `p.${'s'.repeat(43)}`) },
  { name: 'iss', change: twice('iss') },
  { name: 'error', title: 'two errors', change: (params: URLSearchParams) => twice('error', 'access_denied')(twice('error', 'access_denied')(params)) }, // prettier-ignore
]

for (const { name, title = `two times the same ${name}`, change } of duplicates) {
  for (const responseMode of ['fragment', 'query'] as const) {
    test(`refuses a response by ${responseMode} with ${title}`, async ({ page, as }) => {
      await openApp(page)
      await createAuth(page, { responseMode })
      const stop = as.tamperAuthorizationResponse(change)
      expect(await expectRefusal(page)).toMatchObject({ code: 'invalid_response', cause: { claim: name } })
      expect(as.count('token')).toBe(0)
      stop()
      await expectLogin(page)
    })
  }
}

test('refuses a response that carries tokens', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page, { responseMode: 'fragment' })
  const stop = as.tamperAuthorizationResponse(withParams({ access_token: 'a'.repeat(43), token_type: 'bearer', id_token: 'a.b.c' })) // prettier-ignore
  expect((await expectRefusal(page)).code).toBe('invalid_response')
  expect(as.count('token')).toBe(0)
  stop()
  await expectLogin(page)
})
