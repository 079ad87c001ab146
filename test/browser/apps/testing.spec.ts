import type { Page } from '@playwright/test'
import type { SeedOptions, SeedTokens } from '../../../src/testing.js'
import { clickLogin, createAuth, openApp, outcome, state, states } from '../../rig/app-page.js'
import { readReports, servePolicy, violatePolicy } from '../../rig/csp-reports.js'
import { expect, test, type AppServer, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { getCode, redeem } from '../../rig/login-by-hand.js'
import { popupOf, signIn } from '../../rig/sign-in.js'
import { expectState, getToken, openTab, renewToken } from '../../rig/token-calls.js'

// The built one: it has its script inside.
const entry = new URL('../../../dist/testing.js', import.meta.url).href
const { seedSession } = (await import(entry)) as typeof import('../../../src/testing.js')

/** Gets tokens of the server by a login of another browser context, as a global setup would. */
async function getTokens(page: Page, as: TestAuthorizationServer, app: AppServer): Promise<SeedTokens> {
  const context = await page.context().browser()!.newContext({ baseURL: app.origin })
  const other = await context.newPage()
  await openApp(other, '/app.html')
  const code = (await getCode(other, as, app)).get('code')!
  const { json } = await redeem(other, as, app, code)
  await context.close()
  return json as unknown as SeedTokens
}

const seedOf = (as: TestAuthorizationServer, app: AppServer, tokens: SeedTokens): SeedOptions => ({
  ...{ url: `${app.origin}/deep/path`, issuer: as.issuer, clientId: as.clientId, tokens },
})
const ready = (page: Page) => page.evaluate(() => window.auth.ready())

test('seedSession: the app starts logged-in, without a request, and all goes on from there', async ({
  page,
  as,
  app,
}) => {
  // Two browser contexts, three pages.
  test.slow()
  const tokens = await getTokens(page, as, app)
  app.authAtLoad = {}
  const [atServer, atApp] = [as.requests.length, app.requests.length]
  await seedSession(page, seedOf(as, app, tokens))
  expect(app.requests).toHaveLength(atApp)
  await openApp(page)
  expect(await ready(page)).toEqual({
    status: 'logged-in',
    user: expect.objectContaining({ sub: 'alice', iss: as.issuer }),
  })
  expect((await getToken(page)).value).toBe(tokens.access_token)
  const tab = await openTab(page)
  expect((await getToken(tab)).value).toBe(tokens.access_token)
  await page.reload()
  expect(await ready(page)).toMatchObject({ status: 'logged-in' })
  expect(as.requests).toHaveLength(atServer)

  const { value } = await renewToken(page)
  expect(value).toBeTruthy()
  expect(value).not.toBe(tokens.access_token)
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
  expect((await getToken(tab)).value).toBeTruthy()
  await page.evaluate(() => window.auth.logout({ local: true }))
  await expectState(tab, { status: 'logged-out', reason: 'logout' })
  expect(as.count('revocation')).toBe(1)
  await page.reload()
  expect(await ready(page)).toMatchObject({ status: 'logged-out' })
})

test('seedSession: works for an app with a strict CSP and Trusted Types', async ({ page, as, app }) => {
  const self = `connect-src ${as.origin}; require-trusted-types-for 'script'; trusted-types 'none'`
  servePolicy(app, `default-src 'self'; ${self}`)
  app.authAtLoad = {}
  // Made up: nothing but the API would tell.
  const tokens = { access_token: 'made up', expires_in: 600 }
  await seedSession(page, { ...seedOf(as, app, tokens), user: { sub: 'bob', name: 'Bob' } })
  await openApp(page)
  const user = { sub: 'bob', name: 'Bob', iss: as.issuer }
  expect(await ready(page)).toEqual({ status: 'logged-in', user })
  expect((await getToken(page)).value).toBe('made up')
  await violatePolicy(page, app)
  expect(readReports(app)).toEqual([expect.stringMatching(/^img-src .*marker/)])
})

test('seedSession: several resources, a token that has ended, and no user', async ({ page, as, app }) => {
  const resource = ['https://a.example', 'https://b.example']
  app.authAtLoad = { resource, scope: 'read' }
  await seedSession(page, {
    ...{ url: app.origin, issuer: as.issuer, clientId: as.clientId, scope: 'read', resource },
    tokens: [
      { access_token: 'a', expires_in: 60 },
      { access_token: 'b', resource: resource[1]! },
    ],
    receivedAt: Date.now() - 60_000,
  })
  await openApp(page)
  expect(await ready(page)).toEqual({ status: 'logged-in', user: null })
  expect((await getToken(page, { resource: resource[1]! })).value).toBe('b')
  expect((await getToken(page)).error?.code).toMatch(/^(login_required|invalid_target)$/)
})

test('seedSession: into sessionStorage, for this tab alone', async ({ page, as, app }) => {
  app.authAtLoad = { store: 'session' }
  const tokens = { access_token: 'made up' }
  await seedSession(page, { ...seedOf(as, app, tokens), user: { sub: 'bob' }, store: 'session' })
  await openApp(page)
  expect(await ready(page)).toMatchObject({ status: 'logged-in', user: { sub: 'bob' } })
  expect((await getToken(page)).value).toBe('made up')
  expect(await state(await openTab(page))).toEqual({ status: 'logged-out' })
})

test('seedSession: leaves a client of another name alone, and refuses wrong options', async ({
  page,
  as,
  app,
}) => {
  app.authAtLoad = {}
  const good: SeedOptions = { ...seedOf(as, app, { access_token: 'made up' }), user: { sub: 'bob' } }
  for (const [name, wrong] of Object.entries({
    url: 'about:blank',
    issuer: 'http://id.example.com',
    clientId: '',
    tokens: { access_token: '' },
    'tokens.token_type': { access_token: 'secret', token_type: 'DPoP' },
    user: { name: 'nobody' },
    store: 'memory',
    receivedAt: NaN,
    resource: 'orders',
  })) {
    const [option] = name.split('.')
    const seeding = seedSession(page, { ...good, [option!]: wrong } as SeedOptions)
    await expect(seeding, name).rejects.toThrow(new RegExp(`^"${name}`))
    await expect(seeding, name).rejects.toBeInstanceOf(TypeError)
    await expect(seeding, name).rejects.not.toThrow('secret')
  }
  await seedSession(page, { ...good, clientId: 'second-app' })
  await openApp(page)
  expect(await ready(page)).toEqual({ status: 'logged-out' })
  // The control: the same, under the right name.
  await seedSession(page, good)
  await openApp(page)
  expect(await ready(page)).toMatchObject({ status: 'logged-in' })
})

interface Play {
  /** Answers the login that a click started. */
  answer: (page: Page, user: 'alice' | 'nobody') => Promise<void>
  /** Says that nobody is logged in, where that is not known by itself. */
  begin: (page: Page) => Promise<void>
}

/** What an app sees of a client from its creation to its end. What differs by nature, such as a token's text, is left out. */
async function play(page: Page, options: object, { answer, begin }: Play): Promise<unknown[]> {
  const seen: unknown[] = []
  await createAuth(page, options)
  await begin(page)
  seen.push(await ready(page), await call(page, 'token'), await call(page, 'wrong resource'))
  await answer(page, 'nobody')
  seen.push((await outcome(page)).error?.code)
  await answer(page, 'alice')
  const { value, error } = await outcome<{ user?: object; appState?: unknown }>(page)
  seen.push(error?.code, { ...value, user: 'user' in value! })
  for (const what of ['token', 'token set', 'same token', 'renewed token', 'shared renewal'] as const)
    seen.push(await call(page, what))
  for (const what of ['unknown resource', 'api', 'elsewhere', 'same state', 'wrong logout'] as const)
    seen.push(await call(page, what))
  seen.push(await call(page, 'logout'), await call(page, 'token'), await call(page, 'close'))
  const all = await states(page)
  seen.push(all.map((one) => [one.status, 'login' in one && one.login, 'reason' in one && one.reason]))
  return seen
}

/** Makes a call, or a few, and tells what came of it. */
async function call(page: Page, what: string): Promise<unknown> {
  return page.evaluate(async (name) => {
    const { auth } = window
    const api = (window as { api?: string }).api!
    const fresh = { minValidity: 100_000 }
    const calls: Record<string, () => unknown> = {
      token: async () => typeof (await auth.getToken()),
      'token set': async () => {
        const { expiresAt, accessToken, ...rest } = await auth.getTokenSet()
        return {
          ...rest,
          good: expiresAt > Date.now(),
          text: typeof accessToken,
        }
      },
      'same token': async () => (await auth.getToken()) === (await auth.getToken()),
      'renewed token': async () => (await auth.getToken()) === (await auth.getToken(fresh)),
      'shared renewal': async () => {
        const all = await Promise.all([auth.getToken(fresh), auth.getToken(fresh)])
        return new Set(all).size
      },
      'wrong resource': () => auth.login({ resource: 'no URI' }),
      'unknown resource': () => auth.getToken({ resource: 'https://unknown.example' }),
      api: async () => (await auth.fetch(`${api}/orders`)).status,
      elsewhere: () => auth.fetch(`${api}/elsewhere`),
      'same state': async () => {
        let told = 0
        const [before, stop] = [auth.getState(), auth.subscribe(() => told++)]
        await auth.getToken(fresh)
        stop()
        return [auth.getState() === before, told, auth.getUser() !== null, auth.focusWindow()]
      },
      'wrong logout': () => auth.logout({ returnTo: 'http://[' }),
      logout: async () => {
        const done = auth.logout({ local: true })
        const { status } = auth.getState()
        return [status, await done, auth.getUser()]
      },
      close: async () => {
        auth.close()
        const all = [auth.ready(), auth.login(), auth.getToken(), auth.prepare(), auth.logout()]
        return (await Promise.allSettled(all)).map((one) => 'reason' in one && one.reason.code)
      },
    }
    try {
      return await calls[name]!()
    } catch (error) {
      const { code, name: kind, message } = error as { code?: string; name: string; message: string }
      return code ?? `${kind}: ${kind === 'TypeError' && !/URL/.test(message) ? message : ''}`
    }
  }, what)
}

test('createTestClient: an app sees of it what it sees of the real one', async ({ page, as, app }) => {
  // One scene played twice, a window closed by hand in it.
  test.slow()
  const apis = [{ url: `${app.origin}/orders` }]
  app.route('/orders', ({ headers }) => ({
    status: headers.authorization?.startsWith('Bearer ') ? 204 : 401,
  }))
  const open = async () => {
    await openApp(page)
    await page.evaluate(() => Object.assign(window, { api: location.origin }))
  }
  await open()
  // An ID token that comes with a renewal has other times, which is news to the state in some seconds and in others not.
  let answers = 0
  as.tamperTokenResponse(({ id_token, ...json }) => (answers++ ? json : { ...json, id_token }))
  const real = await play(
    page,
    { apis },
    {
      begin: async () => {},
      async answer(opener, user) {
        const popup = await popupOf(opener, () => clickLogin(opener, { appState: user }))
        if (user === 'alice') return signIn(popup)
        await popup.getByLabel('User name').waitFor()
        await popup.close()
      },
    },
  )
  await open()
  const before = as.requests.length
  const played = await play(
    page,
    { apis, played: true },
    {
      begin: (at) =>
        at.evaluate(() => (window.auth as import('../../../src/testing.js').TestClient).test.logOut()),
      async answer(at, user) {
        await clickLogin(at, { appState: user })
        await expect
          .poll(async () => 'login' in (await state(at)) && (await state(at)))
          .toMatchObject({ login: 'waiting' })
        await at.evaluate((name) => {
          const { test: controls } = window.auth as import('../../../src/testing.js').TestClient
          if (name === 'alice') controls.logIn({ sub: name })
          else controls.fail('login', 'popup_closed')
        }, user)
      },
    },
  )
  expect(played).toEqual(real)
  expect(as.requests).toHaveLength(before)
  // That it was no comparison of two failures.
  expect(real).toContainEqual(['logged-out', undefined, null])
  expect(real.filter((one) => one === 'string')).toHaveLength(1)
  expect(real.slice(1, 4)).toEqual([
    'login_required',
    expect.stringMatching(/^TypeError: "resource" must be/),
    'popup_closed',
  ])
})
