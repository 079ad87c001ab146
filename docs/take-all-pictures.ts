// Takes pictures to look at, of what changes its look by width, scheme and state, into test-results/pictures:
// npm run build && npx tsx docs/take-all-pictures.ts
import { chromium, type Page } from '@playwright/test'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startDemo } from '../demo/start-demo.js'
import type { LoginButton } from '../src/element.js'
import type { TestClient } from '../src/testing.js'
import { startAppServer } from '../test/rig/app-server.js'
import { launchOptions } from '../test/rig/browsers.mjs'
import { buildConsumers, consumersFolder } from '../test/rig/build-consumers.js'

const folder = fileURLToPath(new URL('../test-results/pictures/', import.meta.url))
const phone = { width: 390, height: 844 }
/** As `login()` opens it. */
const popup = { width: 480, height: 680 }
const wide = { width: 1280, height: 1430 }

await buildConsumers()
const browser = await chromium.launch(launchOptions('chromium'))
const demo = await startDemo({ app: 0, authorizationServer: 0 })
try {
  for (const scheme of ['light', 'dark'] as const) {
    await takeButtons(scheme)
    for (const [size, viewport] of Object.entries({ phone, popup, wide }))
      await takeDemo(scheme, size, viewport)
  }
} finally {
  await browser.close()
  await demo.close()
}

async function take(page: Page, name: string): Promise<void> {
  // Neither the pointer nor a ring that moves is part of the picture.
  await page.mouse.move(0, 0)
  await page.screenshot({ path: `${folder}${name}.png`, fullPage: true, animations: 'disabled' })
}

/** All that the demo shows from the first page to a payment, at one width. */
async function takeDemo(
  colorScheme: 'light' | 'dark',
  size: string,
  viewport: { width: number; height: number },
): Promise<void> {
  const page = await browser.newPage({ viewport, colorScheme, locale: 'en-GB', reducedMotion: 'reduce' })
  const name = (what: string) => `demo-${what}-${size}-${colorScheme}`
  const press = (button: string) => page.getByRole('button', { name: button, exact: true }).click()
  await page.goto(demo.url)
  await page.getByText('Nobody is logged in').waitFor()
  await take(page, name('start'))
  await press('Log in with redirect')
  await page.getByLabel('User name').fill('alice')
  await take(page, name('sign-in'))
  await page.getByLabel('Password').fill('any')
  await press('Sign in')
  await page.getByRole('button', { name: 'Allow' }).waitFor()
  await take(page, name('consent'))
  await press('Allow')
  await press('Stock')
  await page.getByRole('heading', { name: 'Delegation' }).waitFor()
  await take(page, name('stock'))
  await press('Revoke this token')
  await page.locator('[data-outcome="refused"]').waitFor()
  await take(page, name('revoked'))
  const [payment] = await Promise.all([page.waitForEvent('popup'), press('Pay')])
  await payment.getByText('payment_initiation').waitFor()
  await take(payment, name('payment-window'))
  await Promise.all([payment.waitForEvent('close'), payment.getByRole('button', { name: 'Allow' }).click()])
  await page.locator('.granted').waitFor()
  await take(page, name('payment'))
  for (const small of ['vanilla', 'react', 'vue', 'script-tag']) {
    await page.goto(`${demo.url}/${small}/`)
    await page.getByRole('button', { name: 'Log in' }).waitFor()
    await take(page, name(small))
  }
  await page.close()
}

/** The states of the button, one below the other, each with a client that is played into it. */
async function takeButtons(colorScheme: 'light' | 'dark'): Promise<void> {
  const app = await startAppServer()
  const meta = '<meta charset="utf-8"><meta name="color-scheme" content="light dark">'
  const look =
    '<style>body{font:16px system-ui;margin:24px}p{margin:20px 0}small{display:block;opacity:.7}</style>'
  const page = await browser.newPage({ viewport: phone, colorScheme, reducedMotion: 'reduce' })
  app.route('/', () => ({ body: `<!doctype html><html lang="en">${meta}<title>Button</title>${look}` }))
  await page.goto(app.origin)
  // What tsx makes of a named function calls it.
  await page.addScriptTag({ content: 'var __name = (named) => named' })
  await page.addScriptTag({ content: readFileSync(`${consumersFolder}/latchkey.js`, 'utf8'), type: 'module' })
  await page.waitForFunction(() => 'latchkey' in window)
  await page.evaluate(() => {
    const { createTestClient } = window.latchkey
    const add = (name: string, play: (button: LoginButton, client: TestClient) => void) => {
      const [line, label] = [document.createElement('p'), document.createElement('small')]
      const button = document.createElement('login-button')
      label.textContent = name
      line.append(label, button)
      document.body.append(line)
      const client = createTestClient({ status: 'logged-out' })
      button.client = client
      play(button, client)
    }
    const click = (button: LoginButton) => button.shadowRoot!.querySelector('button')!.click()
    add('logged out', () => {})
    add('disabled', (button) => (button.disabled = true))
    add('loading', (button) => (button.client = createTestClient({ status: 'loading' })))
    add('opening', (_, client) => client.test.setStage('opening'))
    add('waiting, by its own click', click)
    add('redeeming', (_, client) => client.test.setStage('redeeming'))
    add('failed', (button, client) => (client.test.fail('login', 'popup_blocked'), click(button)))
    add(
      'failed, with a code',
      (button, client) => (client.test.fail('login', 'invalid_id_token'), click(button)),
    )
    add('logged in', (_, client) => client.test.logIn({ sub: 'alice', name: 'Alice' }))
    add('a long name', (_, client) =>
      client.test.logIn({ sub: 'a', email: `${'alice.'.repeat(9)}@example.com` }),
    )
    add('no name', (_, client) => client.test.logIn({ sub: 'alice' }))
    add('session lost', (_, client) => (client.test.logIn({ sub: 'a' }), client.test.logOut('session_lost')))
    add('own colours', (button) =>
      button.setAttribute(
        'style',
        '--latchkey-accent:#a21caf;--latchkey-on-accent:#fff;--latchkey-radius:2em',
      ),
    )
  })
  await page.getByText('Your browser blocked the login window').waitFor()
  await take(page, `buttons-${colorScheme}`)
  await page.close()
  await app.close()
}
