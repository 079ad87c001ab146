import type { BrowserContext, Page } from '@playwright/test'
import type { Client } from '../../../src/api/client.js'
import { createExtensionId, loadExtension } from '../../rig/extension.js'
import { expect, test } from '../../rig/fixtures.js'
import { signIn } from '../../rig/sign-in.js'

// The extension runs in a Chromium of its own, whatever the project runs in.
test.skip(({ browserName }) => browserName !== 'chromium', 'an extension of Chromium')
// A browser with an extension takes longer to start than a page.
test.setTimeout(90_000)

/** Waits for the window that a call opens at the authorization server, and signs in there. */
async function signInAfter(context: BrowserContext, call: () => Promise<unknown>): Promise<void> {
  const [window] = await Promise.all([context.waitForEvent('page'), call()])
  await signIn(window)
}

/** Stops the service worker, as the browser does after 30 idle seconds. Playwright does not notice, so Chromium is asked. */
async function stopWorker(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const stopped = new Promise<void>((resolve) =>
    session.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
      if (versions.some(({ runningStatus }) => runningStatus === 'stopped')) resolve()
    }),
  )
  await session.send('ServiceWorker.enable')
  await session.send('ServiceWorker.stopAllWorkers')
  await stopped
  await session.detach()
}

test('the extension of the guide logs in, calls its API, survives its service worker and logs out', async ({
  app,
  startAs,
}) => {
  const { id, key } = createExtensionId()
  const redirectUri = `https://${id}.chromiumapp.org/callback`
  const as = await startAs({
    nativeRedirectUris: [redirectUri],
    nativeOrigins: [`chrome-extension://${id}`],
    // Less than the lifetime that each call asks for, so that each needs a refresh.
    accessTokenTTL: 5,
  })
  app.route('/orders', ({ headers }) => ({
    body: { authorized: /^Bearer .+/.test(headers.authorization ?? '') },
  }))
  const { issuer, clientId } = as
  const extension = await loadExtension({ id, key, issuer, clientId, apiOrigin: app.origin })
  try {
    const { context, origin } = extension
    const page = await context.newPage()
    await page.goto(`${origin}/popup.html`)
    const status = page.getByRole('status')
    const click = (name: string) => page.getByRole('button', { name }).click()
    await expect(status).toHaveText('Nobody is logged in')

    await signInAfter(context, () => click('Log in'))
    await expect(status).toHaveText('Logged in as alice')
    const [request] = as.requests.filter(({ endpoint }) => endpoint === 'authorize')
    expect(request!.params).toMatchObject({ redirect_uri: redirectUri, client_id: clientId })
    await click('Show orders')
    await expect(page.locator('pre')).toHaveText('{"authorized":true}')
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)

    await stopWorker(page)
    await page.reload()
    await expect(status).toHaveText('Logged in as alice')
    await click('Show orders')
    await expect(page.locator('pre')).toHaveText('{"authorized":true}')
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(2)
    // Nothing but the refresh token was used: the service worker has no iframe.
    expect([as.count('authorize'), as.count('end_session')]).toEqual([1, 0])

    await click('Log out')
    await expect(status).toHaveText('Nobody is logged in')
    expect([as.count('revocation'), as.count('end_session')]).toEqual([1, 1])
    await click('Show orders')
    await expect(page.locator('pre')).toHaveText('login_required')
    await stopWorker(page)
    await page.reload()
    await expect(status).toHaveText('Nobody is logged in')
    // The session at the server is over, too.
    await signInAfter(context, () => click('Log in'))
    await expect(status).toHaveText('Logged in as alice')
  } finally {
    await extension.close()
  }
})

/** What the worker's code of the next test leaves for it. */
declare const works: { auth: Client; missing: Client; plain: Client; returned: string }

