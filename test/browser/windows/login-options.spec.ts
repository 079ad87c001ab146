import { click, clickLogin, createAuth, openApp, outcome, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { logInByPopup } from '../../rig/sign-in.js'
import { startSession } from '../../rig/token-calls.js'

const wrong: [option: string, options: object][] = [
  ['redirectUri', { redirectUri: 'https://evil.example/callback.html' }],
  ['clientId', { clientId: 'second-app' }],
  ['responseType', { responseType: 'token' }],
  ['request_uri', { request_uri: 'urn:ietf:params:oauth:request_uri:x' }],
  ['mode', { mode: 'tab' }],
  ['params.redirect_uri', { params: { redirect_uri: 'https://evil.example/callback.html' } }],
  ['params.request', { params: { request: 'e30.e30.' } }],
]

test('refuses an option of a login that is unknown or wrong by name, before a window opens', async ({
  page,
  as,
}) => {
  await openApp(page)
  await createAuth(page)
  for (const [option, options] of wrong) {
    await clickLogin(page, options)
    const { error } = await outcome(page)
    expect(error).toMatchObject({ name: 'TypeError' })
    expect(error!.message).toContain(`"${option}"`)
  }
  expect(page.context().pages()).toHaveLength(1)
  expect(as.requests).toEqual([])
  expect(await state(page)).toEqual({ status: 'logged-out' })

  // The control: what is not ours travels in "params".
  await logInByPopup(page, { params: { organization: 'acme' }, prompt: 'login' })
  const { params } = as.requests.find(({ endpoint }) => endpoint === 'authorize')!
  expect(params).toMatchObject({ organization: 'acme', prompt: 'login', client_id: as.clientId })
})

test('refuses an option of createClient that does not exist by name', async ({ page, as }) => {
  await openApp(page)
  const create = (options: object) =>
    page.evaluate((given: object) => {
      try {
        window.startAuth(given)
        return 'created'
      } catch (error) {
        return String(error)
      }
    }, options)
  expect(await create({ redirectURI: '/' })).toBe(
    'TypeError: "redirectURI" is not an option of createClient()',
  )
  expect(await create({ discovery: ['oauth2'] })).toMatch(/^TypeError: "discovery" must be oidc or oauth2/)
  expect(await create({ redirectUri: '/callback.html', discovery: 'oidc' })).toBe('created')
  expect(as.requests).toEqual([])
})

test('names a scope of getToken that is not a string', async ({ page, app, as }) => {
  await startSession(page, app)
  const { length } = as.requests
  for (const scope of [['openid'], 7, null]) {
    await click(page, (given) => window.auth.getToken({ scope: given as unknown as string }), scope)
    const { error } = await outcome(page)
    expect(error).toMatchObject({ name: 'TypeError' })
    expect(error!.message).toMatch(/^"scope" must be a string, space-separated, got /)
  }
  expect(as.requests).toHaveLength(length)
  await click(page, () => window.auth.getToken({ scope: 'openid' }))
  expect(as.secrets).toContain((await outcome<string>(page)).value)
})
