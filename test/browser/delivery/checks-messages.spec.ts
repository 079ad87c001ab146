import type { Frame, Page } from '@playwright/test'
import {
  click,
  clickLogin,
  createAuth,
  openApp,
  outcome,
  state,
  type PlainState,
} from '../../rig/app-page.js'
import { expect, test, type TestAuthorizationServer } from '../../rig/fixtures.js'
import {
  countMessages,
  expectMessages,
  openQuietPopup,
  postToApp,
  sendTo,
  webMessage,
  type QuietPopup,
} from '../../rig/quiet-popup.js'
import { logInByPopup } from '../../rig/sign-in.js'

/** Opens a page whose login waits for a message that the test has in its hands. */
async function waitForMessage(page: Page, as: TestAuthorizationServer): Promise<QuietPopup> {
  await openApp(page)
  await createAuth(page)
  const quiet = await openQuietPopup(page, as)
  await countMessages(page)
  return quiet
}

/** Checks that so many messages arrived and that the login still waits for the right one. */
async function expectIgnored(page: Page, as: TestAuthorizationServer, messages = 1): Promise<void> {
  await expectMessages(page, messages)
  expect(await state(page)).toEqual({ status: 'logged-out', login: 'waiting' })
  expect(as.count('token')).toBe(0)
}

/** The positive control: the same message, rightly sent, logs in. */
async function expectTaken(page: Page, { popup, response }: QuietPopup): Promise<void> {
  await postToApp(popup, webMessage(response))
  const { value, error } = await outcome<PlainState>(page)
  expect(error).toBeUndefined()
  expect(value?.status).toBe('logged-in')
}

async function addFrame(page: Page, url: string, sandbox?: string): Promise<Frame> {
  await page.evaluate(
    ([src, flags]) => {
      const frame = document.createElement('iframe')
      if (flags !== undefined) frame.setAttribute('sandbox', flags)
      frame.src = src!
      document.body.append(frame)
      return new Promise((resolve) => (frame.onload = resolve))
    },
    [url, sandbox],
  )
  return page.frames().at(-1)!
}

test('ignores a response from another origin, even from its own popup', async ({ page, as, startApp }) => {
  const evil = await startApp({ host: '127.0.0.1' })
  const quiet = await waitForMessage(page, as)
  await sendTo(quiet.popup, `${evil.origin}/evil`)
  await postToApp(quiet.popup, webMessage(quiet.response))
  await expectIgnored(page, as)
  await sendTo(quiet.popup, quiet.home)
  await expectTaken(page, quiet)
})

test('ignores a page of another origin that claims to be its callback page', async ({
  page,
  as,
  app,
  startApp,
}) => {
  const evil = await startApp({ host: '127.0.0.1' })
  const quiet = await waitForMessage(page, as)
  const latchkey = `${app.origin}/callback.html#${new URLSearchParams(quiet.response)}`
  await sendTo(quiet.popup, `${evil.origin}/evil`)
  await postToApp(quiet.popup, { latchkey })
  await expectIgnored(page, as)
  await sendTo(quiet.popup, `${app.origin}/app.html`)
  await postToApp(quiet.popup, { latchkey })
  expect((await outcome<PlainState>(page)).value?.status).toBe('logged-in')
})

test('ignores a response from another window of the same server', async ({ page, as }) => {
  const quiet = await waitForMessage(page, as)
  const frame = await addFrame(page, quiet.home)
  await postToApp(frame, webMessage(quiet.response))
  await expectIgnored(page, as)
  await expectTaken(page, quiet)
})

test('ignores a response without a source while its popup is open', async ({ page, as }) => {
  await page.addInitScript(() => {
    const { open } = window
    window.open = (...args) => Object.assign(window, { popup: open.apply(window, args) }).popup
  })
  const { popup, response } = await waitForMessage(page, as)
  const dispatch = (whenClosed: boolean) =>
    page.evaluate(
      async ([data, origin, wait]) => {
        const opened = (window as { popup?: Window }).popup!
        while (wait && !opened.closed) await new Promise((resolve) => setTimeout(resolve))
        dispatchEvent(new MessageEvent('message', { data, origin: origin as string, source: null }))
      },
      [webMessage(response), as.origin, whenClosed] as const,
    )
  await dispatch(false)
  await expectIgnored(page, as)
  // The positive control is what Firefox does: the same message once the popup has closed.
  const closed = dispatch(true)
  await popup.close()
  await closed
  await expect.poll(async () => (await state(page)).status).toBe('logged-in')
  expect(as.count('token')).toBe(1)
})

test('ignores a response from a sandboxed page of the server, whose origin is "null"', async ({
  page,
  as,
}) => {
  const quiet = await waitForMessage(page, as)
  as.fault('other', {
    body: '<!doctype html><title>Sandboxed</title>',
    headers: { 'content-security-policy': 'sandbox allow-scripts' },
    when: ({ path }) => path === '/sandboxed',
  })
  await sendTo(quiet.popup, `${as.origin}/sandboxed`)
  expect(await quiet.popup.evaluate(() => window.origin)).toBe('null')
  await postToApp(quiet.popup, webMessage(quiet.response))
  await expectIgnored(page, as)
  await sendTo(quiet.popup, quiet.home)
  await expectTaken(page, quiet)
})

