import { clickLogin, events, outcome, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { isSilent } from '../../rig/request-kinds.js'
import { shiftClock } from '../../rig/shifted-clock.js'
import { logInByPopup } from '../../rig/sign-in.js'
import { expectState, renewToken, startExpiredSession, startSession } from '../../rig/token-calls.js'

/** ID tokens come from a server whose clock stays where it is. */
const clockTolerance = 7200

test.use({ asOptions: { refreshTokens: false } })

test('tries no hidden frame for ten minutes after two stayed silent, and then tries again', async ({
  page,
  app,
  as,
}) => {
  await startExpiredSession(page, app, as, { clockTolerance, timeouts: { iframe: 500 } })
  const silence = as.fault('authorize', { body: 'nothing to see', when: isSilent })
  for (const hits of [1, 2]) {
    expect((await renewToken(page)).error).toMatchObject({ code: 'frame_silent', retryable: true })
    expect(silence.hits).toBe(hits)
  }
  silence.end()
  app.authAtLoad = { clockTolerance }
  const silent = as.count('authorize', isSilent)

  const hopeless = { code: 'login_required', retryable: false }
  expect((await renewToken(page)).error).toMatchObject(hopeless)
  await shiftClock(page, 300)
  await page.reload()
  expect((await renewToken(page)).error).toMatchObject(hopeless)
  expect(as.count('authorize', isSilent)).toBe(silent)
  await expectState(page, { status: 'logged-in' })

  // On top of the first shift.
  await shiftClock(page, 301)
  await page.reload()
  expect(as.secrets).toContain((await renewToken(page)).value)
  expect(as.count('authorize', isSilent)).toBe(silent + 1)
  // One that answers makes up for those that did not.
  expect(as.secrets).toContain((await renewToken(page)).value)
  expect(await events(page)).toEqual([
    { type: 'renewed', via: 'iframe' },
    { type: 'renewed', via: 'iframe' },
  ])
})

test('sends the parameters of the login again, except those about that one request', async ({
  page,
  app,
  as,
}) => {
  const lasting = { audience: 'of the login', organization: 'acme' }
  const once = { screen_hint: 'signup', login_hint: 'alice', kc_action: 'UPDATE_PASSWORD', max_age: '9999' }
  const options = { clockTolerance, params: { audience: 'of the client', tenant: 'one' } }
  await startExpiredSession(page, app, as, options, { params: { ...lasting, ...once } })
  const sent = () => as.requests.findLast(({ endpoint }) => endpoint === 'authorize')!.params
  expect(sent()).toMatchObject({ tenant: 'one', ...lasting, ...once })

  // Also by a page that finds them in the store.
  for (const renewals of [1, 2]) {
    expect(as.secrets).toContain((await renewToken(page)).value)
    expect(as.count('authorize', isSilent)).toBe(renewals)
    expect(sent()).toMatchObject({ prompt: 'none', tenant: 'one', ...lasting })
    for (const name of Object.keys(once)) expect(sent()).not.toHaveProperty(name)
    await page.reload()
  }

  // The next login has its own, or none.
  await clickLogin(page)
  expect((await outcome(page)).value).toMatchObject({ status: 'logged-in' })
  expect(as.secrets).toContain((await renewToken(page)).value)
  expect(sent()).toMatchObject({ prompt: 'none', ...options.params })
  expect(sent()).not.toHaveProperty('organization')
})

test('tries no hidden frame until the next login after one has not seen the session of a recent login', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app, { clockTolerance })
  // As a browser does that keeps cookies from frames.
  await page.context().clearCookies()
  expect((await renewToken(page)).error).toMatchObject({ code: 'login_required' })
  expect(as.count('authorize', isSilent)).toBe(1)
  expect((await renewToken(page)).error).toMatchObject({ code: 'login_required' })
  await shiftClock(page, 3600)
  await page.reload()
  expect((await renewToken(page)).error).toMatchObject({ code: 'login_required' })
  expect(as.count('authorize', isSilent)).toBe(1)
  expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })

  await logInByPopup(page)
  expect(as.secrets).toContain((await renewToken(page)).value)
  expect(as.count('authorize', isSilent)).toBe(2)
})

test('keeps trying hidden frames if one says that nobody is logged in long after the login', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app, { clockTolerance })
  await page.context().clearCookies()
  await shiftClock(page, 61)
  await page.reload()
  for (const frames of [1, 2]) {
    expect((await renewToken(page)).error).toMatchObject({ code: 'login_required' })
    expect(as.count('authorize', isSilent)).toBe(frames)
  }
})
