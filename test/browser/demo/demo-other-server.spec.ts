import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from '@playwright/test'
import { findFreePort } from '../../../demo/free-port.js'
import { startForServer } from '../../../demo/start-for-server.js'
import {
  startTestAuthorizationServer,
  type TestAuthorizationServer,
  type TestAuthorizationServerOptions,
} from '../../rig/authorization-server.js'
import axe from 'axe-core'
import { expect, expectAccessible, test as base } from '../../rig/demo.js'
import { publishMetadata, readMetadata } from '../../rig/published-metadata.js'
import { popupOf, signIn } from '../../rig/sign-in.js'

interface OtherServer {
  as: TestAuthorizationServer
  /** Starts the demo's app for the server, and opens it. */
  open: () => Promise<void>
}

interface OtherServerOptions {
  serverOptions: TestAuthorizationServerOptions
  /** Further arguments of `npm start`. */
  more: { scope?: string; resource?: string }
}

const test = base.extend<OtherServerOptions & { other: OtherServer }>({
  serverOptions: [{}, { option: true }],
  more: [{}, { option: true }],
  other: async ({ serverOptions, more, context, page }, use, { parallelIndex }) => {
    await context.addInitScript({ content: axe.source })
    const as = await startTestAuthorizationServer(serverOptions)
    // The server must know the app's origin before the app starts.
    const port = await findFreePort(5300 + 20 * parallelIndex)
    as.appOrigins.push(`http://localhost:${port}`)
    const closers: (() => Promise<void>)[] = [() => as.close()]
    const open = async () => {
      const app = await startForServer({
        ...{ issuer: as.issuer, clientId: as.clientId, port },
        scope: 'openid profile',
        ...more,
      })
      closers.unshift(() => app.close())
      expect(app.problems).toEqual([])
      // Clears the requests of the doctor.
      as.requests.length = 0
      await page.goto(app.url)
    }
    await use({ as, open })
    for (const close of closers) await close()
  },
})

// The doctor looks at the server before the app starts.
test.describe.configure({ timeout: 60_000 })

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const ability = (page: Page, name: string) => page.locator('.abilities li').filter({ hasText: name })

async function logIn(page: Page): Promise<void> {
  const popup = await popupOf(page, () => button(page, 'Log in').click())
  await signIn(popup)
  await expect(page.getByRole('status').first()).toHaveText('Logged in as Alice')
}

test.describe('a server that offers everything', () => {
  const resource = 'https://orders.example.com'
  test.use({
    serverOptions: { tokenExchange: true, resources: { [resource]: { scope: 'orders:read' } } },
    more: { scope: 'openid profile orders:read', resource },
  })

  test('logs in, shows the token, userinfo and an exchanged token, and logs out', async ({ page, other }) => {
    const { as, open } = other
    await open()
    await expectAccessible(page)
    await expect(page.locator('.lead')).toContainText(as.issuer)
    await expect(page.locator('.abilities .missing strong')).toHaveText(['The demo’s APIs'])
    await expect(page.locator('.abilities li:not(.missing)')).toHaveCount(8)
    await expect(page.locator('#api-status')).toContainText('Click “Userinfo”')
    await expect(page.locator('.code')).not.toContainText('discovery')
    await logIn(page)
    // Sent again with the nonce that the server requires.
    expect(as.count('pushed_authorization_request')).toBe(2)
    await button(page, 'Get token').click()
    await expect(page.locator('#life-text')).toHaveText('until the access token expires')
    await button(page, 'Userinfo').click()
    await expect(page.locator('#api-answer')).toContainText('Alice')
    await expect(page.locator('#api-status')).toHaveText(/^getUserInfo\(\) took/)
    await button(page, 'Exchange').click()
    await expect(page.locator('#api-status')).toHaveText(/^exchangeToken\(\) took/)
    await expect(page.locator('#api-answer')).toContainText(resource)
    await expectAccessible(page)
    await button(page, 'Log out').click()
    await expect(page.getByText('Nobody is logged in')).toBeVisible()
    // The app shows the logout before the page leaves for the server.
    await expect.poll(() => as.count('end_session')).toBeGreaterThan(0)
  })

  test('disables what needs the demo’s own servers, and says why', async ({ page, other }) => {
    await other.open()
    await logIn(page)
    for (const name of [
      'Call API',
      'Refunds',
      'Bills',
      'Pay',
      'Stock',
      'Supply',
      'Partner (SAML)',
      'Revoke this token',
    ]) {
      await expect(button(page, name)).toBeDisabled()
      await expect(button(page, name)).toHaveAccessibleDescription(
        /accept only tokens from the demo’s own server/,
      )
    }
    await expect(page.locator('.picture')).toContainText('run npm start without --issuer')
    // The control: what the server offers is enabled.
    for (const name of ['Get token', 'Userinfo', 'Exchange', 'Log out'])
      await expect(button(page, name)).toBeEnabled()
  })
})

