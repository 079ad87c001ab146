import { click, events, outcome, state } from '../../rig/app-page.js'
import { exchange, exchangeAll, isExchange, reissue } from '../../rig/exchange-calls.js'
import { expect, test } from '../../rig/fixtures.js'
import { collectRefreshTokens } from '../../rig/refresh-tokens.js'
import { isRefresh } from '../../rig/request-kinds.js'
import { holdsSecret } from '../../rig/secret-search.js'
import { readRecords } from '../../rig/stored-records.js'
import { getToken, renewToken, startExpiredSession, startSession } from '../../rig/token-calls.js'

const [orders, bills] = ['https://orders.example.com/', 'https://bills.example.com/']
const resources = { [orders]: { scope: 'read write' }, [bills]: { scope: 'read write' } }
const options = { resource: orders, scope: 'openid read write' }

test.use({ asOptions: { resources, tokenExchange: true } })

test('leaves the session alone: same token, same store, same state', async ({ page, app, as, vaultIn }) => {
  test.skip(vaultIn !== 'page', 'a worker stores no records that could be compared')
  await startSession(page, app, options)
  const { value: own } = await getToken(page)
  const before = { state: await state(page), records: await readRecords(page) }
  const { value } = await exchange(page, { audience: bills, cache: true })
  expect(value!.token).not.toBe(own)
  expect((await getToken(page)).value).toBe(own)
  expect({ state: await state(page), records: await readRecords(page) }).toEqual(before)
  expect(as.count('token', isRefresh)).toBe(0)
  // Renewed it is with the refresh token, as ever, and for the audience of the session.
  expect((await renewToken(page)).value).not.toBe(value!.token)
})

test('shares one request between two equal concurrent calls, and sends another for the next call', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app, options)
  const [one, two] = await exchangeAll(page, [{ audience: bills }, { audience: bills }])
  expect(two!.value).toEqual(one!.value)
  expect(as.count('token', isExchange)).toBe(1)
  const [third, other] = await exchangeAll(page, [{ audience: bills }, { audience: bills, scope: 'read' }])
  expect(third!.value!.token).not.toBe(one!.value!.token)
  expect(other!.value).toMatchObject({ scope: 'read' })
  expect(as.count('token', isExchange)).toBe(3)
})

test('caches only on request, by all parameters, until the session ends', async ({ page, app, as }) => {
  await startSession(page, app, options)
  const { value: own } = await getToken(page)
  const count = () => as.count('token', isExchange)
  const call = { subjectToken: own!, audience: bills, cache: true }
  await exchange(page, { ...call, cache: false })
  const { value: kept } = await exchange(page, call)
  expect(count()).toBe(2)
  expect((await exchange(page, call)).value).toEqual(kept)
  expect(count()).toBe(2)
  await exchange(page, { ...call, cache: false })
  await exchange(page, { ...call, scope: 'read' })
  await exchange(page, { ...call, actorToken: reissue(own!, { sub: 'bob' }) })
  await exchange(page, { ...call, subjectToken: reissue(own!, { sub: 'dave' }) })
  expect(count()).toBe(6)
  await page.evaluate(() => window.auth.logout({ local: true }))
  // The subject is given: nobody needs to be logged in for it.
  expect((await exchange(page, call)).value!.token).not.toBe(kept!.token)
  expect(count()).toBe(7)
})

test('does not return a cached token that expires within 30 s', async ({ page, app, as }) => {
  await startSession(page, app, options)
  const stop = as.tamperTokenResponse((json) => ({ ...json, expires_in: 29 }))
  const call = { audience: bills, cache: true }
  await exchange(page, call)
  stop()
  await exchange(page, call)
  expect(as.count('token', isExchange)).toBe(2)
  await exchange(page, call)
  expect(as.count('token', isExchange)).toBe(2)
})

test('renews the access token first if it is the subject and has expired', async ({ page, app, as }) => {
  await startExpiredSession(page, app, as, options)
  expect((await exchange(page, { audience: bills })).value).toBeDefined()
  const { value: own } = await getToken(page)
  expect(as.requests.find(isExchange)?.params).toMatchObject({ subject_token: own })
  expect(as.count('token', isRefresh)).toBe(1)
})

