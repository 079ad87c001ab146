import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import { popupOf } from '../rig/sign-in.js'
import { appPort } from './addresses.js'
import { expect, test as serverTest } from './fixtures.js'
import { annotationTypes } from './read-report.js'
import type { RealServer } from './real-server.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

const test = serverTest.extend<{ demoUrl: string }>({
  // The demo uses the port of the test app.
  baseURL: async ({}, use) => use(undefined),

  /** The URL of the demo's app, started for the server with the command from the docs. */
  demoUrl: async ({ server }, use) => {
    const { clientId, scope = 'openid' } = server.client
    const of = ['--issuer', server.issuer, '--client-id', clientId, '--scope', scope]
    const args = ['demo/start.mjs', ...of, '--port', String(appPort)]
    const demo = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    await new Promise<void>((resolve, reject) => {
      const listen = (text: string) => {
        said += text
        if (said.includes('Ctrl+C')) resolve()
      }
      demo.stdout.setEncoding('utf8').on('data', listen)
      demo.stderr.setEncoding('utf8').on('data', listen)
      demo.once('exit', () => reject(new Error(said)))
    })
    const exit = once(demo, 'exit')
    try {
      expect(said).not.toContain('will probably fail')
      await use(`http://localhost:${appPort}`)
    } finally {
      demo.kill('SIGTERM')
    }
    expect(await exit).toEqual([0, null])
  },
})

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

/** Adds the test of the demo at a server: `npm start -- --issuer`. */
export function walkDemo(server: RealServer): void {
  test.use({ server })

  test("lets the demo's app log in, read userinfo and log out, with what is missing greyed out", async ({
    page,
    demoUrl,
  }, { annotations }) => {
    test.slow()
    const { missing, exchange } = server.demo
    await page.goto(demoUrl)
    const greyed = page.locator('.abilities .missing strong')
    expect(await greyed.allTextContents()).toEqual(missing)
    annotations.push({ type: annotationTypes.note, description: `greyed out: ${missing.join(', ')}` })

    const popup = await popupOf(page, () => button(page, 'Log in').click())
    await server.signIn(popup)
    await expect(page.getByRole('status').first()).toHaveText(/^Logged in as/)
    await button(page, 'Get token').click()
    await expect(page.locator('#life-text')).toHaveText('until the access token expires')
    await button(page, 'Userinfo').click()
    for (const value of Object.values(server.userInfo))
      await expect(page.locator('#api-answer')).toContainText(String(value))
    await expect(button(page, 'Call API')).toBeDisabled()
    if (exchange) {
      await button(page, 'Exchange').click()
      await expect(page.getByRole('alert')).toContainText(exchange)
    } else await expect(button(page, 'Exchange')).toHaveAccessibleDescription(/grant_types_supported/)

    await button(page, 'Log out').click()
    await page.waitForURL(`${demoUrl}/`)
    await expect(page.getByText('Nobody is logged in')).toBeVisible()
    // The session at the server has ended, too: the next login asks who it is.
    await server.signIn(await popupOf(page, () => button(page, 'Log in').click()))
    await expect(page.getByRole('status').first()).toHaveText(/^Logged in as/)
  })
}
