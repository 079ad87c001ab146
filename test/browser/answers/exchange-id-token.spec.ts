import { exchange, isExchange } from '../../rig/exchange-calls.js'
import { expect, test } from '../../rig/fixtures.js'
import { decodePart } from '../../rig/id-token-tampering.js'
import { isRefresh } from '../../rig/request-kinds.js'
import { passTime } from '../../rig/shifted-clock.js'
import { startSession } from '../../rig/token-calls.js'

const [orders, bills] = ['https://orders.example.com/', 'https://bills.example.com/']
const resources = { [orders]: { scope: 'read write' }, [bills]: { scope: 'read write' } }
const ofIdToken = { subjectTokenType: 'id_token', resource: bills }

test.use({ asOptions: { resources, tokenExchange: true, accessTokenTTL: 7200, idTokenTTL: 600 } })

test("renews the session's ID token before it is exchanged, if it has expired", async ({ page, app, as }) => {
  await startSession(page, app, { resource: orders, scope: 'openid read write' })
  const sent = () => as.requests.filter(isExchange).map(({ params }) => params['subject_token']!)
  expect((await exchange(page, ofIdToken)).error).toBeUndefined()
  // The control: one that is valid is sent as it is.
  expect(as.count('token', isRefresh)).toBe(0)
  // The new one is valid by the clock of the page, too.
  as.idTokenTTL = 7200
  await passTime(page, 660)
  const { value, error } = await exchange(page, ofIdToken)
  expect(error).toBeUndefined()
  expect(decodePart(value!.token, 1)).toMatchObject({ sub: 'alice', aud: bills })
  expect(as.count('token', isRefresh)).toBe(1)
  const [first, second] = sent()
  expect(second).not.toBe(first)
  // The page has never had it.
  expect(
    await page.evaluate((token) => JSON.stringify(window.auth.getState()).includes(token), second!),
  ).toBe(false)
})

test('returns the cached token without a renewal, although the ID token has expired', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app, { resource: orders, scope: 'openid read write' })
  // A server that issues tokens for longer than the ID token lasts.
  as.tamperTokenResponse((json) => ({ ...json, expires_in: 7200 }))
  as.idTokenTTL = 7200
  const first = await exchange(page, { ...ofIdToken, cache: true })
  await passTime(page, 660)
  const second = await exchange(page, { ...ofIdToken, cache: true })
  expect(second.value!.token).toBe(first.value!.token)
  expect([as.count('token', isRefresh), as.count('token', isExchange)]).toEqual([0, 1])
  // The control: what is not cached renews the session first.
  expect((await exchange(page, ofIdToken)).error).toBeUndefined()
  expect([as.count('token', isRefresh), as.count('token', isExchange)]).toEqual([1, 2])
})
