import { clickLogin, createAuth, openApp, outcome, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { expectFirstLogin, expectLogin, expectRefusal } from '../../rig/log-in-twice.js'
import { publishMetadata } from '../../rig/published-metadata.js'
import { isRefresh, isSilent } from '../../rig/request-kinds.js'
import { logInByPopup } from '../../rig/sign-in.js'
import { getToken, startExpiredSession } from '../../rig/token-calls.js'

const dead = { error: 'invalid_grant', error_description: 'the refresh token is not known' }

for (const [name, more] of Object.entries({
  'a challenge that this page can read': { headers: { 'www-authenticate': 'Bearer error="invalid_token"' } },
  'another JSON content type': { contentType: 'application/problem+json' },
  'a content type that is not JSON': { contentType: 'text/plain' },
  'status 500': { status: 500 },
  'status 200': { status: 200 },
}))
  test(`goes by the "error" in the body of a token answer with ${name}`, async ({ page, app, as }) => {
    await startExpiredSession(page, app, as)
    as.fault('authorize', { error: 'login_required', when: isSilent })
    const refused = as.fault('token', {
      status: 400,
      body: dead,
      contentType: 'application/json',
      ...more,
      when: isRefresh,
    })
    expect((await getToken(page)).error).toMatchObject({ code: 'session_lost' })
    expect(await state(page)).toMatchObject({ status: 'logged-out', reason: 'session_lost' })
    expect(refused.hits).toBe(1)
  })

test.describe('at a server with DPoP', () => {
  test.use({ asOptions: { dpop: 'no-nonce' } })

  test('goes by the "error" in the body for a DPoP nonce too, whatever the challenge says', async ({
    page,
    as,
  }) => {
    await openApp(page)
    await createAuth(page, { dpop: true })
    const asked = as.fault('token', {
      status: 401,
      body: { error: 'use_dpop_nonce' },
      headers: { 'www-authenticate': 'Basic realm="proxy"' },
      times: 1,
    })
    await expectFirstLogin(page)
    expect(asked.hits).toBe(1)
  })
})

test('takes a member that is null for one that is missing', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  const stop = as.tamperTokenResponse((json) => ({
    ...json,
    scope: null,
    refresh_token: null,
    expires_in: null,
  }))
  await expectFirstLogin(page)
  expect(await page.evaluate(() => window.auth.getTokenSet())).toMatchObject({
    scope: 'openid',
    expiresAt: Number.MAX_SAFE_INTEGER,
  })
  stop()
  // One that is of the wrong type is refused.
  as.tamperTokenResponse((json) => ({ ...json, scope: 5 }))
  await clickLogin(page)
  expect((await outcome(page)).error).toMatchObject({ code: 'invalid_token_response' })
})

test('takes metadata whose optional endpoints are null', async ({ page, as }) => {
  await publishMetadata(as, { revocation_endpoint: null, end_session_endpoint: null })
  await openApp(page)
  await createAuth(page)
  await expectFirstLogin(page)
})

for (const endpoint of ['metadata', 'token'] as const)
  test(`says that the ${endpoint} request was answered with a redirect`, async ({ page, as }) => {
    await openApp(page)
    await createAuth(page)
    const fault = as.fault(endpoint, {
      status: 302,
      body: '',
      headers: { location: `${as.origin}/elsewhere` },
    })
    if (endpoint === 'token') {
      const error = await expectRefusal(page)
      expect(error.code).toBe('invalid_token_response')
      expect(error.message).toMatch(/^the token endpoint answered with a redirect/)
    } else {
      await clickLogin(page)
      const { error } = await outcome(page)
      expect(error?.code).toBe('discovery_failed')
      expect(error?.message).toMatch(/^the metadata of "issuer" .* answered with a redirect/)
    }
    expect(as.count('other', ({ path }) => path === '/elsewhere')).toBe(0)
    fault.end()
    if (endpoint === 'token') await expectLogin(page)
    else await logInByPopup(page)
  })

test('says which issuer came and which was expected: in metadata, an ID token and an answer', async ({
  page,
  as,
}) => {
  const other = 'https://id.example/tenant'
  const expectBoth = (message: string | undefined) => {
    expect(message).toContain(`names the issuer ${other}`)
    expect(message).toContain(`expected ${as.issuer}`)
  }
  const metadata = as.fault('metadata', { body: { issuer: other } })
  await openApp(page)
  await createAuth(page)
  await clickLogin(page)
  const { error } = await outcome(page)
  expect(error).toMatchObject({ code: 'discovery_failed' })
  expectBoth(error?.message)
  metadata.end()
  const stop = as.tamperIdToken((claims) => ({ claims: { ...claims, iss: other } }))
  const refused = await expectRefusal(page)
  expect(refused).toMatchObject({ code: 'invalid_id_token', cause: { claim: 'iss' } })
  expectBoth(refused.message)
  stop()
  const stopAnswer = as.tamperAuthorizationResponse((params) => ({
    ...Object.fromEntries(params),
    iss: other,
  }))
  await clickLogin(page)
  const answer = (await outcome(page)).error
  expect(answer).toMatchObject({ code: 'invalid_response', cause: { claim: 'iss' } })
  expectBoth(answer?.message)
  stopAnswer()
  await expectLogin(page)
})

test('blanks state, nonce and code in an error of the authorization endpoint that repeats them', async ({
  page,
  as,
}) => {
  await openApp(page)
  await createAuth(page)
  as.tamperAuthorizationResponse((params) => {
    const { nonce = '' } = as.requests.findLast(({ endpoint }) => endpoint === 'authorize')!.params
    const sent = `${params.get('state')} ${nonce} ${encodeURIComponent(params.get('code') ?? '')}`
    return { ...Object.fromEntries(params), error: 'invalid_request', error_description: `wrong: ${sent}` }
  })
  const { message, error_description } = await expectRefusal(page)
  expect(error_description).toBe('wrong: … … …')
  expect(message).toBe('the authorization endpoint answered "invalid_request": wrong: … … …')
})
