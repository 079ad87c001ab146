import { click, openApp, outcome } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { decodePart } from '../../rig/id-token-tampering.js'
import { authorizationUrl, getCode, openPopup, postToken, redeem } from '../../rig/login-by-hand.js'
import { popupOf, signIn } from '../../rig/sign-in.js'

test('modifies ID tokens, token responses and authorization responses', async ({ page, as, app }) => {
  await openApp(page)
  as.tamperAuthorizationResponse((params) => ({ ...Object.fromEntries(params), state: 'forged' }))
  as.tamperIdToken((claims) => ({ claims: { ...claims, aud: 'somebody-else' } }))
  as.tamperTokenResponse((json) => ({ ...json, token_type: 'DPoP' }))
  const params = await getCode(page, as, app)
  expect(params.get('state')).toBe('forged')
  const { json } = await redeem(page, as, app, params.get('code')!)
  expect(decodePart(String(json!['id_token']), 1)['aud']).toBe('somebody-else')
  expect(json!['token_type']).toBe('DPoP')

  const popup = await openPopup(
    page,
    authorizationUrl(as, app, { response_mode: 'web_message', prompt: 'login' }),
  )
  await signIn(popup)
  expect((await outcome<{ data: unknown }>(page)).value?.data).toMatchObject({
    response: { state: 'forged' },
  })
})

test('signs modified ID tokens with its own key, a foreign key or none', async ({ page, as, app }) => {
  await openApp(page)
  const verify = async (idToken: string) =>
    page.evaluate(
      async ([jwt, jwksUri]) => {
        const { keys } = (await (await fetch(jwksUri!)).json()) as { keys: JsonWebKey[] }
        const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
        const key = await crypto.subtle.importKey('jwk', keys[0]!, algorithm, false, ['verify'])
        const bytes = (text: string) =>
          Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
        const [header, claims, signature] = jwt!.split('.')
        const input = new TextEncoder().encode(`${header}.${claims}`)
        return crypto.subtle.verify(algorithm, key, bytes(signature!), input)
      },
      [idToken, `${as.issuer}/jwks`],
    )
  const { json } = await redeem(page, as, app, (await getCode(page, as, app)).get('code')!)
  let refreshToken = json!['refresh_token']
  const refreshed = async () => {
    const form = { grant_type: 'refresh_token', refresh_token: String(refreshToken) }
    const answer = (await postToken(page, as, form)).json!
    refreshToken = answer['refresh_token']
    return String(answer['id_token'])
  }
  for (const [signWith, verified] of [
    ['own', true],
    ['foreign', false],
    ['none', false],
  ] as const) {
    const stop = as.tamperIdToken((claims) => ({ claims: { ...claims, sub: 'mallory' }, signWith }))
    const idToken = await refreshed()
    expect(decodePart(idToken, 1)['sub']).toBe('mallory')
    expect(await verify(idToken)).toBe(verified)
    stop()
  }
  expect(decodePart(await refreshed(), 1)['sub']).toBe('alice')
  as.rotateKeys()
  expect(await verify(await refreshed())).toBe(true)
  expect(as.count('jwks')).toBe(4)
})

test('corrupts responses before and after the server has processed the request', async ({
  page,
  as,
  app,
}) => {
  await openApp(page)
  const { json } = await redeem(page, as, app, (await getCode(page, as, app)).get('code')!)
  const refresh = () =>
    postToken(page, as, { grant_type: 'refresh_token', refresh_token: String(json!['refresh_token']) })
  const rotations = () => as.countEvents('grant.success', 'refresh_token')

  as.fault('token', { status: 503, retryAfter: 7, times: 1 })
  expect(await refresh()).toMatchObject({ status: 503, retryAfter: '7' })
  as.fault('token', { cut: true, times: 1 })
  expect(await refresh()).toMatchObject({ failed: true })
  as.fault('token', { cut: 'body', times: 1 })
  expect(await refresh()).toMatchObject({ failed: true })
  as.fault('token', { body: '<h1>Sorry</h1>', times: 1 })
  expect(await refresh()).toMatchObject({ status: 200, text: '<h1>Sorry</h1>' })
  expect(rotations()).toBe(0)
  expect(as.count('token')).toBe(5)

  const lost = as.fault('token', { cut: true, afterProcessing: true, times: 1 })
  expect(await refresh()).toMatchObject({ failed: true })
  expect(lost.hits).toBe(1)
  expect(rotations()).toBe(1)
  expect((await refresh()).json).toMatchObject({ error: 'invalid_grant' })
})

test('holds responses back until they are released', async ({ page, as, app }) => {
  await openApp(page)
  const { json } = await redeem(page, as, app, (await getCode(page, as, app)).get('code')!)
  const form = { grant_type: 'refresh_token', refresh_token: String(json!['refresh_token']) }
  const fault = as.fault('token', { hang: true, afterProcessing: true })
  const answer = postToken(page, as, form)
  expect((await fault.hit).params['grant_type']).toBe('refresh_token')
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
  fault.release()
  expect((await answer).status).toBe(200)
})

test('responds to authorization requests with errors, and with pages that post nothing', async ({
  page,
  as,
  app,
}) => {
  await openApp(page)
  as.fault('authorize', { error: 'temporarily_unavailable', times: 2 })
  await openPopup(page, authorizationUrl(as, app, { response_mode: 'web_message' }))
  const error = { error: 'temporarily_unavailable', state: 'the-state', iss: as.issuer }
  expect((await outcome<{ data: unknown }>(page)).value?.data).toMatchObject({ response: error })

  const popup = await popupOf(page, () =>
    click(page, (target) => void open(target), authorizationUrl(as, app, { response_mode: 'fragment' })),
  )
  await popup.waitForURL(/#error=temporarily_unavailable&/)

  as.fault('authorize', { status: 400, body: '<h1>No such client</h1>' })
  const page400 = await openPopup(page, authorizationUrl(as, app, { response_mode: 'web_message' }))
  await expect(page400.getByRole('heading')).toHaveText('No such client')
})

test('prevents a browser from retrying an aborted request on its own', async ({ page, as, app }) => {
  await openApp(page)
  const { json } = await redeem(page, as, app, (await getCode(page, as, app)).get('code')!)
  const form = { grant_type: 'refresh_token', refresh_token: String(json!['refresh_token']) }
  const sentBy = async (keepAlive: boolean) => {
    as.keepAlive = keepAlive
    // One answered request, so that there is a used connection when connections live on.
    await postToken(page, as, {})
    const before = as.count('token')
    const fault = as.fault('token', { cut: true })
    expect(await postToken(page, as, form)).toMatchObject({ failed: true })
    fault.end()
    return as.count('token') - before
  }
  expect(await sentBy(false)).toBe(1)
  expect(await sentBy(true)).toBeGreaterThan(1)
})
