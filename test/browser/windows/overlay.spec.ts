import axe from 'axe-core'
import type { Page } from '@playwright/test'
import { click, createAuth, openApp, outcome, state, states } from '../../rig/app-page.js'
import { readReports, servePolicy, violatePolicy } from '../../rig/csp-reports.js'
import { expectAccessible } from '../../rig/demo.js'
import { expect, test } from '../../rig/fixtures.js'
import { countPage } from '../../rig/left-behind.js'
import {
  clickOverlay,
  dialogOf,
  expectClosed,
  openOverlay,
  signInFramed,
  waitForSignIn,
} from '../../rig/overlay.js'
import { popupOf, signIn } from '../../rig/sign-in.js'

const closed = { code: 'popup_closed', retryable: false }

test('works on a page with pointer-events: none', async ({ page, as }) => {
  void as
  await openOverlay(page)
  await waitForSignIn(page)
  await page.evaluate(() => {
    const style = new CSSStyleSheet()
    style.replaceSync('html { pointer-events: none }')
    document.adoptedStyleSheets = [style]
  })
  await dialogOf(page).getByRole('button', { name: 'Close' }).click()
  expect((await outcome(page)).error).toMatchObject(closed)
})

for (const webMessage of [true, false]) {
  test.describe(webMessage ? 'by web message' : 'by callback page', () => {
    test.use({ asOptions: { webMessage } })

    test('logs in on the page of the server in a dialog, under a strict CSP with Trusted Types', async ({
      page,
      as,
      app,
    }) => {
      servePolicy(
        app,
        `default-src 'self'; connect-src ${as.origin}; frame-src ${as.origin} 'self'; ` +
          `require-trusted-types-for 'script'; trusted-types 'none'`,
      )
      await openOverlay(page, {}, { appState: 7 })
      await expect(dialogOf(page)).toBeVisible()
      await expect(dialogOf(page).locator('iframe')).toHaveAttribute(
        'title',
        `Log in: ${new URL(as.origin).host}`,
      )
      await waitForSignIn(page)
      expect(await state(page)).toEqual({ status: 'logged-out', login: 'waiting' })
      await signInFramed(page)
      expect((await outcome(page)).value).toMatchObject({
        status: 'logged-in',
        user: { sub: 'alice' },
        appState: 7,
      })
      await expectClosed(page)

      const [request] = as.requests.filter(({ endpoint }) => endpoint === 'authorize')
      expect(request!.params['prompt']).toBeUndefined()
      expect(request!.params['response_mode']).toBe(webMessage ? 'web_message' : 'fragment')
      const stages = (await states(page)).map((one) => ('login' in one ? one.login : undefined))
      expect(stages.filter(Boolean)).toEqual(['opening', 'waiting', 'redeeming', 'redeeming'])
      expect(stages.at(-1)).toBeUndefined()
      expect(page.context().pages()).toHaveLength(1)
      // The control of the policy: a violation on purpose is reported, and nothing else was.
      await violatePolicy(page, app)
      expect(readReports(app)).toEqual([expect.stringMatching(/^img-src .*marker/)])
    })
  })
}

test('rejects with popup_closed on Escape and on its close button, and restores the focus', async ({
  page,
  as,
}) => {
  await openOverlay(page)
  await waitForSignIn(page)
  // The rest of the page is out of reach while the dialog is open.
  await page.evaluate(() => document.querySelector<HTMLElement>('#run')!.focus())
  expect(await page.evaluate(() => document.activeElement?.id)).not.toBe('run')
  await dialogOf(page).getByRole('button', { name: 'Close' }).focus()
  await page.keyboard.press('Escape')
  expect((await outcome(page)).error).toMatchObject(closed)
  await expectClosed(page)

  await clickOverlay(page)
  await waitForSignIn(page)
  await dialogOf(page).getByRole('button', { name: 'Close' }).click()
  expect((await outcome(page)).error).toMatchObject(closed)
  await expectClosed(page)
  expect(await state(page)).toEqual({ status: 'logged-out' })

  // The control: the same page logs in when nobody closes it.
  await clickOverlay(page)
  await signInFramed(page)
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
  expect(as.count('token')).toBe(1)
})

test('rejects with the reason of its signal, and with client_closed when the client is closed', async ({
  page,
  as,
}) => {
  await openApp(page)
  await createAuth(page, { overlay: {}, mode: 'overlay' })
  await page.focus('#run')
  await click(page, () => {
    const abort = new AbortController()
    Object.assign(window, { abort: () => abort.abort('enough') })
    return window.auth.login({ signal: abort.signal }).catch((error: unknown) => error)
  })
  await waitForSignIn(page)
  await page.evaluate(() => (window as unknown as { abort: () => void }).abort())
  expect((await outcome<string>(page)).value).toBe('enough')
  await expectClosed(page)

  await clickOverlay(page)
  await waitForSignIn(page)
  await page.evaluate(() => window.auth.close())
  expect((await outcome(page)).error).toMatchObject({ code: 'client_closed' })
  await expectClosed(page)
  expect(as.count('authorize')).toBe(2)
  expect(as.count('token')).toBe(0)
})