test('sends the refresh token as the subject without exposing it, and keeps renewing with it', async ({
  page,
  app,
  as,
}) => {
  const refreshTokens = collectRefreshTokens(as)
  await startSession(page, app, options)
  const { value } = await exchange(page, { subjectTokenType: 'refresh_token', audience: bills })
  expect(as.requests.find(isExchange)?.params).toMatchObject({ subject_token: refreshTokens[0] })
  expect(holdsSecret(JSON.stringify(value), new Set(refreshTokens))).toBe(false)
  expect((await renewToken(page)).value).toBeTruthy()
  await page.evaluate(() => window.auth.logout({ local: true }))
  const { error } = await exchange(page, { subjectTokenType: 'refresh_token', audience: bills })
  expect(error).toMatchObject({ code: 'login_required' })
  expect((await exchange(page, { audience: bills })).error).toMatchObject({ code: 'login_required' })
  expect(as.count('token', isExchange)).toBe(1)
})

test('passes on the code of a server error and keeps the session, even for invalid_grant', async ({
  page,
  app,
  as,
  vaultIn,
}) => {
  test.skip(vaultIn !== 'page', 'a worker stores no records that could be compared')
  await startSession(page, app, options)
  const { value: own } = await getToken(page)
  const records = await readRecords(page)
  const code = 'invalid_grant'
  const fault = as.fault('token', { error: code, error_description: `no: ${own}`, when: isExchange })
  const { error } = await exchange(page, { audience: bills })
  expect(error).toMatchObject({ name: 'AuthError', code, error: code, status: 400, retryable: false })
  expect(holdsSecret(JSON.stringify([error, await events(page)]), as.secrets)).toBe(false)
  fault.end()
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
  expect(await readRecords(page)).toEqual(records)
  expect((await getToken(page)).value).toBe(own)
  expect((await exchange(page, { audience: bills })).value).toBeDefined()
  expect((await renewToken(page)).value).toBeTruthy()
})

test('does not send a refresh token that the server may have rotated', async ({ page, app, as }) => {
  await startSession(page, app, options)
  const call = { subjectTokenType: 'refresh_token', audience: bills }
  const cut = [
    as.fault('token', { cut: true, afterProcessing: true, when: isRefresh }),
    as.fault('authorize', { hang: true }),
  ]
  expect((await renewToken(page)).value).toBeTruthy()
  for (const fault of cut) fault.end()
  expect((await exchange(page, call)).error).toMatchObject({ code: 'busy', retryable: true })
  expect(as.count('token', isExchange)).toBe(0)
  // The access token, which is still good, can be the subject.
  expect((await exchange(page, { audience: bills })).value).toBeDefined()
  expect((await renewToken(page)).value).toBeTruthy()
  expect((await exchange(page, call)).value).toBeDefined()
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
})

test('aborts only the caller whose signal is aborted', async ({ page, app, as }) => {
  await startSession(page, app, options)
  const fault = as.fault('token', { hang: true, when: isExchange })
  await click(
    page,
    (audience) => {
      const leaving = new AbortController()
      Object.assign(window, { leaving })
      const call = (signal?: AbortSignal) =>
        window.latchkey.exchangeToken(window.auth, { audience, ...(signal && { signal }) })
      const gone = call(leaving.signal).then(
        () => 'stayed',
        (reason: unknown) => reason,
      )
      return Promise.all([gone, call()])
    },
    bills,
  )
  await fault.hit
  await page.evaluate(() => (window as unknown as { leaving: AbortController }).leaving.abort('left'))
  fault.release()
  const { value } = await outcome<[string, { token: string }]>(page)
  expect(value![0]).toBe('left')
  expect(value![1].token).toBeTruthy()
  expect(as.count('token', isExchange)).toBe(1)
})

test('returns nothing if the user has logged out in the meantime', async ({ page, app, as }) => {
  await startSession(page, app, options)
  const fault = as.fault('token', { hang: true, when: isExchange })
  await click(page, (audience) => window.latchkey.exchangeToken(window.auth, { audience }), bills)
  await fault.hit
  await page.evaluate(() => window.auth.logout({ local: true }))
  fault.release()
  expect((await outcome(page)).error).toMatchObject({ name: 'AuthError', code: 'login_required' })
})
