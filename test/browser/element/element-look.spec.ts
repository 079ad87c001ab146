import type { Page } from '@playwright/test'
import type { LoginButton } from '../../../src/element.js'
import type { TestClient } from '../../../src/testing.js'
import { expect, test } from '../../rig/fixtures.js'
import { openButtonPage } from '../../rig/login-button-page.js'
import { popupOf, signIn } from '../../rig/sign-in.js'

const library = '<script type="module" src="/latchkey.js"></script>'
const named = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

/** Gives the button of a page a client that is played, and plays it. */
const play = (page: Page, what: (client: TestClient) => void) =>
  page.evaluate(`{
    const button = document.querySelector('login-button')
    button.client ??= latchkey.createTestClient({ status: 'logged-out' })
    ;(${what})(button.client)
  }`)

/** Reads the look of a part as the browser computes it. */
const readStyle = (page: Page, part: string, property: string) =>
  page
    .locator('login-button')
    .evaluate(
      (button: LoginButton, [name, wanted]) =>
        getComputedStyle(button.shadowRoot!.querySelector(`[part~=${name}]`)!).getPropertyValue(wanted!),
      [part, property],
    )

test('lets the page style its parts', async ({ page, app }) => {
  const parts = ['log-in', 'error', 'show-window', 'cancel', 'progress', 'log-out', 'user']
  const rules = parts.map((part, at) => `login-button::part(${part}) { letter-spacing: ${at + 1}px }`)
  const read = async (head: string) => {
    await openButtonPage(page, app, { markup: '<login-button></login-button>', head: library + head })
    const seen: Record<string, string> = {}
    const look = async (...names: string[]) => {
      for (const name of names) seen[name] = await readStyle(page, name, 'letter-spacing')
    }
    await play(page, (client) => client.test.fail('login', 'popup_blocked'))
    await named(page, 'Log in').click()
    await expect(page.getByRole('alert')).not.toBeEmpty()
    await look('log-in', 'error')
    await named(page, 'Log in').click()
    await expect(named(page, 'Cancel')).toBeVisible()
    await look('show-window', 'cancel', 'progress')
    await play(page, (client) => client.test.logIn({ sub: 'alice', name: 'Alice' }))
    await expect(named(page, 'Log out')).toBeVisible()
    await look('log-out', 'user')
    return seen
  }
  expect(await read(`<style>${rules.join('')}</style>`)).toEqual(
    Object.fromEntries(parts.map((part, at) => [part, `${at + 1}px`])),
  )
  // The control: the page says nothing.
  expect(await read('')).toEqual(Object.fromEntries(parts.map((part) => [part, 'normal'])))
})

test('takes its colours and border radius from custom properties', async ({ page, app }) => {
  const read = async (style: string) => {
    const markup = `<login-button style="${style}"></login-button>`
    await openButtonPage(page, app, { markup, head: library })
    await play(page, (client) => client.test.fail('login', 'popup_blocked'))
    await named(page, 'Log in').click()
    await expect(page.getByRole('alert')).not.toBeEmpty()
    return Promise.all([
      readStyle(page, 'log-in', 'background-color'),
      readStyle(page, 'log-in', 'color'),
      readStyle(page, 'log-in', 'border-top-left-radius'),
      readStyle(page, 'error', 'color'),
    ])
  }
  const ours = await read('')
  const own = { accent: 'rgb(1, 2, 3)', 'on-accent': 'rgb(4, 5, 6)', radius: '7px', error: 'rgb(8, 9, 10)' }
  const style = Object.entries(own).map(([name, value]) => `--latchkey-${name}: ${value}`)
  expect(await read(style.join(';'))).toEqual(Object.values(own))
  // The control: one of them changes nothing else.
  expect(await read(style[0]!)).toEqual([own.accent, ...ours.slice(1)])
  expect(ours).not.toContain(own.accent)
})

test.describe('with two APIs', () => {
  const resources = ['https://orders.example.com', 'https://bills.example.com']
  test.use({ asOptions: { resources: Object.fromEntries(resources.map((one) => [one, { scope: 'read' }])) } })

  test('requests each resource in its attribute', async ({ page, as, app }) => {
    const asked: string[][] = []
    page.context().on('request', (request) => {
      const { pathname, searchParams } = new URL(request.url())
      if (pathname === '/auth') asked.push(searchParams.getAll('resource'))
    })
    const logIn = async (attribute: string) => {
      const at = `issuer="${as.issuer}" client-id="${as.clientId}" scope="openid read"`
      await openButtonPage(page, app, {
        markup: `<login-button ${at} ${attribute}></login-button>`,
        head: library,
      })
      await signIn(await popupOf(page, () => named(page, 'Log in').click()))
      await expect(named(page, 'Log out')).toBeVisible()
    }
    await logIn(`resource="  ${resources.join('\n ')} "`)
    expect(asked).toEqual([resources])
    const token = (resource: string) =>
      page
        .locator('login-button')
        .evaluate((button: LoginButton, wanted) => button.client!.getTokenSet({ resource: wanted }), resource)
    for (const resource of resources) expect(await token(resource)).toMatchObject({ resource, scope: 'read' })
    // The control.
    await page
      .locator('login-button')
      .evaluate((button: LoginButton) => button.client!.logout({ local: true }))
    await page.context().clearCookies()
    await logIn('')
    expect(asked.at(-1)).toEqual([])
  })
})
