import { createAuth, openApp, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { isSilent } from '../../rig/request-kinds.js'
import { logOutByRequest } from '../../rig/server-logout.js'
import { signInByRequest } from '../../rig/server-session.js'
import { focus, stopWatching, waitForCheck, watchSession } from '../../rig/session-watch-calls.js'
import { expectState, openTab, renewToken, startSession } from '../../rig/token-calls.js'

test.use({ asOptions: { sessionManagement: true } })

test('ends the session in all tabs on focus once the user has logged out at the server', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app)
  const other = await openTab(page)
  await watchSession(page)
  expect(await waitForCheck(page, 1)).toEqual({ result: 'unchanged' })
  // The control: as long as nothing changes, nothing happens.
  await focus(page)
  expect(await waitForCheck(page, 2)).toEqual({ result: 'unchanged' })
  expect(as.requests.filter(isSilent)).toHaveLength(0)
  expect(await page.locator('iframe').count()).toBe(0)

  await logOutByRequest(page, as)
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
  await focus(page)
  expect(await waitForCheck(page, 3)).toEqual({ result: 'ended' })
  expect(await state(page)).toEqual({ status: 'logged-out', reason: 'session_lost' })
  await expectState(other, { status: 'logged-out', reason: 'session_lost' })
  expect(as.requests.filter(isSilent)).toHaveLength(1)

  // Nobody is logged in, so there is nothing to ask.
  const { length } = as.requests
  await focus(page)
  await stopWatching(page)
  await page.reload()
  expect(await page.evaluate(() => window.auth.ready())).toMatchObject({ status: 'logged-out' })
  expect(as.requests).toHaveLength(length)
})

test('continues, with a new session state, if the same user is logged in again', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app, { scope: 'openid email' })
  await watchSession(page)
  await waitForCheck(page, 1)
  await logOutByRequest(page, as)
  await signInByRequest(page, as, app)
  await focus(page)
  expect(await waitForCheck(page, 2)).toEqual({ result: 'renewed' })
  expect(await state(page)).toMatchObject({
    status: 'logged-in',
    user: { sub: 'alice', email: 'alice@example.com' },
  })
  const silent = as.requests.filter(isSilent)
  expect(silent.map(({ params }) => [params['id_token_hint']?.length! > 100, params['scope']])).toEqual([
    [true, 'openid email'],
  ])
  await focus(page)
  expect(await waitForCheck(page, 3)).toEqual({ result: 'unchanged' })
  // It still notices the end.
  await logOutByRequest(page, as)
  await focus(page)
  expect(await waitForCheck(page, 4)).toEqual({ result: 'ended' })
})

test('ends no session that is renewed while it logs in again', async ({ page, app, as }) => {
  await startSession(page, app)
  await watchSession(page)
  await waitForCheck(page, 1)
  await logOutByRequest(page, as)
  await signInByRequest(page, as, app)
  const isCode = ({ params }: { params: Record<string, string> }) =>
    params['grant_type'] === 'authorization_code'
  const fault = as.fault('token', { hang: true, times: 1, when: isCode })
  await focus(page)
  await fault.hit
  // As when the page, or another tab, fetches something on the same focus.
  expect((await renewToken(page)).value).toBeTruthy()
  fault.release()
  expect(await waitForCheck(page, 2)).toMatchObject({ result: 'failed', error: { code: 'login_required' } })
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
  // The server took no refresh token of its old session, so the renewal used a frame, which brought the new session state.
  await focus(page)
  expect(await waitForCheck(page, 3)).toEqual({ result: 'unchanged' })
})

test('ends the session of each tab that has its own', async ({ page, app, as }) => {
  await startSession(page, app, { store: 'session' })
  const other = await page.context().newPage()
  await openApp(other)
  await createAuth(other, { store: 'session' })
  // The session at the server is there already.
  await other.evaluate(() => window.auth.login({ mode: 'silent' }))
  for (const tab of [page, other]) {
    await watchSession(tab)
    expect(await waitForCheck(tab, 1)).toEqual({ result: 'unchanged' })
  }
  await logOutByRequest(page, as)
  for (const tab of [other, page]) {
    await focus(tab)
    expect(await waitForCheck(tab, 2)).toEqual({ result: 'ended' })
  }
})

test('leaves no frame behind when it is stopped at once', async ({ page, app, as: _ }) => {
  await startSession(page, app)
  // As an effect of React's does in StrictMode.
  await page.evaluate(() => window.latchkey.watchSession(window.auth)())
  await watchSession(page)
  expect(await waitForCheck(page, 1)).toEqual({ result: 'unchanged' })
  expect(await page.locator('iframe').count()).toBe(0)
})

