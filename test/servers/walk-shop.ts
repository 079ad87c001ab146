import type { Page } from '@playwright/test'
import { createJwtIssuer } from '../../demo/partner/jwt-issuer.js'
import { createServiceClient, type ServiceCredentials } from '../../demo/services/service-client.js'
import { shopResources } from '../../demo/services/shop.js'
import { exchange } from '../rig/exchange-calls.js'
import { decodePart } from '../rig/id-token-tampering.js'
import { getToken } from '../rig/token-calls.js'
import type { AppServer } from '../rig/app-server.js'
import { partnerIssuer } from './addresses.js'
import { requireAbility } from './fixtures.js'
import { startSession } from './log-in.js'
import type { RealServer, ShopAtServer } from './real-server.js'
import {
  callApi,
  callStatus,
  describeHop,
  expectOutcome,
  isActive,
  listScope,
  readRefusal,
  revoke,
} from './shop-calls.js'
import { expect, shopSecrets, test } from './shop-fixtures.js'
import { createKey, readKey } from './shop-keys.js'

const { orders, inventory } = shopResources
const stock = { resource: inventory, scope: 'stock:read' }
const report = { resource: inventory, scope: 'stock:report' }

/** Adds the tests of the demo's services at a server: client credentials, token exchange, introspection. */
export function walkShop(server: RealServer, atServer: ShopAtServer): void {
  test.use({ server, atServer })

  const credentialsOf = (clientId: keyof typeof shopSecrets): ServiceCredentials => ({
    issuer: server.issuer,
    clientId,
    targetParameter: atServer.targetParameter,
    ...shopSecrets[clientId],
  })
  const clientOf = (clientId: keyof typeof shopSecrets) => createServiceClient(credentialsOf(clientId))

  /** Logs alice in and returns her access token, as the app has it. */
  async function logInToShop(page: Page, app: AppServer, shopUrl = ''): Promise<string> {
    const apis = shopUrl ? [{ url: shopUrl }] : []
    await startSession(page, app, server, { ...atServer.app, apis })
    return (await getToken(page, { minValidity: 0 })).value!
  }

  test('gives a service a token of its own, which it keeps until 30 s before the end', async ({ keys }) => {
    void keys
    let now = Date.now()
    const { getOwnToken } = createServiceClient(credentialsOf('orders-service'), () => now)
    const first = await getOwnToken(report)
    const { exp, iat, aud, scope } = decodePart(first, 1)
    expect([aud].flat()).toContain(inventory)
    expect([scope].flat().join(' ')).toContain('stock:report')
    // Some servers round "expires_in" down.
    now += (Number(exp) - Number(iat) - 33) * 1000
    expect(await getOwnToken(report)).toBe(first)
    now += 4000
    expect(await getOwnToken(report)).not.toBe(first)
  })

  test('authenticates a service by an assertion that it signs (private_key_jwt)', async ({ keys, note }) => {
    void keys
    await clientOf('orders-service').getOwnToken(report)
    const stranger = { ...credentialsOf('orders-service'), privateKey: createKey('orders-service') }
    const refused = await readRefusal(createServiceClient(stranger).getOwnToken(report))
    expect(refused).toMatchObject({ error: 'invalid_client' })
    note(`another key: HTTP ${refused.status}, \`invalid_client\``)
  })

  test("exchanges the user's token for one for another API, with less scope", async ({
    page,
    app,
    shop,
    note,
  }) => {
    void shop
    const token = await logInToShop(page, app)
    const before = decodePart(token, 1)
    const after = decodePart(await clientOf('orders-service').exchange(token, stock), 1)
    expect(after['sub']).toBe(before['sub'])
    expect([after['aud']].flat()).toEqual([inventory])
    expect(listScope(after)).toContain('stock:read')
    expect(listScope(after)).not.toContain('orders:read')
    note(`scope \`${listScope(after).join(' ')}\``)
  })

  for (const { title, expected, ask } of [
    {
      title: 'refuses the exchange for an API that the service may not use',
      expected: atServer.foreignAudience,
      ask: (token: string) => clientOf('orders-service').exchange(token, { ...stock, resource: 'https://archive.example.com' }), // prettier-ignore
    },
    {
      title: 'is asked to exchange a token that is not for the service',
      expected: atServer.foreignToken,
      ask: (token: string) => clientOf('partner-service').exchange(token, { ...stock, scope: 'orders:read' }),
    },
    {
      title: "is asked for more scope than the user's token has",
      expected: atServer.wider,
      ask: (token: string) => clientOf('orders-service').exchange(token, report),
    },
  ])
    test(title, async ({ page, app, shop, note }) => {
      void shop
      const token = await logInToShop(page, app)
      await expectOutcome(ask(token), expected, note)
      // The control: the same token, for what it may be exchanged for.
      await clientOf('orders-service').exchange(token, stock)
    })

  test('refuses the exchange of an expired token', async ({ page, app, shop, note }) => {
    void shop
    await startSession(page, app, server, atServer.briefApp)
    const token = (await getToken(page, { minValidity: 0 })).value!
    const { exchange: exchangeAsService } = clientOf('orders-service')
    // It may be good for a moment of tolerance after its end.
    await expect
      .poll(
        () =>
          exchangeAsService(token, stock).then(
            () => 'granted',
            () => 'refused',
          ),
        { timeout: 90_000 },
      ) // prettier-ignore
      .toBe('refused')
    await expectOutcome(exchangeAsService(token, stock), atServer.expired, note)
  })

  test('passes a call on: app, orders, inventory, with a token for each hop', async ({
    page,
    app,
    shop,
    note,
  }) => {
    await logInToShop(page, app, shop.orders.url)
    const calls = await callApi(page, `${shop.orders.url}/orders/stock?way=impersonation`)
    expect(calls).toHaveLength(2)
    const [first, second] = calls.map(({ presented }) => presented)
    expect(first).toMatchObject({ client: atServer.app.clientId, actors: [] })
    expect(second).toMatchObject({
      client: 'orders-service',
      audience: inventory,
      subject: first!.subject,
      actors: [],
    })
    note(calls.map(describeHop).join('; '))
  })

  test('passes a call on with the service as the actor (delegation)', async ({ page, app, shop, note }) => {
    const token = await logInToShop(page, app, shop.orders.url)
    const url = `${shop.orders.url}/orders/stock?way=delegation`
    if (atServer.delegation === 'ignored') {
      // It answers with success, and with a token that names no actor: an impersonation. The service does not use it.
      const { getOwnToken, exchange: exchangeAsService } = clientOf('orders-service')
      const outcome = exchangeAsService(token, stock, await getOwnToken(report))
      await expect(outcome).rejects.toThrow(/names no actor/)
      expect(await callStatus(page, url)).toBe(500)
      return note('the actor token is ignored: the new token has no `act`')
    }
    const calls = await callApi(page, url)
    expect(calls[1]!.presented).toMatchObject({ audience: inventory, actors: ['orders-service'] })
    note(calls.map(describeHop).join('; '))
  })

  test('passes a call on without a user, for the shop itself', async ({ page, app, shop }) => {
    await logInToShop(page, app, shop.orders.url)
    const calls = await callApi(page, `${shop.orders.url}/orders/supply`)
    expect(calls[1]).toMatchObject({
      by: 'client credentials',
      presented: { client: 'orders-service', actors: [] },
    })
    expect(calls[1]!.presented.subject).not.toBe(calls[0]!.presented.subject)
  })

  test('calls a revoked token inactive at once (introspection)', async ({ page, app, shop, note }) => {
    const token = await logInToShop(page, app)
    const exchanged = await clientOf('orders-service').exchange(token, stock)
    const asInventory = { issuer: server.issuer, clientId: inventory, clientSecret: 'inventory-secret' }
    expect(await isActive(asInventory, exchanged)).toBe(true)
    const readStock = () => fetch(`${shop.inventory.url}/stock`, { headers: { authorization: `Bearer ${exchanged}` } }) // prettier-ignore
    expect((await readStock()).status).toBe(200)
    await revoke(credentialsOf('orders-service'), exchanged)
    expect(await isActive(asInventory, exchanged)).toBe(false)
    // An API that trusts the signature alone does not notice.
    expect((await readStock()).status).toBe(200)
    note('an API that checks only the signature accepts it until it expires')
  })

  test("introspects the app's token for an API that asks at each request", async ({ page, app, shop }) => {
    const token = await logInToShop(page, app)
    const ask = (sent: string) => fetch(`${shop.payments.url}/bills`, { headers: { authorization: `Bearer ${sent}` } }) // prettier-ignore
    expect((await ask(token)).status).toBe(200)
    const forInventory = await clientOf('orders-service').exchange(token, stock)
    expect((await ask(forInventory)).status).toBe(401)
  })

  test('refuses the exchange by the app itself, and says where to exchange', async ({ page, app, note }) => {
    await logInToShop(page, app)
    const { error } = await exchange(page, { audience: inventory })
    expect(error).toMatchObject({ code: atServer.byApp.code, retryable: false })
    expect(error!.message).toMatch(atServer.byApp.message)
    expect((await getToken(page)).error).toBeUndefined()
    note(`\`${atServer.byApp.code}\``)
  })

  test("redeems a JWT of a partner's identity provider (jwt-bearer)", async ({ keys, note }) => {
    void keys
    const { reuse } = requireAbility(atServer.jwtBearer)
    const { redeemJwt } = clientOf('partner-service')
    const issue = (key = readKey('partner')) =>
      createJwtIssuer(partnerIssuer, key).issue({ subject: 'pat', audience: server.issuer })
    const forOrders = { resource: orders, scope: 'orders:read' }
    const assertion = await issue()
    const claims = decodePart(await redeemJwt(assertion, forOrders), 1)
    expect(claims).toMatchObject({ aud: orders, client_id: 'partner-service' })
    expect(listScope(claims)).toContain('orders:read')
    await expectOutcome(redeemJwt(assertion, forOrders), reuse, (text) => note(`a second time: ${text}`))
    const forged = await readRefusal(redeemJwt(await issue(createKey('partner')), forOrders))
    expect(forged).toMatchObject({ error: 'invalid_grant' })
  })
}
