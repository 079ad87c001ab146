import { clickLogin, createAuth, openApp, outcome, state, type PageClientOptions } from '../rig/app-page.js'
import { expect, test, type TestAuthorizationServer } from '../rig/fixtures.js'
import { expectLogin } from '../rig/log-in-twice.js'
import { expectMarked, startSecretSearch } from '../rig/secret-search.js'
import { popupOf, signIn } from '../rig/sign-in.js'

// Neither server says who it is in its response (RFC 9207): only the redirect URI tells their answers apart
// (RFC 9700 section 4.4.2.2).
test.use({ asOptions: { sendIss: false, webMessage: false } })

/** Has a server send its users on to another one, whose answer then comes to `redirectUri`. */
function sendOn(
  evil: TestAuthorizationServer,
  honest: TestAuthorizationServer,
  redirectUri: string,
): () => void {
  const headers: Record<string, string> = {}
  const fault = evil.fault('authorize', {
    status: 303,
    headers,
    when({ params }) {
      const url = new URL(`${honest.issuer}/auth`)
      url.search = new URLSearchParams({
        ...params,
        client_id: honest.clientId,
        redirect_uri: redirectUri,
      }).toString()
      headers['location'] = url.href
      return true
    },
  })
  return fault.end
}

const secondUri: PageClientOptions = { redirectUri: '/callback.html?as=a' }

for (const responseMode of ['fragment', 'query'] as const) {
  test(`refuses by ${responseMode} a response at another server's redirect URI`, async ({
    page,
    app,
    startAs,
    as: honest,
  }) => {
    const search = await startSecretSearch(page, honest)
    const evil = await startAs({ sendIss: false, webMessage: false })
    await openApp(page)
    await createAuth(page, { ...secondUri, responseMode, issuer: evil.issuer })
    const end = sendOn(evil, honest, `${app.origin}/callback.html`)
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
    end()
    const own = await popupOf(page, () => clickLogin(page))
    await signIn(own)
    expect((await outcome(page)).error).toBeUndefined()
    expect(evil.count('token')).toBe(1)
  })
}

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
  const end = sendOn(evil, honest, `${app.origin}/callback.html`)
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

  end()
  await clickLogin(page)
  await page.waitForURL(`${evil.origin}/**`)
  await signIn(page)
  await page.waitForURL(`${app.origin}/`)
  await expect.poll(async () => (await state(page)).status).toBe('logged-in')
  expect(evil.count('token')).toBe(1)
})

for (const [title, query] of [
  ['the value of another server', '?as=b'],
  ['the value twice', '?as=a&as=a'],
  ['no value', ''],
] as const) {
  test(`refuses a response at its redirect URI with ${title}`, async ({ page, as, app }) => {
    const search = await startSecretSearch(page, as)
    await openApp(page)
    await createAuth(page, secondUri)
    const popup = await popupOf(page, () => clickLogin(page))
    // As a server would answer that was told another redirect URI.
    const headers: Record<string, string> = {}
    const fault = as.fault('resume', { afterProcessing: true, status: 303, headers })
    const stop = as.tamperAuthorizationResponse((params) => {
      headers['location'] = `${app.origin}/callback.html${query}#${params}`
      return params
    })
    await signIn(popup)
    const { error } = await outcome(page)
    expect(error).toMatchObject({ code: 'invalid_response', cause: { claim: 'redirect_uri' } })
    expect(as.count('token')).toBe(0)
    expectMarked(as, 2)
    expect(await search.find()).toEqual([])
    fault.end()
    stop()
    await expectLogin(page)
  })
}

test('hands the code to the wrong server where two servers share one redirect URI', async ({
  page,
  app,
  startAs,
  as: honest,
}) => {
  // The attack itself, as it succeeds where an app does not follow the advice: without this the refusals prove nothing.
  const evil = await startAs({ sendIss: false, webMessage: false })
  await openApp(page)
  await createAuth(page, { issuer: evil.issuer })
  sendOn(evil, honest, `${app.origin}/callback.html`)
  const popup = await popupOf(page, () => clickLogin(page))
  await signIn(popup)
  await outcome(page)
  expect(evil.count('token')).toBe(1)
  const [request] = evil.requests.filter(({ endpoint, preflight }) => endpoint === 'token' && !preflight)
  expect(honest.secrets).toContain(request?.params['code'])
})