test('gives way to a second overlay login, which succeeds', async ({ page, as }) => {
  await openOverlay(page)
  await waitForSignIn(page)
  const first = await page.evaluate(() => {
    const before = window.outcome
    window.outcome = window.auth.login({ mode: 'overlay' }).then(
      (value) => ({ value: window.describe(value), after: 0 }),
      (error: unknown) => ({ error: window.describe(error) as never, after: 0 }),
    )
    return before
  })
  expect(first?.error).toMatchObject({ ...closed, message: expect.stringContaining('another login') })
  await expect(page.locator('latchkey-overlay')).toHaveCount(1)
  await signInFramed(page)
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
  await expectClosed(page)
  expect(as.count('token')).toBe(1)
  expect(await state(page)).not.toHaveProperty('login')
})

test('offers a window after 3 seconds, where a server that refuses to be framed logs the user in', async ({
  page,
  as,
}) => {
  as.headers.all = { 'x-frame-options': 'DENY' }
  await page.clock.install()
  await openApp(page)
  await createAuth(page, { overlay: {} })
  // Stands still: a slow machine must not make the 3 seconds pass by itself.
  await page.clock.pauseAt(Date.now() + 1000)
  await clickOverlay(page)
  await expect.poll(() => state(page)).toMatchObject({ login: 'waiting' })
  const open = dialogOf(page).getByRole('button', { name: 'Open in a window' })
  await page.clock.fastForward(1500)
  await expect(open).toBeHidden()
  await page.clock.fastForward(1500)
  await expect(open).toBeVisible()
  await expect(dialogOf(page).getByRole('status')).toHaveText('Trouble with this page?')

  await page.clock.resume()
  const popup = await popupOf(page, () => open.click())
  await expect(page.locator('latchkey-overlay')).toHaveCount(0)
  await signIn(popup)
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  expect(as.count('token')).toBe(1)
})

test('rejects with a timeout that names the redirect URI, after the popup time limit', async ({
  page,
  as,
  app,
}) => {
  await page.clock.install()
  await openOverlay(page, { timeouts: { popup: 60_000 } })
  await waitForSignIn(page)
  await page.clock.fastForward(60_000)
  const { error } = await outcome(page)
  expect(error).toMatchObject({
    code: 'timeout',
    message: expect.stringContaining(`${app.origin}/callback.html`),
  })
  await expectClosed(page)
  expect(as.count('token')).toBe(0)
})

test('reports at once that the frame-src of its own page blocks the server', async ({ page, as, app }) => {
  servePolicy(app, `default-src 'self'; connect-src ${as.origin}; frame-src 'self'`)
  await openOverlay(page)
  const { error, after } = await outcome(page)
  expect(error).toMatchObject({ code: 'frame_silent' })
  for (const word of ['frame-src', as.origin]) expect(error!.message).toContain(word)
  // Sooner than a window would have been offered. That a right policy logs in is tested above.
  expect(after).toBeLessThan(3000)
  await expectClosed(page)
})

test.describe('by callback page', () => {
  test.use({ asOptions: { webMessage: false } })

  test('reports at once that the frame-src of its own page blocks the callback page', async ({
    page,
    as,
    app,
  }) => {
    servePolicy(app, `default-src 'self'; connect-src ${as.origin}; frame-src ${as.origin}`)
    await openOverlay(page)
    await signInFramed(page)
    const { error } = await outcome(page)
    expect(error).toMatchObject({ code: 'frame_silent', message: expect.stringContaining(`'self'`) })
    await expectClosed(page)
  })
})

