import { expect, test } from '../../rig/fixtures.js'
import { bundleRecipe } from '../../rig/recipe.js'
import { press, signIn } from '../../rig/sign-in.js'

// The code is that of docs/react.md.

/** A router, as far as the test calls it. Only TanStack Router preloads. */
interface Router {
  navigate: (to: unknown) => Promise<void>
  preloadRoute?: (to: { to: string }) => Promise<unknown>
}
declare const window: Window & { recipe: { router: Router } }

const html = `<!doctype html>
<title>Guarded</title>
<link rel="icon" href="data:," />
<div id="root"></div>
<script type="module" src="/recipe.js"></script>`

for (const name of ['react-router', 'tanstack-router']) {
  test(`a guard of ${name} logs in by redirect, returns to the URL with its data, and does not repeat a failed login`, async ({
    page,
    app,
    as,
    startApp,
  }) => {
    const api = await startApp()
    api.route('/orders', ({ headers }) =>
      /^Bearer ./.test(headers.authorization ?? '') ? { body: { orders: ['one', 'two'] } } : { status: 401 },
    )
    const code = await bundleRecipe(`${name}.tsx`, {
      document: 'docs/react.md',
      replace: {
        'https://id.example.com': as.issuer,
        "'spa'": `'${as.clientId}'`,
        'https://api.example.com': api.origin,
      },
      names: ['router'],
      more: `import { createRoot } from 'react-dom/client'
        createRoot(document.getElementById('root')).render(app)`,
    })
    app.route('/recipe.js', () => ({ headers: { 'content-type': 'text/javascript' }, body: code }))
    for (const path of ['/', '/login', '/orders']) app.route(path, () => ({ body: html }))
    const errors: string[] = []
    page.on('pageerror', ({ message }) => errors.push(message))

    await page.goto('/')
    const link = page.getByRole('link', { name: 'Orders' })
    // A link that is only preloaded does not leave the page.
    await page.evaluate(() => window.recipe.router.preloadRoute?.({ to: '/orders' }))
    expect(as.count('authorize')).toBe(0)
    await link.click()
    await page.waitForURL(/\/interaction\//)
    expect(as.count('authorize')).toBe(1)
    await press(page, 'Cancel')
    await page.waitForURL(`${app.origin}/login`)
    await expect(page.getByRole('alert')).toContainText('declined')
    // Nor does the guard try again when the app goes there once more.
    await page.evaluate(
      (to) => window.recipe.router.navigate(to),
      name === 'react-router' ? '/orders' : { to: '/orders' },
    )
    await expect(page).toHaveURL(`${app.origin}/login`)
    expect([as.count('authorize'), api.requests]).toEqual([1, []])
    // The user can.
    await page.getByRole('button', { name: 'Log in' }).click()
    await signIn(page)
    await page.waitForURL(`${app.origin}/orders`)
    await expect(page.getByRole('status')).toHaveText('one,two')

    await page.evaluate(() => window.auth.logout({ local: true }))
    await page.context().clearCookies()
    await page.goto('/orders?status=sent')
    await signIn(page)
    await page.waitForURL(`${app.origin}/orders?status=sent`)
    await expect(page.getByRole('status')).toHaveText('one,two')
    expect(as.count('authorize')).toBe(3)
    // Logged in: the guard lets the user through.
    await page.goto('/')
    await link.click()
    await expect(page.getByRole('status')).toHaveText('one,two')
    expect(as.count('authorize')).toBe(3)
    expect(errors).toEqual([])
  })
}