test('ignores a response from a sandboxed frame, whose origin is "null"', async ({ page, as, app }) => {
  const quiet = await waitForMessage(page, as)
  const frame = await addFrame(page, `${app.origin}/framed`, 'allow-scripts')
  expect(await frame.evaluate(() => window.origin)).toBe('null')
  await postToApp(frame, webMessage(quiet.response))
  await postToApp(frame, { latchkey: `${app.origin}/callback.html#${new URLSearchParams(quiet.response)}` })
  await expectIgnored(page, as, 2)
  await expectTaken(page, quiet)
})

for (const [title, change] of [
  ['another state', { state: `p.${'s'.repeat(43)}` }],
  ['an empty state', { state: '' }],
  ['no state', {}],
] as [string, Record<string, string>][]) {
  test(`ignores a web message with ${title} and takes the right one after it`, async ({ page, as }) => {
    const quiet = await waitForMessage(page, as)
    const { state: _, ...others } = quiet.response
    await postToApp(quiet.popup, webMessage({ ...others, ...change }))
    await expectIgnored(page, as)
    await expectTaken(page, quiet)
  })
}

test('ignores its callback page with another state and takes the right response after it', async ({
  page,
  as,
  app,
}) => {
  const quiet = await waitForMessage(page, as)
  const wrong = new URLSearchParams({ ...quiet.response, state: `p.${'s'.repeat(43)}` })
  await sendTo(quiet.popup, `${app.origin}/app.html`)
  await postToApp(quiet.popup, { latchkey: `${app.origin}/callback.html#${wrong}` })
  await expectIgnored(page, as)
  await sendTo(quiet.popup, quiet.home)
  await expectTaken(page, quiet)
})

for (const [title, change] of [
  ['an empty state', { state: '' }],
  ['no state', {}],
] as [string, Record<string, string>][])
  test(`ends a login whose own window is at the callback page with a code and ${title}, and redeems nothing`, async ({
    page,
    as,
    app,
  }) => {
    const quiet = await waitForMessage(page, as)
    const { state: _, ...others } = quiet.response
    await sendTo(quiet.popup, `${app.origin}/app.html`)
    const latchkey = `${app.origin}/callback.html#${new URLSearchParams({ ...others, ...change })}`
    await postToApp(quiet.popup, { latchkey })
    expect((await outcome(page)).error).toMatchObject({ code: 'invalid_response' })
    expect(as.count('token')).toBe(0)
    // The user has signed in at the server meanwhile: the next window needs no more.
    await clickLogin(page)
    expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
  })

test("ignores a response with another client's state, whichever popup it comes from", async ({
  page,
  as,
}) => {
  await openApp(page)
  await createAuth(page)
  const { popup, response } = await openQuietPopup(page, as)
  await page.evaluate((options) => {
    const other = window.latchkey.createClient({ ...options, clientId: 'second-app' } as never)
    Object.assign(window, { other, firstOutcome: window.outcome })
  }, { issuer: as.issuer }) // prettier-ignore
  const second = await openSecondPopup(page, as)
  await countMessages(page)

  await postToApp(popup, webMessage(second.response))
  await postToApp(second.popup, webMessage(response))
  await expectMessages(page, 2)
  expect(as.count('token')).toBe(0)
  await postToApp(popup, webMessage(response))
  await postToApp(second.popup, webMessage(second.response))
  const statuses = await page.evaluate(async () => {
    const { firstOutcome } = window as { firstOutcome?: Promise<{ value?: { status: string } }> }
    return [(await firstOutcome)?.value?.status, ((await window.outcome)?.value as { status: string }).status]
  })
  expect(statuses).toEqual(['logged-in', 'logged-in'])
  expect(as.count('token', ({ params }) => params['client_id'] === 'demo-app')).toBe(1)
  expect(as.count('token', ({ params }) => params['client_id'] === 'second-app')).toBe(1)
})

/** The server knows the user by now and answers at once: asking for a new sign-in keeps the second popup open too. */
async function openSecondPopup(page: Page, as: TestAuthorizationServer): Promise<QuietPopup> {
  return openQuietPopup(page, as, () =>
    click(page, () => (window as unknown as { other: typeof window.auth }).other.login({ prompt: 'login' })),
  )
}

test('ignores messages that are not responses', async ({ page, as }) => {
  const quiet = await waitForMessage(page, as)
  const { response } = quiet
  const noise: unknown[] = [
    'authorization_response',
    [],
    { type: 'authorization_response' },
    { type: 'authorization_response', response: null },
    { type: 'authorization_response', response: { ...response, code: { nested: true } } },
    { type: 'another', response },
    response,
    { latchkey: response },
  ]
  for (const message of noise) await postToApp(quiet.popup, message as object)
  await expectIgnored(page, as, noise.length)
  await expectTaken(page, quiet)
})

test('logs in when nobody else posts anything', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  expect((await logInByPopup(page)).status).toBe('logged-in')
  expect(as.count('token')).toBe(1)
})
