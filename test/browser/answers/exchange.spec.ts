import { exchange, isExchange } from '../../rig/exchange-calls.js'
import { expect, test } from '../../rig/fixtures.js'
import { decodePart } from '../../rig/id-token-tampering.js'
import { getToken, startSession } from '../../rig/token-calls.js'

// What the server grants and refuses, and what is made of its answers: test/answers/exchange.test.ts.
const [orders, bills] = ['https://orders.example.com/', 'https://bills.example.com/']
const resources = {
  [orders]: { scope: 'read write delete' },
  [bills]: { scope: 'read write', audience: 'bills' },
}
const options = { resource: orders, scope: 'openid read write' }

test.use({ asOptions: { resources, tokenExchange: true } })

test('impersonates: the token is for the audience, about the user, and names no actor', async ({
  page,
  app,
  as,
}) => {
  await startSession(page, app, options)
  const own = (await getToken(page)).value!
  const { value } = await exchange(page, { audience: 'bills' })
  expect(value).toMatchObject({ tokenType: 'bearer', issuedTokenType: 'access_token', scope: 'read write' })
  expect(value!.actors).toEqual([])
  expect(Math.abs(value!.expiresAt - Date.now() - 600_000)).toBeLessThan(30_000)
  const claims = decodePart(value!.token, 1)
  expect(claims).toMatchObject({ sub: 'alice', aud: 'bills', iss: as.issuer })
  expect(claims).not.toHaveProperty('act')
  // The subject was the client's own token, as none was given.
  expect(as.requests.find(isExchange)?.params).toMatchObject({ subject_token: own })
})

test('refuses an audience that is no resource of the server', async ({ page, app, as }) => {
  void as
  await startSession(page, app, options)
  const { error } = await exchange(page, { audience: 'https://foreign.example.com/' })
  expect(error).toMatchObject({ name: 'AuthError', code: 'invalid_target', error: 'invalid_target' })
  expect((await exchange(page, { audience: ['bills', bills] })).value).toBeDefined()
  expect((await exchange(page, { audience: ['bills', orders] })).error).toMatchObject({ code: 'invalid_target' }) // prettier-ignore
})

test('works from a bundle of its own, beside that of the client', async ({ page, app, as }) => {
  void as
  await startSession(page, app, options)
  const { bundle } = await import('../../figures/measure-size.js')
  const code = await bundle("import { exchangeToken } from 'latchkey/exchange'")
  app.route('/exchange-alone.js', () => ({ headers: { 'content-type': 'text/javascript' }, body: code }))
  const result = await page.evaluate(async (script) => {
    await import(script)
    const { used } = window as unknown as { used: Pick<Window['latchkey'], 'exchangeToken'> }
    const { exchangeToken } = used
    const other = exchangeToken(window.auth, { audience: 'foreign' }).catch((error: unknown) => error)
    return {
      same: exchangeToken === window.latchkey.exchangeToken,
      token: await exchangeToken(window.auth, { audience: 'bills' }),
      known: window.latchkey.isAuthError(await other),
      noClient: await exchangeToken({} as typeof window.auth).catch((error: Error) => error.name),
    }
  }, '/exchange-alone.js')
  expect(result).toMatchObject({ same: false, known: true, noClient: 'TypeError' })
  expect(decodePart(result.token.token, 1)).toMatchObject({ sub: 'alice', aud: 'bills' })
})

test('binds the new token to the key of the old one', async ({ page, app, as }) => {
  void as
  await startSession(page, app, { ...options, dpop: true })
  const { value } = await exchange(page, { audience: 'bills' })
  expect(value).toMatchObject({ tokenType: 'dpop', issuedTokenType: 'access_token' })
  const own = (await getToken(page)).value!
  expect(decodePart(own, 1)['cnf']).toBeTruthy()
  expect(decodePart(value!.token, 1)['cnf']).toEqual(decodePart(own, 1)['cnf'])
})
