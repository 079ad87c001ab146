import {
  clickLogin,
  createAuth,
  openApp,
  outcome,
  state,
  type PageClientOptions,
} from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { sendOn } from '../../rig/mix-up.js'
import { expectMarked, startSecretSearch } from '../../rig/secret-search.js'
import { popupOf, signIn } from '../../rig/sign-in.js'

// Neither server says who it is in its response (RFC 9207): only the redirect URI tells their answers apart
// (RFC 9700 section 4.4.2.2).
test.use({ asOptions: { sendIss: false, webMessage: false } })

const secondUri: PageClientOptions = { redirectUri: '/callback.html?as=a' }

test("refuses a response at another server's redirect URI", async ({ page, app, startAs, as: honest }) => {
  const search = await startSecretSearch(page, honest)
  const evil = await startAs({ sendIss: false, webMessage: false })
  await openApp(page)
  await createAuth(page, { ...secondUri, issuer: evil.issuer })
  const attack = sendOn(evil, honest, `${app.origin}/callback.html`)
  const popup = await popupOf(page, () => clickLogin(page))
  await signIn(popup)
  const { error } = await outcome(page)
  expect(error).toMatchObject({ code: 'invalid_response', cause: { claim: 'redirect_uri' } })
  expect(honest.countEvents('authorization.success')).toBe(1)
  expect([evil.count('token'), honest.count('token')]).toEqual([0, 0])
  expect((await state(page)).status).toBe('logged-out')
  expectMarked(honest, 2)
  expect(await search.find()).toEqual([])

  // The positive control: its own answer, at its own redirect URI.
  attack.end()
  const own = await popupOf(page, () => clickLogin(page))
  await signIn(own)
  expect((await outcome(page)).error).toBeUndefined()
  expect(evil.count('token')).toBe(1)
})

test('refuses a redirect that comes back at the redirect URI of another server', async ({
  page,
  app,
  startAs,
  as: honest,
}) => {
  const search = await startSecretSearch(page, honest)
  const evil = await startAs({ sendIss: false, webMessage: false })
  app.authAtLoad = { ...secondUri, issuer: evil.issuer, mode: 'redirect' }
  await openApp(page)
  const attack = sendOn(evil, honest, `${app.origin}/callback.html`)
  await clickLogin(page)
  await page.waitForURL(`${honest.origin}/**`)
  await signIn(page)
  await page.waitForURL(`${app.origin}/`)
  await expect.poll(async () => (await state(page)).status).toBe('logged-out')
  expect(await state(page)).toMatchObject({
    error: { code: 'invalid_response', cause: { claim: 'redirect_uri' } },
  })
  expect([evil.count('token'), honest.count('token')]).toEqual([0, 0])
  expectMarked(honest, 2)
  expect(await search.find()).toEqual([])

  attack.end()
  await clickLogin(page)
  await page.waitForURL(`${evil.origin}/**`)
  await signIn(page)
  await page.waitForURL(`${app.origin}/`)
  await expect.poll(async () => (await state(page)).status).toBe('logged-in')
  expect(evil.count('token')).toBe(1)
})
