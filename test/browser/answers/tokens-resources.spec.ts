import { state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { decodePart } from '../../rig/id-token-tampering.js'
import { isRefresh, isSilent } from '../../rig/request-kinds.js'
import {
  expectState,
  getToken,
  openTab,
  renewToken,
  startExpiredSession,
  startSession,
} from '../../rig/token-calls.js'

const [orders, bills] = ['https://orders.example.com/', 'https://bills.example.com/']
const stock = 'https://stock.example.com/'
const options = { resource: [orders, bills], scope: 'openid read write' }

test.use({
  asOptions: {
    resources: {
      [orders]: { scope: 'read write' },
      [bills]: { scope: 'read write' },
      [stock]: { scope: 'read write' },
    },
  },
})

test('requests all resources at login and gets one token for each, once', async ({ page, app, as }) => {
  await startSession(page, app, options)
  const { value: first } = await getToken(page)
  expect((await getToken(page, { resource: orders })).value).toBe(first)
  expect(decodePart(first!, 1)).toMatchObject({ aud: orders, scope: 'read write' })
  expect(as.count('token')).toBe(1)
  const { value: second } = await getToken(page, { resource: bills })
  expect(decodePart(second!, 1)).toMatchObject({ aud: bills })
  expect((await getToken(page, { resource: bills })).value).toBe(second)
  expect((await getToken(page)).value).toBe(first)
  expect(as.count('token', isRefresh)).toBe(1)
})

test('renews the tokens of three resources at once with one refresh each, one after the other', async ({
  page,
  app,
  as,
}) => {
  const three = [orders, bills, stock]
  await startExpiredSession(page, app, as, { ...options, resource: three })
  const tokens = await page.evaluate(
    (resources) =>
      Promise.all(
        [undefined, ...resources].map((resource) => window.auth.getToken(resource ? { resource } : {})),
      ),
    three,
  )
  expect(tokens[1]).toBe(tokens[0])
  expect(tokens.map((token) => decodePart(token, 1)['aud'])).toEqual([orders, ...three])
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(3)
  // Each refresh token was used once: an old one would have ended the session.
  const sent = as.requests.filter(isRefresh).map(({ params }) => params['refresh_token'])
  expect(new Set(sent).size).toBe(3)
  expect(as.countEvents('grant.error')).toBe(0)
  expect((await renewToken(page)).value).toBeTruthy()
})

test('rejects a resource that the login did not request, without a request', async ({ page, app, as }) => {
  await startSession(page, app, options)
  const { length } = as.requests
  const { error } = await getToken(page, { resource: 'https://other.example.com/' })
  expect(error).toMatchObject({ name: 'AuthError', code: 'resource_not_requested', retryable: false })
  expect(error?.message).toContain('https://other.example.com/')
  expect(as.requests).toHaveLength(length)
  expect((await renewToken(page)).value).toBeTruthy()
})

test('does not return a wider cached token for a narrower scope', async ({ page, app, as }) => {
  await startSession(page, app, options)
  const { value: wide } = await getToken(page)
  const { value: narrow } = await getToken(page, { scope: 'read' })
  expect(decodePart(wide!, 1)['scope']).toBe('read write')
  expect(decodePart(narrow!, 1)['scope']).toBe('read')
  expect(as.count('token', isRefresh)).toBe(1)
  // Each is kept by itself, whatever the order that the scope is written in.
  expect((await getToken(page, { scope: 'read' })).value).toBe(narrow)
  expect((await getToken(page)).value).toBe(wide)
  const { value: both } = await getToken(page, { scope: 'write read' })
  expect((await getToken(page, { scope: 'read write' })).value).toBe(both)
  expect(as.count('token', isRefresh)).toBe(2)
})

test('rejects with insufficient_scope whenever less is granted than requested', async ({ page, app, as }) => {
  await startSession(page, app, options)
  as.tamperTokenResponse((json) => ({ ...json, scope: 'read' }))
  for (let call = 0; call < 2; call++) {
    const { error } = await getToken(page, { scope: 'read write' })
    expect(error).toMatchObject({ name: 'AuthError', code: 'insufficient_scope', retryable: false })
    expect(error?.message).toContain('write')
  }
  // What was granted is good for what it covers.
  expect((await getToken(page, { scope: 'read' })).value).toBeTruthy()
})

test('keeps the session when the server refuses a scope', async ({ page, app, as }) => {
  await startSession(page, app, options)
  const { value: cached } = await getToken(page)
  const { error } = await getToken(page, { scope: 'delete' })
  expect(error).toMatchObject({ name: 'AuthError', code: 'invalid_scope', retryable: false })
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
  expect((await getToken(page)).value).toBe(cached)
  expect((await renewToken(page)).value).toBeTruthy()
  expect(as.countEvents('grant.error')).toBe(1)
})

for (const [what, more] of Object.entries({
  'whose refresh token may be as it was': {},
  'whose refresh token the server has rotated': { afterProcessing: true },
} as const))
  test(`keeps the session and the other tokens when one resource fails, ${what}`, async ({
    page,
    app,
    as,
  }) => {
    await startSession(page, app, options)
    const { value: cached } = await getToken(page)
    const fault = as.fault('token', {
      error: 'invalid_target',
      when: ({ params }) => params['resource'] === bills,
      ...more,
    })
    expect((await getToken(page, { resource: bills })).error).toMatchObject({ code: 'invalid_target' })
    expect(fault.hits).toBe(1)
    expect(await state(page)).toMatchObject({ status: 'logged-in' })
    expect((await getToken(page)).value).toBe(cached)
    fault.end()
    // Nobody knows what became of the refresh token: the frame comes first, and brings another one.
    const { length } = as.requests
    expect(decodePart((await getToken(page, { resource: bills })).value!, 1)['aud']).toBe(bills)
    const asked = as.requests.slice(length)
    expect(asked.filter(isSilent)).toHaveLength(1)
    expect(asked.filter(isRefresh)).toEqual([])
    // The control: a refresh token that is not in doubt is used, and no frame.
    expect((await renewToken(page)).value).toBeTruthy()
    const later = as.requests.slice(length + asked.length)
    expect([later.filter(isRefresh).length, later.filter(isSilent).length]).toEqual([1, 0])
    expect(as.countEvents('grant.error')).toBe(0)
    expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  })

test('keeps the session and the other tokens when a refresh for one resource is answered by login_required', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app, options)
  const { value: cached } = await getToken(page)
  const isForBills = ({ params }: { params: Record<string, string> }) => params['resource'] === bills
  const fault = as.fault('token', { error: 'login_required', when: isForBills })
  expect((await getToken(page, { resource: bills })).error).toMatchObject({ code: 'login_required' })
  expect(fault.hits).toBe(1)
  expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  expect((await getToken(page)).value).toBe(cached)
  expect((await renewToken(page)).value).toBeTruthy()
  fault.end()
  expect(decodePart((await getToken(page, { resource: bills })).value!, 1)['aud']).toBe(bills)
})