test('in a service worker, every other mode rejects with no_window, and a forged response is refused', async ({
  app,
  startAs,
}) => {
  const { id, key } = createExtensionId()
  // A page that loads, and one that does not exist.
  const redirectUri = `${app.origin}/done`
  const missing = `https://${id}.chromiumapp.org/callback`
  const as = await startAs({
    nativeRedirectUris: [redirectUri, missing],
    nativeOrigins: [`chrome-extension://${id}`],
  })
  const { issuer, clientId } = as
  const workerCode = `
import { memoryStore } from 'latchkey'
import { openTab } from './open-tab.js'
// A host app with a tab, which the test can let give back another URL.
const change = (href) => works.returned ? href && works.returned.replace('$href', href) : href
const createWith = (redirectUri) => createClient({
  ...{ issuer: '${issuer}', clientId: '${clientId}', apis: [{ url: '${issuer}' }], redirectUri, store: memoryStore() },
  transports: [external(async (url, { signal }) => change(await openTab(url, redirectUri, signal)))],
})
globalThis.works = {
  auth: createWith('${redirectUri}'),
  missing: createWith('${missing}'),
  // As it was without this add-on.
  plain: createClient({ issuer: '${issuer}', clientId: '${clientId}' , redirectUri: '/callback.html' }),
}
`
  const extension = await loadExtension({
    ...{ id, key, issuer, clientId, workerCode },
    apiOrigin: as.origin,
    permissions: ['webNavigation'],
  })
  try {
    const { context } = extension
    const worker = await extension.worker()
    const codes = await worker.evaluate(async () => {
      const fail = (error: { code?: string; name: string }) => error.code ?? error.name
      const settled: Record<string, unknown> = {}
      for (const mode of ['popup', 'redirect', 'silent'] as const)
        settled[mode] = await works.auth.login({ mode }).catch(fail)
      settled['token'] = await works.auth.getToken().catch(fail)
      settled['ready'] = (await works.auth.ready()).status
      // Without external(), a worker is no place for a client.
      settled['plain login'] = await works.plain.login().catch(fail)
      settled['plain token'] = await works.plain.getToken().catch(fail)
      settled['plain logout'] = await works.plain.logout().catch(fail)
      settled['plain state'] = works.plain.getState().status
      return settled
    })
    expect(codes).toEqual({
      ...{ popup: 'no_window', redirect: 'no_window', silent: 'no_window', token: 'login_required' },
      ready: 'logged-out',
      ...{ 'plain login': 'no_window', 'plain token': 'no_window', 'plain logout': 'no_window' },
      'plain state': 'loading',
    })
    expect(as.count('authorize')).toBe(0)

    const logIn = (options: { at?: 'auth' | 'missing'; prompt?: string } = {}) =>
      worker.evaluate(
        ({ at = 'auth', prompt }) =>
          works[at].login({ mode: 'external', prompt }).then(
            ({ status }) => status as string,
            (error: { code: string }) => error.code,
          ),
        options,
      )
    const forge = (returned: string) => worker.evaluate((to) => void (works.returned = to), returned)
    await forge(`https://evil.example/callback?of=$href`)
    let result = logIn()
    await signIn(await context.waitForEvent('page'))
    expect(await result).toBe('invalid_response')
    // Signed in at the server by now: the tab comes back by itself.
    await forge('$href&state=p.forged')
    expect(await logIn()).toBe('invalid_response')
    expect(as.count('token')).toBe(0)

    // The user closes the tab.
    await forge('')
    result = logIn({ prompt: 'login' })
    const tab = await context.waitForEvent('page')
    await tab.waitForURL(/\/interaction\//)
    await tab.close()
    expect(await result).toBe('popup_closed')
    expect(as.count('token')).toBe(0)

    // The positive control: the URL as it came.
    expect(await logIn()).toBe('logged-in')
    expect(await logIn({ at: 'missing' })).toBe('logged-in')
    expect(await worker.evaluate(() => works.auth.getToken())).toBeTruthy()
    await expect.poll(() => context.pages().filter((page) => page.url() !== 'about:blank')).toEqual([])
  } finally {
    await extension.close()
  }
})