for (const [server, ignoresHint] of [
  ['a server that honors the hint', false],
  ['a server that ignores the hint', true],
] as const)
  test(`never switches to another user who is logged in at ${server}`, async ({ page, app, as }) => {
    await startSession(page, app)
    await watchSession(page)
    await waitForCheck(page, 1)
    await logOutByRequest(page, as)
    await signInByRequest(page, as, app, 'bob')
    if (ignoresHint)
      await page.route(/\/auth\?.*prompt=none/, (route) => {
        const url = new URL(route.request().url())
        url.searchParams.delete('id_token_hint')
        return route.continue({ url: url.href })
      })
    await focus(page)
    expect(await waitForCheck(page, 2)).toEqual({ result: 'ended' })
    expect(as.requests.filter(isSilent)).toHaveLength(1)
    expect(await state(page)).toEqual({ status: 'logged-out', reason: 'session_lost' })
    expect(as.countEvents('grant.success', 'authorization_code')).toBe(ignoresHint ? 2 : 1)
  })

test('believes only the answer of its own frame, from the server', async ({ page, app, as, startApp }) => {
  await startSession(page, app)
  await watchSession(page)
  await waitForCheck(page, 1)
  const evil = await startApp({ host: '127.0.0.1' })
  evil.route('/frame', () => ({ body: `<script>parent.postMessage('changed', '*')</script>` }))
  // While the genuine answer is on its way.
  const fault = as.fault('check_session', { hang: true, times: 1 })
  await focus(page)
  await fault.hit
  const received = await page.evaluate(
    async ([evilUrl, checkUrl]) => {
      const origins: string[] = []
      const heard = new Promise<void>((resolve) =>
        addEventListener('message', ({ origin, data }) => {
          if (data === 'changed' && origins.push(origin) === 3) resolve()
        }),
      )
      postMessage('changed', location.origin)
      const add = (src: string) =>
        document.body.appendChild(Object.assign(document.createElement('iframe'), { src }))
      add(evilUrl)
      // A second frame of the server says so of a session that it does not know.
      const second = add(checkUrl)
      second.onload = () =>
        second.contentWindow!.postMessage(`demo-app ${'a'.repeat(43)}.salt`, new URL(checkUrl).origin)
      await heard
      return origins
    },
    [`${evil.origin}/frame`, `${as.issuer}/session/check?second`] as const,
  )
  expect(received.sort()).toEqual([app.origin, evil.origin, as.origin].sort())
  fault.release()
  expect(await waitForCheck(page, 2)).toEqual({ result: 'unchanged' })
  expect(as.requests.filter(isSilent)).toHaveLength(0)
  // The control: the same word from the right frame.
  await logOutByRequest(page, as)
  await focus(page)
  expect(await waitForCheck(page, 3)).toEqual({ result: 'ended' })
})

test('does nothing but report an answer that is an error', async ({ page, app, as }) => {
  const stop = as.tamperAuthorizationResponse((params) => {
    params.set('session_state', 'damaged')
    return params
  })
  await startSession(page, app)
  await watchSession(page)
  expect(await waitForCheck(page, 1)).toMatchObject({ result: 'failed', error: { code: 'server_error' } })
  stop()
  expect(as.requests.filter(isSilent)).toHaveLength(0)
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
})

test('ends no session that the server has never recognized, because the browser hides its cookies', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app)
  await page.context().clearCookies()
  await watchSession(page)
  expect(await waitForCheck(page, 1)).toMatchObject({ result: 'failed', error: { code: 'frame_silent' } })
  expect(as.requests.filter(isSilent)).toHaveLength(0)
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
})

test('remembers across a reload that the server has recognized the session', async ({ page, app, as }) => {
  await startSession(page, app)
  await watchSession(page)
  await waitForCheck(page, 1)
  await logOutByRequest(page, as)
  await page.reload()
  await watchSession(page)
  expect(await waitForCheck(page, 1)).toEqual({ result: 'ended' })
})

test.describe('at a server of another site', () => {
  test.use({ asOptions: { sessionManagement: true, host: '127.0.0.1' } })

  test('asks nothing, and says why', async ({ page, app, as }) => {
    await startSession(page, app)
    await watchSession(page)
    const check = await waitForCheck(page, 1)
    expect(check).toMatchObject({ result: 'failed', error: { code: 'discovery_failed' } })
    expect(JSON.stringify(check)).toContain('another site')
    expect(as.count('check_session')).toBe(0)
  })
})

test.describe('at a server without session management', () => {
  test.use({ asOptions: {} })

  test('asks nothing, and says why', async ({ page, app, as }) => {
    await startSession(page, app)
    await watchSession(page)
    expect(await waitForCheck(page, 1)).toMatchObject({
      result: 'failed',
      error: { code: 'discovery_failed' },
    })
    expect(as.count('check_session')).toBe(0)
    // A test client has no server to ask, and anything else is a mistake.
    await createAuth(page, { played: true })
    await watchSession(page)
    const mistake = await page.evaluate(() => {
      try {
        return window.latchkey.watchSession({} as never)
      } catch (error) {
        return (error as Error).name
      }
    })
    expect(mistake).toBe('TypeError')
  })
})
