import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import type { Level, Row } from '../../src/doctor/row.js'
import { clickLogin, createAuth, events, openApp, outcome, state } from '../rig/app-page.js'
import { popupOf } from '../rig/sign-in.js'
import { prepareStorm, startStorm } from '../rig/storm.js'
import { getToken, openTab, renewToken } from '../rig/token-calls.js'
import { getUserInfo } from '../rig/userinfo-calls.js'
import { appPort } from './addresses.js'
import { expect, expireFirstToken, requireAbility, test } from './fixtures.js'
import { logIn, startSession } from './log-in.js'
import type { RealServer } from './real-server.js'

/** Logs in by a hidden frame, with a client that keeps nothing and finds nothing. */
async function logInSilently(page: Page): ReturnType<typeof outcome> {
  await createAuth(page, { store: 'memory' })
  await clickLogin(page, { mode: 'silent' })
  return outcome(page)
}

/** Adds the tests of a server. */
export function walkServer(server: RealServer): void {
  test.use({ server })

  test('has nothing that the doctor calls broken', async () => {
    const { code, rows } = await runDoctor(server)
    const others = rows.filter(({ level }) => level !== 'green').map(({ id, level }) => [id, level])
    expect(Object.fromEntries(others)).toEqual(server.doctor)
    expect(code).toBe(0)
  })

  test('logs in by popup and callback page', async ({ page, app, traffic }) => {
    const { user } = await startSession(page, app, server)
    expect(user).toMatchObject({ iss: server.issuer, ...server.claims })
    await expect.poll(() => page.context().pages().length).toBe(1)
    expect(traffic.count('token')).toBe(1)
    expect(await state(page)).toMatchObject({ status: 'logged-in' })
  })

  test('logs in by popup and web message', async ({ page, app, traffic }) => {
    const modes = traffic.metadata.response_modes_supported ?? []
    test.skip(!modes.includes('web_message'), `response_modes_supported: ${modes.join(', ') || 'none'}`)
    app.route('/callback.html', () => ({ status: 404 }))
    const { user } = await startSession(page, app, server)
    expect(user).toMatchObject(server.claims)
  })

  test('renews with a refresh token, and never sends one twice', async ({ page, app, traffic }) => {
    requireAbility(server.rotation)
    await startSession(page, app, server)
    const before = traffic.requests.length
    const tokens = [await getToken(page), await renewToken(page), await renewToken(page)]
    expect(tokens.map(({ error }) => error)).toEqual([undefined, undefined, undefined])
    expect(new Set(tokens.map(({ value }) => value)).size).toBe(3)
    expect(traffic.count('token')).toBe(3)
    expect(traffic.requests.length - before).toBe(2)
    const answers = await traffic.readTokens(page)
    expect(answers).toHaveLength(3)
    expect(new Set(answers.map((answer) => answer['refresh_token'])).size).toBe(3)
  })

  test('renews once for 10 tabs with an expired token', async ({ page, app, traffic }) => {
    test.slow()
    await openApp(page)
    await expireFirstToken(page, traffic)
    await createAuth(page)
    await logIn(page, server.signIn)
    app.authAtLoad = {}
    const tabs: Page[] = []
    while (tabs.length < 10) tabs.push(await openTab(page))
    await Promise.all(tabs.map((tab) => prepareStorm(tab, 'open')))
    const outcomes = await startStorm(page, tabs)
    expect(outcomes.map(({ error }) => error).filter(Boolean)).toEqual([])
    expect(new Set(outcomes.map(({ value }) => value)).size).toBe(1)
    expect(traffic.count('token')).toBe(2)
    // What is left renews again: no tab has used up the refresh token of another.
    expect((await renewToken(page)).error).toBeUndefined()
  })

  test('keeps the session through a reload without a request', async ({ page, app, traffic }) => {
    await startSession(page, app, server)
    const { value } = await getToken(page)
    const before = traffic.requests.length
    await page.reload()
    expect(await page.evaluate(() => window.auth.ready())).toMatchObject({ status: 'logged-in' })
    expect(await getToken(page)).toMatchObject({ value })
    expect(traffic.requests.slice(before).map((request) => request.url())).toEqual([])
  })

  test('logs in silently where the server knows the user, and only there', async ({ page, app, traffic }) => {
    await openApp(page)
    const { nobody = 'login_required' } = server
    expect((await logInSilently(page)).error).toMatchObject({ code: nobody })
    const { user } = await startSession(page, app, server)
    const before = traffic.count('token')
    const { value, error } = await logInSilently(page)
    expect(error).toBeUndefined()
    expect(value).toMatchObject({ status: 'logged-in', user: { sub: user?.sub } })
    expect(traffic.count('token')).toBe(before + 1)
  })

  test('logs in by redirect, back to where it started', async ({ page, app }) => {
    app.authAtLoad = {}
    await openApp(page)
    await clickLogin(page, { mode: 'redirect', returnTo: '/orders?page=2#last', appState: { cart: [1] } })
    await page.waitForURL((url) => url.origin !== app.origin, { waitUntil: 'commit' })
    await server.signIn(page)
    await expect(page).toHaveURL(`${app.origin}/orders?page=2#last`)
    expect(await page.evaluate(() => window.auth.ready())).toMatchObject({
      status: 'logged-in',
      appState: { cart: [1] },
      user: server.claims,
    })
  })

  test('has the server ask again with prompt=login and maxAge 0, or takes no answer', async ({
    page,
    app,
  }) => {
    const { user: first } = await startSession(page, app, server)
    const options = { prompt: 'login', maxAge: 0 }
    if ('refused' in server.signInAgain) {
      // Past "clockTolerance": a login of a moment ago counts as one of now.
      await page.clock.setSystemTime(Date.now() + 120_000)
      await clickLogin(page, options)
      const { error } = await outcome(page)
      expect(error).toMatchObject({ code: server.signInAgain.refused, cause: { claim: 'auth_time' } })
      return
    }
    const again = await logIn(page, server.signInAgain, options)
    expect(again.user?.sub).toBe(first?.sub)
    expect(again.user?.['auth_time']).toEqual(expect.any(Number))
  })

  test('says which scope is not there', async ({ page, app }) => {
    app.authAtLoad = {}
    await openApp(page)
    const scope = `${server.client.scope ?? 'openid'} latchkey:nonsense`
    const popup = await popupOf(page, () => clickLogin(page, { scope }))
    const { code, signsIn } = server.unknownScope
    if (signsIn) await server.signIn(popup)
    expect((await outcome(page)).error).toMatchObject({ code, retryable: false })
  })

  test('says that the user turned the login down', async ({ page, app, traffic }) => {
    const { client, press } = requireAbility(server.turnDown)
    app.authAtLoad = { ...client }
    await openApp(page)
    const popup = await popupOf(page, () => clickLogin(page))
    await press(popup)
    expect((await outcome(page)).error).toMatchObject({ code: 'access_denied', retryable: false })
    expect(traffic.count('token')).toBe(0)
  })

  test('asks for the claims of the user', async ({ page, app }) => {
    const { user } = await startSession(page, app, server)
    const { value, error } = await getUserInfo(page)
    expect(error).toBeUndefined()
    expect(value).toMatchObject({ sub: user?.sub, ...server.userInfo })
  })

  test('binds its tokens to a key with DPoP', async ({ page, app, traffic }) => {
    const client = requireAbility(server.dpop)
    await startSession(page, app, server, { ...client, dpop: true })
    expect(await page.evaluate(() => window.auth.getTokenSet())).toMatchObject({ tokenType: 'dpop' })
    const before = traffic.requests.length
    expect((await renewToken(page)).error).toBeUndefined()
    expect((await getUserInfo(page)).error).toBeUndefined()
    // The key is there again after a reload.
    await page.reload()
    expect((await renewToken(page)).error).toBeUndefined()
    if (server.rotation !== true) return
    // A reloaded page asks again for metadata that its server forbids to cache.
    const isMetadata = (url: string) => url.includes('/.well-known/')
    const called = traffic.requests.slice(before).map((request) => request.url()).filter((url) => !isMetadata(url)) // prettier-ignore
    const { token_endpoint: token, userinfo_endpoint: userinfo } = traffic.metadata
    expect(called).toEqual([token, userinfo, token])
  })

  test('sends its request ahead where that is required', async ({ page, app, traffic }) => {
    const { client, without } = requireAbility(server.par)
    app.authAtLoad = client
    await openApp(page)
    if (without) {
      await popupOf(page, () => clickLogin(page))
      expect((await outcome(page)).error).toMatchObject({ code: without })
    }
    expect(traffic.count('pushed_authorization_request')).toBe(0)
    await startSession(page, app, server, { ...client, par: true })
    expect(traffic.count('pushed_authorization_request')).toBe(1)
  })

  test('logs in more strongly', async ({ page, app }) => {
    const { client, acrValues, confirm } = requireAbility(server.stepUp)
    const { user } = await startSession(page, app, server, client)
    expect(user?.['acr']).not.toBe(acrValues)
    const stronger = await logIn(page, confirm, { acrValues })
    expect(stronger.user).toMatchObject({ acr: acrValues, sub: user?.sub })
  })

  test('ends the session there too, and comes back', async ({ page, app, traffic }) => {
    const { returnTo, confirm } = requireAbility(server.logout)
    await startSession(page, app, server)
    await page.evaluate((path) => void window.auth.logout({ returnTo: path }), returnTo)
    await confirm?.(page)
    await expect(page).toHaveURL(`${app.origin}${returnTo}`)
    expect(await page.evaluate(() => window.auth.ready())).toMatchObject({ status: 'logged-out' })
    expect(await events(page)).toEqual([])
    const isRevoked = server.rotation === true && traffic.metadata.revocation_endpoint
    expect(traffic.count('revocation')).toBe(isRevoked ? 1 : 0)
    expect((await logInSilently(page)).error).toMatchObject({ code: server.nobody ?? 'login_required' })
  })

  test('says that the session is lost when the server has ended it', async ({ page, app }) => {
    const endSession = requireAbility(server.endSession)
    const { user } = await startSession(page, app, server)
    expect((await renewToken(page)).error).toBeUndefined()
    await endSession(user!.sub)
    expect((await renewToken(page)).error).toMatchObject({ code: 'session_lost' })
    expect(await state(page)).toMatchObject({ status: 'logged-out', reason: 'session_lost' })
  })
}

const doctor = fileURLToPath(new URL('../../dist/doctor/cli.js', import.meta.url))

function runDoctor({
  issuer,
  client,
}: RealServer): Promise<{ code: number; rows: (Row & { level: Level })[] }> {
  const args = ['doctor', issuer, '--client-id', client.clientId, '--origin', `http://localhost:${appPort}`]
  // A server that was just started compiles its pages at the first request.
  const patient = ['--timeout', '60', '--json']
  return new Promise((resolve) => {
    execFile(process.execPath, [doctor, ...args, ...patient], (error, stdout) =>
      resolve({ code: error ? Number(error.code) : 0, rows: JSON.parse(stdout || '{"rows":[]}').rows }),
    )
  })
}
