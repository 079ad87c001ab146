import { clickLogin, createAuth, openApp, outcome, state, type PlainState } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import {
  countMessages,
  expectMessages,
  openQuietPopup,
  postToApp,
  sendTo,
  webMessage,
} from '../../rig/quiet-popup.js'
import { startSession } from '../../rig/token-calls.js'

/** How many messages each of the four senders posts. */
const share = 2500

/**
 * Posts forged responses from the page that it runs in: wrong states, wrong types, wrong shapes, and with `rightState` everything but the
 * sender is right. The numbers are from a generator with a seed, so that a failure can be repeated.
 */
function postForged([count, response, rightState]: readonly [number, Record<string, string>, boolean]): void {
  let seed = count
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648
    return Math.floor((seed / 2147483648) * below)
  }
  const pick = <T>(list: readonly T[]) => list[random(list.length)]!
  const target = (window.opener ?? window.parent) as Window
  for (let sent = 0; sent < count; sent++) {
    const wrong = pick([
      '',
      'p.',
      response['state']!.slice(0, -1),
      `${response['state']} `,
      'null',
      '__proto__',
    ])
    const values = [wrong, [response['state']], { toString: 1 }, null, 5, undefined, true]
    const code = pick<unknown>([response['code'], 'forged', [], { length: 1 }, null])
    const forged: Record<string, unknown> = {
      ...response,
      code,
      state: rightState ? response['state'] : pick<unknown>(values),
    }
    if (random(5) === 0)
      forged[pick(['iss', 'error', 'code', 'constructor'])] = pick<unknown>(['x', 1, {}, []])
    const type = pick([
      'authorization_response',
      'authorization_response',
      'Authorization_Response',
      '',
      'relay_request',
    ])
    const href = `${location.origin}/callback.html#code=forged&state=${rightState ? response['state'] : wrong}`
    const message = pick<unknown>([
      { type, response: forged },
      { type, response: forged },
      { latchkey: href },
      forged,
      type,
      [forged],
      null,
    ])
    target.postMessage(message, '*')
  }
}

test('takes the one right message among 10,000 forged ones', async ({ page, as, startApp }) => {
  test.slow()
  const evil = await startApp({ host: '127.0.0.1' })
  await openApp(page)
  await createAuth(page)
  const quiet = await openQuietPopup(page, as)
  await countMessages(page)
  const addFrame = async (url: string, sandbox?: string) => {
    await page.evaluate(
      ([src, flags]) => {
        const frame = document.createElement('iframe')
        if (flags) frame.setAttribute('sandbox', flags)
        frame.src = src!
        document.body.append(frame)
        return new Promise((resolve) => (frame.onload = resolve))
      },
      [url, sandbox] as const,
    )
    return page.frames().at(-1)!
  }
  // The right window with the wrong state; three wrong windows that know the right one.
  await quiet.popup.evaluate(postForged, [share, quiet.response, false] as const)
  await (await addFrame(`${evil.origin}/evil`)).evaluate(postForged, [share, quiet.response, true] as const)
  await (await addFrame(quiet.home)).evaluate(postForged, [share, quiet.response, true] as const)
  await (
    await addFrame(`${evil.origin}/evil`, 'allow-scripts')
  ).evaluate(postForged, [share, quiet.response, true] as const)
  await expectMessages(page, 4 * share)
  expect(await state(page)).toEqual({ status: 'logged-out', login: 'waiting' })
  expect(as.count('token')).toBe(0)
  // The control: the same response, from the right window.
  await postToApp(quiet.popup, webMessage(quiet.response))
  expect((await outcome<PlainState>(page)).value?.status).toBe('logged-in')
  expect(as.count('token')).toBe(1)
})

test('hears no reply on a BroadcastChannel of another origin, or with another state', async ({
  page,
  as,
  app,
  startApp,
}) => {
  const evil = await startApp({ host: '127.0.0.1' })
  await openApp(page)
  await createAuth(page)
  const quiet = await openQuietPopup(page, as)
  const real = `latchkey:${quiet.response['state']}`
  const latchkey = `${app.origin}/callback.html#${new URLSearchParams(quiet.response)}`
  const other = await page.context().newPage()
  /** Posts to a channel, and waits until a second channel of the same name has heard it. */
  const post = (name: string, message: object) =>
    other.evaluate(
      ([to, data]) =>
        new Promise((resolve) => {
          new BroadcastChannel(to).onmessage = resolve
          new BroadcastChannel(to).postMessage(data)
        }),
      [name, message] as const,
    )
  await other.goto(`${evil.origin}/evil`)
  await post(real, { latchkey })
  await openApp(other, '/callback.js')
  await post('latchkey:', { latchkey })
  await post(`${real}x`, { latchkey })
  await post(real, { latchkey: `${app.origin}/callback.html#code=forged&state=p.other` })
  await post(real, { latchkey: [latchkey] })
  await post(real, { latchkey: `${app.origin}/callback.html#code=forged` })
  expect(await state(page)).toEqual({ status: 'logged-out', login: 'waiting' })
  expect(as.count('token')).toBe(0)
  // The control: this page's own callback page would say this.
  await post(real, { latchkey })
  expect((await outcome<PlainState>(page)).value?.status).toBe('logged-in')
})

test('is logged out by no message on the channel of its session but a logout', async ({ page, as, app }) => {
  await startSession(page, app)
  const other = await page.context().newPage()
  await openApp(other, '/callback.js')
  const post = (message: unknown) =>
    other.evaluate(([name, data]) => new BroadcastChannel(name as string).postMessage(data), [
      `latchkey ${as.issuer} ${as.clientId}`,
      message,
    ] as const)
  for (const junk of [
    'logout',
    'changed',
    -1,
    0,
    9e15,
    1e300,
    null,
    {},
    [],
    { at: 1 },
    '9999999999999',
    true,
  ])
    await post(junk)
  await page.reload()
  await page.evaluate(() => window.auth.ready())
  expect((await state(page)).status).toBe('logged-in')
  await post('logout')
  expect((await state(page)).status).toBe('logged-in')
  // The control: what another tab of the app says when the user logs out there.
  await post(Date.now() + 1)
  await expect.poll(async () => (await state(page)).status).toBe('logged-out')
})

test('lets a window of another origin neither end a login nor learn of it', async ({
  page,
  as,
  startApp,
}) => {
  const evil = await startApp({ host: '127.0.0.1' })
  await openApp(page)
  await createAuth(page)
  const quiet = await openQuietPopup(page, as)
  await countMessages(page)
  await sendTo(quiet.popup, `${evil.origin}/evil`)
  await quiet.popup.evaluate(() => void addEventListener('message', () => void (document.title = 'heard')))
  for (const message of [
    { error: 'access_denied' },
    { type: 'authorization_response', response: { error: 'access_denied' } },
    { latchkey: 'x' },
  ])
    await postToApp(quiet.popup, message)
  await expectMessages(page, 3)
  expect(await state(page)).toEqual({ status: 'logged-out', login: 'waiting' })
  expect(await quiet.popup.title()).not.toBe('heard')
  // The control: the server's own denial ends it.
  await sendTo(quiet.popup, quiet.home)
  const { state: own } = quiet.response
  await postToApp(quiet.popup, webMessage({ error: 'access_denied', state: own!, iss: as.issuer }))
  expect((await outcome(page)).error).toMatchObject({ code: 'access_denied' })
  await clickLogin(page)
  expect((await outcome<PlainState>(page)).value?.status).toBe('logged-in')
})