test.describe('a server that offers little', () => {
  test.use({ serverOptions: { dpop: 'off', par: 'off' } })

  test('greys out what the server lacks, says why, and works without it', async ({ page, other }) => {
    const { as, open } = other
    await publishMetadata(as, {
      end_session_endpoint: undefined,
      revocation_endpoint: undefined,
      userinfo_endpoint: undefined,
    })
    await open()
    for (const [name, reason] of [
      ['DPoP', 'no dpop_signing_alg_values_supported'],
      ['PAR', 'no pushed_authorization_request_endpoint'],
      ['Userinfo', 'no userinfo_endpoint'],
      ['Token exchange', 'not in grant_types_supported'],
      ['Single logout', 'ends only the session of this app'],
      ['Token revocation', 'no revocation_endpoint'],
      ['Resource indicators', '--resource <uri>'],
    ] as const) {
      await expect(ability(page, name)).toContainText(reason)
      await expect(ability(page, name).locator('.tag')).toHaveText('No')
    }
    await expectAccessible(page)
    await expect(page.locator('#api-status')).toHaveText(
      'At this server, there is nothing to call from here.',
    )
    await logIn(page)
    await expect(button(page, 'Userinfo')).toBeDisabled()
    await expect(button(page, 'Userinfo')).toHaveAccessibleDescription(/no userinfo_endpoint/)
    await expect(button(page, 'Exchange')).toHaveAccessibleDescription(/not in grant_types_supported/)
    await button(page, 'Get token').click()
    await expect(page.locator('#life-text')).toHaveText('until the access token expires')
    await button(page, 'Log out').click()
    await expect(page.getByText('Nobody is logged in')).toBeVisible()
    expect(as.count('end_session')).toBe(0)
  })
})

test('logs in at a server that has its metadata only where RFC 8414 puts it', async ({ page, other }) => {
  const { as, open } = other
  const body = await readMetadata(as)
  as.fault('metadata', { status: 404, when: ({ path }) => path === '/.well-known/openid-configuration' })
  as.fault('metadata', { body })
  await open()
  await expect(page.locator('.code')).toContainText("discovery: 'oauth2',")
  await logIn(page)
})

test('greys out userinfo if its preflight is refused (CORS)', async ({ page, other }) => {
  const { as, open } = other
  const silent = createServer((_request, response) => response.end()).listen(0, 'localhost')
  await once(silent, 'listening')
  const userinfo_endpoint = `http://localhost:${(silent.address() as AddressInfo).port}/me`
  await publishMetadata(as, { userinfo_endpoint })
  await open()
  await expect(ability(page, 'Userinfo')).toContainText('does not let this origin call it (CORS)')
  await expect(ability(page, 'DPoP').locator('.tag')).toHaveText('Yes')
  await logIn(page)
  await expect(button(page, 'Userinfo')).toBeDisabled()
  await expect(button(page, 'Get token')).toBeEnabled()
  silent.close()
})