test('accepts messages only from its own frame', async ({ page, as, app, startApp }) => {
  const evil = await startApp({ host: '127.0.0.1' })
  await openOverlay(page)
  await waitForSignIn(page)
  const { state: name } = as.requests.find(({ endpoint }) => endpoint === 'authorize')!.params
  const response = { error: 'access_denied', state: name!, iss: as.issuer }
  await page.evaluate(() => {
    const seen: string[] = []
    Object.assign(window, { seen })
    addEventListener('message', ({ origin }) => void seen.push(origin))
  })
  // The server's own origin in another frame, a foreign origin, and the frame of a sandbox, whose origin is "null".
  as.fault('other', { body: '<!doctype html><title>Home</title>', when: ({ path }) => path === '/home' })
  for (const [src, sandbox] of [
    [`${as.origin}/home`, ''],
    [`${evil.origin}/evil`, ''],
    [`${app.origin}/evil`, 'allow-scripts'],
  ] as const) {
    await addFrame(page, src, sandbox)
    const frame = page.frames().find((one) => one.url() === src)!
    await frame.evaluate((data: object) => parent.postMessage(data, '*'), {
      type: 'authorization_response',
      response,
    })
    await frame.evaluate((data: object) => parent.postMessage(data, '*'), {
      latchkey: `${app.origin}/callback.html#${new URLSearchParams(response)}`,
    })
  }
  await expect
    .poll(() => page.evaluate(() => (window as unknown as { seen: string[] }).seen))
    .toEqual([as.origin, as.origin, evil.origin, evil.origin, 'null', 'null'])
  expect(await state(page)).toEqual({ status: 'logged-out', login: 'waiting' })

  // The control: the same message out of its own frame ends the login.
  const own = page.frames().find((one) => one.url().includes('/interaction/'))!
  await own.evaluate((data: object) => parent.postMessage(data, '*'), {
    type: 'authorization_response',
    response,
  })
  expect((await outcome(page)).error).toMatchObject({ code: 'access_denied' })
  await expectClosed(page)
})

async function addFrame(page: Page, src: string, sandbox: string): Promise<void> {
  await page.evaluate(
    ([url, flags]) => {
      const frame = document.createElement('iframe')
      if (flags) frame.setAttribute('sandbox', flags)
      frame.src = url!
      document.body.append(frame)
      return new Promise((resolve) => (frame.onload = resolve))
    },
    [src, sandbox],
  )
}

test('passes on to its frame what a page of the server may need', async ({ page, as, browserName }) => {
  await openOverlay(page)
  const frame = page.locator('latchkey-overlay iframe')
  await expect(frame).toHaveAttribute('src', new RegExp(`^${as.issuer}/`))
  const allowed = (await frame.getAttribute('allow'))!.split('; ')
  // Firefox would warn about a feature that it does not know.
  const local = browserName === 'chromium' ? ['local-network-access *'] : []
  expect(allowed).toEqual(['publickey-credentials-get *', 'publickey-credentials-create *', ...local])
})

test('passes the axe checks, and shows the given texts', async ({ page, context, as }) => {
  await context.addInitScript({ content: axe.source })
  await page.clock.install()
  await openOverlay(page, {
    overlay: {
      texts: { close: 'Schliessen', trouble: 'Ist diese Seite leer?', openWindow: 'In einem Fenster' },
    },
  })
  await waitForSignIn(page)
  await page.clock.fastForward(3000)
  await expect(dialogOf(page).getByRole('button', { name: 'In einem Fenster' })).toBeVisible()
  await expect(dialogOf(page).getByRole('button', { name: 'Schliessen' })).toBeVisible()
  await expectAccessible(page)

  const boxOf = () => dialogOf(page).boundingBox()
  expect(await boxOf()).toMatchObject({ width: 480, height: 688 })
  // A phone has no room for a frame around the frame.
  await page.setViewportSize({ width: 375, height: 667 })
  await expect.poll(boxOf).toEqual({ x: 0, y: 0, width: 375, height: 667 })
  expect(as.count('authorize')).toBe(1)
})

test('leaves nothing behind, whatever the outcome', async ({ page, as, browserName }) => {
  test.skip(browserName === 'firefox', 'BiDi has no CDP session to count listeners with')
  const ends = async () => {
    for (const end of ['button', 'answer'] as const) {
      await createAuth(page, { overlay: {}, store: 'memory' })
      await clickOverlay(page, { prompt: 'login' })
      await waitForSignIn(page)
      if (end === 'button') await dialogOf(page).getByRole('button', { name: 'Close' }).click()
      else await signInFramed(page)
      await outcome(page)
      await page.evaluate(() => {
        window.auth.close()
        Object.assign(window, { auth: undefined, outcome: undefined, onRun: undefined, authStates: [] })
      })
    }
  }
  await openApp(page)
  await ends()
  const before = await countPage(page)
  await ends()
  await ends()
  const { nodes, ...after } = await countPage(page)
  expect({ ...after, nodes: before.nodes }).toEqual(before)
  expect(nodes).toBeLessThanOrEqual(before.nodes + 5)
  expect(before).toMatchObject({ channels: 0, frames: 0 })
  expect(as.count('token')).toBe(3)
})

test('rejects with a TypeError that says what to import if the option is missing', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  await clickOverlay(page)
  const { error } = await outcome(page)
  expect(error).toMatchObject({ name: 'TypeError', message: expect.stringContaining('latchkey/overlay') })
  expect(
    await page.evaluate(() => {
      try {
        window.startAuth({ mode: 'overlay' })
      } catch (caught) {
        return (caught as Error).name
      }
      return undefined
    }),
  ).toBe('TypeError')
  expect(as.count('authorize')).toBe(0)
})
