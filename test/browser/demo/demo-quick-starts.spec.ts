import { createHash } from 'node:crypto'
import type { Page } from '@playwright/test'
import { parse } from 'acorn'
import { quickStarts } from '../../../demo/quick-start-page.js'
import { expect, expectAccessible, test } from '../../rig/demo.js'
import { popupOf, press, signIn } from '../../rig/sign-in.js'

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

for (const name of quickStarts) {
  test(`${name}: logs in by popup, calls the API, stays logged in over a reload, and follows a logout in a second tab`, async ({
    page,
    demo,
  }) => {
    const errors: unknown[] = []
    page.on('pageerror', (error) => errors.push(error))
    await page.goto(`${demo.url}/${name}/`)
    await expectAccessible(page)
    const popup = await popupOf(page, () => button(page, 'Log in').click())
    await signIn(popup)
    await press(popup, 'Allow')
    await expect(page.getByText('Alice').first()).toBeVisible()
    await button(page, 'Call API').click()
    await expect(page.getByRole('list', { name: 'Orders' }).getByRole('listitem')).toHaveCount(4)
    await expectAccessible(page)

    await page.reload()
    await expect(page.getByText('Alice').first()).toBeVisible()
    const tab = await page.context().newPage()
    await tab.goto(`${demo.url}/${name}/`)
    await button(tab, 'Log out').click()
    await expect(button(page, 'Log in')).toBeVisible()
    await expect(page.getByText('Alice')).toHaveCount(0)
    await press(tab, 'Sign out')
    await expect(tab).toHaveURL(`${demo.url}/${name}/`)
    expect(errors).toEqual([])
  })
}

test('the script tag page has a strict CSP, an integrity hash and ECMAScript 5 code', async ({
  page,
  request,
  demo,
}) => {
  const at = `${demo.url}/script-tag/`
  const read = async (path: string) => (await request.get(at + path)).text()
  const policy = (await request.get(at)).headers()['content-security-policy']!.split('; ')
  // Nothing inline, and nothing from elsewhere but the servers that it calls.
  expect(
    policy.filter((directive) => /^(default|script|style|object)-src |^base-uri /.test(directive)),
  ).toEqual([`default-src 'self'`, `base-uri 'none'`, `object-src 'none'`])
  expect(policy).toEqual(
    expect.arrayContaining([`require-trusted-types-for 'script'`, `trusted-types 'none'`]),
  )
  expect(policy.join()).not.toContain('unsafe')

  const digest = createHash('sha384')
    .update(await read('latchkey.global.js'))
    .digest('base64')
  await page.goto(at)
  const tag = page.locator('script[src="latchkey.global.js"]')
  await expect(tag).toHaveAttribute('integrity', `sha384-${digest}`)
  // The control: with another hash the browser runs none of it.
  await page.route(at, async (route) => {
    const response = await route.fetch()
    const body = (await response.text()).replace(digest, 'A'.repeat(64))
    await route.fulfill({ response, body })
  })
  expect(await page.evaluate('typeof Latchkey')).toBe('object')
  await page.reload()
  expect(await page.evaluate('typeof Latchkey')).toBe('undefined')
  await expect(page.getByText('Logging in needs JavaScript.')).toBeVisible()

  const isOf2010 = (code: string) => {
    try {
      return !!parse(code, { ecmaVersion: 5 })
    } catch {
      return false
    }
  }
  const main = await read('main.js')
  expect(isOf2010(main)).toBe(true)
  expect(isOf2010(main.replace('function () {', '() => {'))).toBe(false)
})

test('the quick start apps link to each other, and share one session', async ({ page, demo }) => {
  await page.goto(`${demo.url}/vanilla/`)
  const popup = await popupOf(page, () => button(page, 'Log in').click())
  await signIn(popup)
  await press(popup, 'Allow')
  // A page that is left too early takes its login with it.
  await expect(page.getByText('Alice').first()).toBeVisible()
  for (const name of [...quickStarts, 'vanilla']) {
    await page.locator(`nav a[href="/${name}/"]`).click()
    await expect(page).toHaveURL(`${demo.url}/${name}/`)
    await expect(page.getByText('Alice').first()).toBeVisible()
    await expect(page.locator('nav a[aria-current="page"]')).toHaveAttribute('href', `/${name}/`)
  }
  await page.locator('nav a[href="/"]').click()
  // Its tokens are bound to a key, so its session is another one.
  await expect(page.getByText('Nobody is logged in')).toBeVisible()
})