test.describe('without refresh tokens', () => {
  const scope = 'openid read write'
  const resources = { [orders]: { scope: 'read write' }, [bills]: { scope: 'read write' } }
  test.use({ asOptions: { resources, refreshTokens: false } })

  test('requests the scope and resources of the login in the iframe, if they differ from those of the client', async ({
    page,
    app,
    as,
  }) => {
    await startExpiredSession(page, app, as, {}, { scope, resource: [orders, bills] })
    const { value } = await getToken(page)
    expect(decodePart(value!, 1)).toMatchObject({ aud: orders, scope: 'read write' })
    expect(as.count('authorize', isSilent)).toBe(1)
    expect(decodePart((await getToken(page, { resource: bills })).value!, 1)).toMatchObject({ aud: bills })
    const { value: narrow } = await getToken(page, { scope: 'read' })
    expect(decodePart(narrow!, 1)).toMatchObject({ aud: orders, scope: 'read' })
    expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  })

  test('keeps the session and the other tokens when a frame for one resource is answered by login_required', async ({
    page,
    app,
    as,
  }) => {
    await startSession(page, app, { scope, resource: [orders, bills] })
    const { value: cached } = await getToken(page)
    const fault = as.fault('authorize', { error: 'login_required', times: 1, when: isSilent })
    expect((await getToken(page, { resource: bills })).error).toMatchObject({ code: 'login_required' })
    expect(fault.hits).toBe(1)
    expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
    const { length } = as.requests
    expect((await getToken(page)).value).toBe(cached)
    expect(as.requests).toHaveLength(length)
    await expectState(await openTab(page), { status: 'logged-in' })
  })
})
